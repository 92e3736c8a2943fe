"""What a study can detect, by simulation: raters, images and systems differ, and each answer varies by chance."""

import numpy as np
from scipy import stats

from img2tweet_tf.study.design import assign
from img2tweet_tf.study.statistics import holm, pairs_of, wilcoxon
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import progress

DIFFERENCES = (0, 0.1, 0.2, 0.3, 0.4, 0.5)  # of mean answers, in points
CUTS = (-1.5, -0.5, 0.5, 1.5)  # on the latent scale, between the five answers


def simulate_answers(raters, items, systems, effects, rater_sd=0.7, item_sd=0.7, seed=0):
    """Simulates the answers to one question, int (raters, items), 1 to 5, and who saw what, int (raters, items).

    An answer is a latent number cut into five: the system's effect, the rater's and the image's leaning (normal, with
    the given standard deviations), and noise (standard normal).

    Args:
        effects: (systems,), on the latent scale: 1 is one standard deviation of the noise.
    """
    chance = np.random.default_rng(seed)
    seen = assign(raters, items, systems, int(chance.integers(2**31)))
    latent = np.asarray(effects, float)[seen]
    latent = latent + chance.normal(0, rater_sd, (raters, 1)) + chance.normal(0, item_sd, items)
    return 1 + np.digitize(latent + chance.normal(size=latent.shape), CUTS), seen


def study_power(
    raters=35, items=30, systems=3, differences=DIFFERENCES, rater_sd=0.7, item_sd=0.7, samples=200, seed=0
):
    """Estimates how often a study finds that one of its systems is better than the others.

    In each simulated study the first system is better by a difference of mean answers, in points of the five-point
    scale, and the others are alike. It counts as found where Wilcoxon's test between the first and the second system,
    corrected by Holm over all pairs, gives less than 0.05. The difference 0 shows how often a false alarm is raised
    between any two systems.

    Returns:
        list of dicts: "difference" asked for and "measured" (mean over the samples), "power" (share of studies) and its
        95 % interval "low", "high" (Wilson's).

    Raises:
        Img2TweetError: fewer than two systems, or as many raters or items as make no study.
    """
    if systems < 2 or raters < 6 or items < systems:
        raise Img2TweetError(
            f"study power: expected two systems or more, 6 raters, an image a system; got {systems}, {raters}, {items}"
        )
    spread = np.sqrt(1 + rater_sd**2 + item_sd**2)
    found = []
    for difference in progress(differences, "differences"):
        effects = np.zeros(systems)
        effects[0] = _latent(difference, spread)
        hits, measured = 0, []
        for sample in range(samples):
            answers, seen = simulate_answers(
                raters, items, systems, effects, rater_sd, item_sd, [seed, sample, int(1000 * difference)]
            )
            means = np.stack([_means(answers, seen == system) for system in range(systems)], axis=1)
            pairs = pairs_of(range(systems))
            corrected = holm([wilcoxon(means[:, a], means[:, b])[1] for a, b in pairs])
            hits += (corrected < 0.05).any() if difference == 0 else corrected[pairs.index((0, 1))] < 0.05
            measured.append(np.mean(means[:, 0] - means[:, 1]))
        interval = stats.binomtest(int(hits), samples).proportion_ci(method="wilson")
        found.append(
            {"difference": float(difference), "measured": float(np.mean(measured)), "power": float(hits / samples)}
            | {"low": float(interval.low), "high": float(interval.high)}
        )
    return found


def _means(answers, here):
    """Returns each rater's mean (raters,) of the answers that are marked."""
    return (answers * here).sum(axis=1) / here.sum(axis=1)


def _latent(difference, spread):
    """Returns the effect on the latent scale that moves the mean answer by a difference, by bisection."""

    def mean(effect):
        return 1 + sum(stats.norm.sf((cut - effect) / spread) for cut in CUTS)

    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if mean(middle) - mean(0) < difference else (low, middle)
    return (low + high) / 2
