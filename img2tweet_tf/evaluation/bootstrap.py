"""How sure a score is: confidence intervals by resampling images.

Source: Koehn (2004), Statistical significance tests for machine translation evaluation. Images are drawn with
replacement; a corpus score (BLEU) is computed anew from each draw's summed counts, a mean (CIDEr-D, ROUGE-L) from its
examples. CIDEr-D's word weights stay those of the whole set. Several seeds of a system are averaged within each draw,
so an interval speaks of the images, not of the seeds: report the spread over seeds beside it.
"""

from typing import NamedTuple

import numpy as np

from img2tweet_tf.evaluation.bleu import ORDERS, bleu
from img2tweet_tf.utils.errors import Img2TweetError

MEANS = ("cider", "rouge_l", "length")
_AT_ONCE = 2_000_000  # weights held at a time, 16 MB


class Interval(NamedTuple):
    """A value and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def bootstrap_interval(stats, metric, samples=2000, seed=0):
    """Returns the `Interval` of a system's metric.

    Args:
        stats: `example_stats` of the system, or a list of them, one for each seed it was trained with.
        metric: "bleu_1" to "bleu_4", "cider", "rouge_l" or "length".
        samples: how many draws of images.
        seed: integer; the same seed draws the same images.
    """
    examples = _examples(stats, metric)
    return _interval(_value(examples, None, metric), _draws([examples], metric, samples, seed)[0])


def paired_bootstrap(a, b, metric, samples=2000, seed=0):
    """Returns the `Interval` of metric(a) - metric(b), both scored on the same draws of the same images.

    An interval without 0 says that the difference holds for other images of this kind. Arguments as for
    `bootstrap_interval`; `a` and `b` may have different numbers of seeds.

    Raises:
        Img2TweetError: the systems were scored on different numbers of images.
    """
    first, second = _examples(a, metric), _examples(b, metric)
    if first.shape[1] != second.shape[1]:
        raise Img2TweetError(
            f"paired_bootstrap: expected the same images for both systems, got {first.shape[1]} and {second.shape[1]}"
        )
    draws = _draws([first, second], metric, samples, seed)
    return _interval(_value(first, None, metric) - _value(second, None, metric), draws[0] - draws[1])


def _examples(stats, metric):
    """Returns per-example numbers (seeds, images, columns) of a metric."""
    known = (*(f"bleu_{order}" for order in range(1, ORDERS + 1)), *MEANS)
    if metric not in known:
        raise Img2TweetError(f"bootstrap: expected a metric of {', '.join(known)}, got {metric}")
    seeds = [stats] if isinstance(stats, dict) else list(stats)
    arrays = [np.asarray(one["bleu" if metric.startswith("bleu") else metric], np.float64) for one in seeds]
    if not arrays or len({len(array) for array in arrays}) > 1 or not len(arrays[0]):
        raise Img2TweetError("bootstrap: expected the same images, one or more, for every seed of a system")
    stacked = np.stack(arrays)
    return stacked if stacked.ndim == 3 else stacked[..., None]


def _value(examples, weights, metric):
    """Returns the metric averaged over seeds: of all images (float), or of each draw's weights (draws, images)."""
    if weights is None:
        weights = np.ones((1, examples.shape[1]))
    totals = np.stack([weights @ seed for seed in examples])  # (seeds, draws, columns)
    if metric.startswith("bleu"):
        values = bleu(totals, int(metric[-1]))
    else:
        values = totals[..., 0] / examples.shape[1]
    means = values.mean(axis=0)
    return float(means[0]) if len(means) == 1 else means


def _draws(systems, metric, samples, seed):
    """Returns the metric of each system on the same draws of images (systems, samples)."""
    images, rng = systems[0].shape[1], np.random.default_rng(seed)
    step, parts = max(_AT_ONCE // images, 1), []
    for start in range(0, samples, step):
        drawn = rng.multinomial(images, np.full(images, 1 / images), size=min(step, samples - start)).astype(np.float64)
        parts.append([np.atleast_1d(_value(examples, drawn, metric)) for examples in systems])
    return np.concatenate(parts, axis=1)


def _interval(value, draws):
    low, high = np.percentile(draws, (2.5, 97.5))
    return Interval(float(value), float(low), float(high))
