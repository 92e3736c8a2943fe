"""What answers say: means, an ordinal model, tests by ranks, agreement. All methods are those of established libraries.

Answers of one rater belong together (some like everything), and so do answers to one image (some images are funny).
The ordinal model knows both: generalised estimating equations for ordered answers (Lipsitz et al. 1994, by statsmodels)
estimate by how much a system moves the odds of a higher answer, and the covariance is clustered in two ways, by rater
and by item (Cameron, Gelbach and Miller 2011). It assumes no distribution of raters or items, and needs seconds. A
Bayesian cumulative model would say more about single raters, at the price of a sampler that is hard to check.

Beside it stands a test that assumes no model: Friedman's, and Wilcoxon's between pairs of systems, on each rater's
mean of each system, with Holm's correction over the pairs and questions.
"""

import itertools
import warnings

import numpy as np
from scipy import stats

from img2tweet_tf.utils.errors import Img2TweetError

LEVEL = 0.95
MOST_LOG_ODDS = 12  # beyond it the systems' answers do not overlap, and no odds can be estimated


def means(table):
    """Returns (mean, low, high) of answers, float (raters, answers) with nan for none: a t interval over raters."""
    of_rater = np.nanmean(np.asarray(table, float), axis=1)
    of_rater = of_rater[~np.isnan(of_rater)]
    mean, error = of_rater.mean(), stats.sem(of_rater) if len(of_rater) > 1 else np.nan
    low, high = stats.t.interval(LEVEL, len(of_rater) - 1, mean, error) if error > 0 else (mean, mean)
    return float(mean), float(low), float(high)


def friedman(by_rater):
    """Returns (statistic, p) of Friedman's test; `by_rater` is float (raters, systems). Two systems: Wilcoxon's."""
    by_rater = np.asarray(by_rater, float)
    if by_rater.shape[1] == 2:
        return wilcoxon(by_rater[:, 0], by_rater[:, 1])
    if len(by_rater) < 3:
        return np.nan, np.nan
    return tuple(map(float, stats.friedmanchisquare(*by_rater.T)))


def wilcoxon(first, second, alternative="two-sided"):
    """Returns (statistic, p) of Wilcoxon's signed-rank test on paired numbers."""
    difference = np.asarray(first, float) - np.asarray(second, float)
    if not np.any(np.round(difference, 12)):
        return 0.0, 1.0
    found = stats.wilcoxon(np.round(difference, 12), alternative=alternative)
    return float(found.statistic), float(found.pvalue)


def holm(p_values):
    """Returns p-values corrected for their number (Holm 1979); nan stays nan.

    The same as statsmodels' `multipletests`, which collects garbage at each call: 0.1 s, too long for simulations.
    """
    corrected = np.array(p_values, float)
    there = np.flatnonzero(~np.isnan(corrected))
    order = there[np.argsort(corrected[there])]
    steps = corrected[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected


def agreement(ratings):
    """Returns Krippendorff's alpha of ordered answers, float (raters, units) with nan for none."""
    import krippendorff

    ratings = np.asarray(ratings, float)
    if len(np.unique(ratings[~np.isnan(ratings)])) < 2 or not (np.sum(~np.isnan(ratings), axis=0) > 1).any():
        return np.nan
    return float(krippendorff.alpha(reliability_data=ratings, level_of_measurement="ordinal"))


def ordinal_effects(answers, systems, raters, items, baseline):
    """Estimates by how much each system raises answers over a baseline, in log odds of a higher answer.

    Args:
        answers: int (n,), 1 to 5.
        systems, raters, items: what each answer is of, (n,).
        baseline: the system that the others are compared with.

    Returns:
        dict {system: {"log_odds", "low", "high", "p"}} for the others; empty where nothing can be estimated, as where
        answers are all the same, or those of two systems do not overlap.
    """
    from statsmodels.genmod import cov_struct
    from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE

    answers, systems = np.asarray(answers), np.asarray(systems)
    others = [name for name in dict.fromkeys(systems.tolist()) if name != baseline]
    if len(np.unique(answers)) < 2 or not others:
        return {}
    design = np.stack([systems == name for name in others], axis=1).astype(float)
    clusters = [np.asarray(raters), np.asarray(items), np.char.add(np.asarray(raters, str), np.asarray(items, str))]
    covariances = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of steps on the way; whether it converged is looked at below
        for groups in clusters:
            codes = np.unique(groups, return_inverse=True)[1]
            fit = OrdinalGEE(answers, design, groups=codes, cov_struct=cov_struct.Independence()).fit(maxiter=200)
            covariances.append(np.asarray(fit.cov_params())[-len(others) :, -len(others) :])
    by_rater, by_item, by_both = covariances
    variances = np.maximum(np.diag(by_rater + by_item - by_both), np.diag(by_rater))
    values = np.asarray(fit.params)[-len(others) :]
    if not (np.abs(values) < MOST_LOG_ODDS).all() or not (variances > 0).all():
        return {}
    errors = np.sqrt(variances)
    width = stats.norm.ppf((1 + LEVEL) / 2)
    return {
        name: {
            "log_odds": float(value), "low": float(value - width * error), "high": float(value + width * error),
            "p": float(2 * stats.norm.sf(abs(value / error))),
        }
        for name, value, error in zip(others, values, errors, strict=True)
    }  # fmt: skip


def correlation(scores, judged, seed=0, samples=1000):
    """Returns Kendall's tau-b of two lists of numbers with its 95 % interval: (tau, low, high), by bootstrap.

    Raises:
        Img2TweetError: the lists are not of one length.
    """
    scores, judged = np.asarray(scores, float), np.asarray(judged, float)
    if scores.shape != judged.shape:
        raise Img2TweetError(f"correlation: expected lists of one length, got {len(scores)} and {len(judged)}")
    count = len(scores)
    drawn = np.random.default_rng(seed).integers(0, count, (samples, count))
    counts = np.array([np.ones(count), *(np.bincount(each, minlength=count) for each in drawn)])
    tau, *draws = _taus(scores, judged, counts)
    draws = np.array(draws)[~np.isnan(draws)]
    low, high = np.quantile(draws, [0.025, 0.975]) if len(draws) > samples / 2 else (np.nan, np.nan)
    return float(tau), float(low), float(high)


def pairs_of(systems):
    """Returns all pairs of systems."""
    return list(itertools.combinations(systems, 2))


def _taus(first, second, counts):
    """Returns tau-b of each sample, float (samples,): sum ab / sqrt(sum a^2 sum b^2) over all pairs of its numbers.

    a and b are the signs of their differences in one list and in the other. counts (samples, n) says how often each
    number is in a sample. Where one list is constant it is nan.
    """
    a, b = (np.sign(values[:, None] - values) for values in (first, second))
    ab, aa, bb = (((counts @ each) * counts).sum(axis=1) for each in (a * b, a**2, b**2))
    with np.errstate(invalid="ignore"):
        return ab / np.sqrt(aa * bb)
