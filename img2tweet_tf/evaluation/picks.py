"""Examples to look at, picked by rule and not by taste: the best, the median and the worst by a score."""

import json
from pathlib import Path

import numpy as np

from img2tweet_tf.evaluation.metrics import example_stats


def good_median_bad(folder, count=2, metric="cider"):
    """Picks predictions of an evaluation by their score.

    Args:
        folder: what `evaluate` wrote.
        count: how many of each kind; kinds do not overlap unless there are fewer predictions than asked for.
        metric: "cider" or "rouge_l"; equal scores are in the order of the images.

    Returns:
        list of dicts: "kind" ("good", "median" or "bad"), "score", and what predictions.jsonl holds of the image.
    """
    lines = (Path(folder) / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    scores = example_stats([row["prediction"] for row in rows], [row["references"] for row in rows])[metric]
    order = np.argsort(-scores, kind="stable")
    middle = max((len(order) - count) // 2, 0)
    chosen = {"good": order[:count], "median": order[middle : middle + count], "bad": order[-count:]}
    return [
        {"kind": kind, "score": float(scores[place]), **rows[place]}
        for kind, places in chosen.items()
        for place in places
    ]
