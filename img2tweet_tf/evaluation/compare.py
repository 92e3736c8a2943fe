"""Several evaluations of one system, trained with different seeds, against the trivial systems on the same images."""

import json
from pathlib import Path

import numpy as np

from img2tweet_tf.evaluation.bootstrap import bootstrap_interval, paired_bootstrap
from img2tweet_tf.evaluation.metrics import BASELINES, example_stats
from img2tweet_tf.utils.errors import Img2TweetError

_TRIVIAL = [prefix.rstrip("_") for prefix in BASELINES]
ALIKE = ("system", "data", "split", "target", "context", "trained_on", "encoder", "vectors", "decoding")  # in all
COMPARED = ("bleu_1", "bleu_4", "cider", "rouge_l")


def compare(folders, metrics=COMPARED, samples=2000, seed=0):
    """Pools the `predictions.jsonl` of evaluations that differ in their seed alone.

    Args:
        folders: what `evaluate` wrote for each seed; the images and their order must be the same.
        metrics: names that `bootstrap_interval` knows.
        samples, seed: of the bootstrap over images.

    Returns:
        list of dicts, one a metric: "metric", "mean" and "sd" over the seeds, "low" and "high" (95 % over images), and
        for each trivial system its value under its name, and under NAME_gain, NAME_gain_low, NAME_gain_high the paired
        difference to it.

    Raises:
        Img2TweetError: a folder holds no predictions, or those of other images, of another system or of the same seed.
    """
    _check_seeds(folders)
    runs = [_predictions(folder) for folder in folders]
    for folder, rows in zip(folders, runs, strict=True):
        if [row["id"] for row in rows] != [row["id"] for row in runs[0]]:
            raise Img2TweetError(f"{folder}: not the images of {folders[0]}; expected the same split of one set")
    references = [row["references"] for row in runs[0]]
    ours = [example_stats([row["prediction"] for row in rows], references) for rows in runs]
    trivial = {
        name: [example_stats([row[name] for row in rows], references) for rows in runs]
        for name in _TRIVIAL
        if name in runs[0][0]
    }
    table = []
    for metric in metrics:
        each = [bootstrap_interval(stats, metric, samples=1).value for stats in ours]
        _, low, high = bootstrap_interval(ours, metric, samples, seed)
        row = {"metric": metric, "mean": float(np.mean(each)), "sd": float(np.std(each, ddof=min(1, len(each) - 1)))}
        row |= {"low": low, "high": high}
        for name, stats in trivial.items():
            gain = paired_bootstrap(ours, stats, metric, samples, seed)
            row[name] = bootstrap_interval(stats, metric, samples=1).value
            row |= {f"{name}_gain": gain.value, f"{name}_gain_low": gain.low, f"{name}_gain_high": gain.high}
        table.append(row)
    return table


def as_text(table, seeds):
    """Returns the table of `compare` as lines to print."""
    names = [name for name in _TRIVIAL if name in table[0]]
    head = f"{'':<10}" + f"mean (sd of {seeds} seeds) [95 %]".ljust(36)
    lines = [head + "".join(f"{name:<16}" + "gain [95 %]".ljust(28) for name in names)]
    for row in table:
        line = f"{row['metric']:<10}"
        line += f"{row['mean']:.3f} ({row['sd']:.3f}) [{row['low']:.3f}, {row['high']:.3f}]".ljust(36)
        for name in names:
            gain, low, high = (row[f"{name}_gain{end}"] for end in ("", "_low", "_high"))
            line += f"{row[name]:<16.3f}" + f"{gain:+.3f} [{low:+.3f}, {high:+.3f}]".ljust(28)
        lines.append(line.rstrip())
    return "\n".join(lines)


def _check_seeds(folders):
    """Raises `Img2TweetError` unless the `metrics.json` of the folders differ in their seed, and in that alone."""
    seen = {}
    for folder in folders:
        about = _about(folder)
        for name in ALIKE:
            if about[name] != (expected := _about(folders[0])[name]):
                came = f"{name} {about[name]}, not {expected} as in {folders[0]}"
                raise Img2TweetError(f"{folder}: {came}; name evaluations that differ in their seed alone")
        if about["seed"] in seen:
            raise Img2TweetError(f"{folder}: seed {about['seed']}, as in {seen[about['seed']]}; name each seed once")
        seen[about["seed"]] = folder


def _about(folder):
    """Returns what `metrics.json` says of the system and of the seed."""
    file = Path(folder) / "metrics.json"
    try:
        metrics = json.loads(file.read_text(encoding="utf-8"))
        return {name: metrics[name] for name in (*ALIKE, "seed")}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Img2TweetError(f"{file}: no metrics of an evaluation ({error}); expected what evaluate wrote") from None


def _predictions(folder):
    file = Path(folder) / "predictions.jsonl"
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        if rows and all(isinstance(row, dict) and {"id", "prediction", "references"} <= row.keys() for row in rows):
            return rows
    except (OSError, ValueError) as error:
        raise Img2TweetError(f"{folder}: no predictions to compare ({error}); expected what evaluate wrote") from None
    raise Img2TweetError(f"{file}: holds no predictions; expected what evaluate wrote")
