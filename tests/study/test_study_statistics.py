"""Each method gives the figures of a published worked example."""

import numpy as np
import pytest
from scipy.stats import kendalltau

pytest.importorskip("statsmodels", reason="the study needs the extra: pip install 'img2tweet-tf[study]'")
pytest.importorskip("krippendorff")

from statsmodels.stats.multitest import multipletests

from img2tweet_tf.study import simulate_answers, statistics, study_power
from img2tweet_tf.utils.errors import Img2TweetError

# Hollander and Wolfe (1973), Nonparametric statistical methods, p. 140: seconds of 22 players by three ways to round
# first base.
ROUNDING = np.array([
    5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70, 5.45, 5.55, 5.60, 5.40,
    5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35,
    5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45, 5.25,
    5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25,
]).reshape(22, 3)  # fmt: skip
# The same, p. 29: depression scores of nine patients at the first and second visit.
FIRST = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
SECOND = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def test_friedman():
    statistic, p = statistics.friedman(ROUNDING)
    assert statistic == pytest.approx(11.143, abs=5e-4) and p == pytest.approx(0.003805, abs=5e-6)


def test_wilcoxon():
    _, p = statistics.wilcoxon(FIRST, SECOND, alternative="greater")
    assert p == pytest.approx(0.01953, abs=5e-6)
    assert statistics.wilcoxon([1, 2, 3], [1, 2, 3]) == (0.0, 1.0)


def test_holm():
    """Holm (1979): the smallest p times the number of tests, the next times one less, never falling."""
    assert statistics.holm([0.01, 0.02, 0.03, 0.04]) == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert statistics.holm([0.01, np.nan, 0.04])[0] == pytest.approx(0.02)
    p_values = np.random.default_rng(0).uniform(0, 0.2, 30)
    assert statistics.holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_krippendorff_alpha():
    """Krippendorff (2011), Computing Krippendorff's alpha-reliability, part C: four observers, twelve units."""
    nan = np.nan
    ratings = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
        [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
    ]  # fmt: skip
    assert statistics.agreement(ratings) == pytest.approx(0.815, abs=5e-4)
    assert np.isnan(statistics.agreement([[1, 1], [1, 1]]))


def test_kendall_tau():
    """Kendall (1938): two rankings of ten boys by mathematics and music, 34 pairs in order and 11 not."""
    mathematics, music = [7, 4, 3, 10, 6, 2, 9, 8, 1, 5], [5, 7, 3, 10, 1, 9, 6, 2, 8, 4]
    agree = sum(
        (mathematics[i] - mathematics[j]) * (music[i] - music[j]) > 0 for i in range(10) for j in range(i)
    )
    tau, low, high = statistics.correlation(mathematics, music)
    assert tau == pytest.approx((agree - (45 - agree)) / 45) and low <= tau <= high
    with pytest.raises(Img2TweetError, match="one length"):
        statistics.correlation([1, 2], [1])


def test_tau_with_ties_and_its_interval_are_those_of_scipy():
    chance = np.random.default_rng(1)
    scores = chance.integers(0, 5, 30)
    judged = scores + chance.integers(0, 4, 30)
    tau, low, high = statistics.correlation(scores, judged, seed=2, samples=300)
    assert tau == pytest.approx(kendalltau(scores, judged).statistic)
    draws = np.random.default_rng(2).integers(0, 30, (300, 30))
    expected = np.quantile([kendalltau(scores[draw], judged[draw]).statistic for draw in draws], [0.025, 0.975])
    assert (low, high) == pytest.approx(tuple(expected))
    assert np.isnan(statistics.correlation([1, 1, 1], [1, 2, 3])[0])


def test_the_ordinal_model():
    """Agresti (2007), An introduction to categorical data analysis, section 6.2.2: ideology of 835 people by party.

    Maximum likelihood gives 0.975 with a standard error of 0.129, odds of 2.65; estimating equations nearly the same.
    """
    counts = {"democrat": [80, 81, 171, 41, 55], "republican": [30, 46, 148, 84, 99]}
    answers = np.concatenate([np.repeat([1, 2, 3, 4, 5], of) for of in counts.values()])
    parties = np.repeat(list(counts), [sum(of) for of in counts.values()])
    people = np.arange(len(answers))
    effect = statistics.ordinal_effects(answers, parties, people, people, "democrat")["republican"]
    assert effect["log_odds"] == pytest.approx(0.975, abs=0.02)
    assert (effect["high"] - effect["low"]) / (2 * 1.96) == pytest.approx(0.129, abs=0.002)


def test_the_ordinal_model_of_a_two_by_five_table():
    """A table of two systems without clusters: the estimate is a common log odds ratio over the four cuts.

    Where the odds ratio is the same at each cut, any sound estimate of it is that ratio: here 2 at each.
    """
    odds = np.array([4, 1.5, 0.8, 0.25])
    counts = []
    for ratio in (1, 2):
        above = ratio * odds / (1 + ratio * odds)
        counts.append(-np.diff([1, *above, 0]))
    answers, systems = [], []
    for name, shares in zip("ab", counts, strict=True):
        for value, share in enumerate(shares, 1):
            answers += [value] * round(1000 * share)
            systems += [name] * round(1000 * share)
    each = np.arange(len(answers))
    effect = statistics.ordinal_effects(answers, systems, each, each, "a")["b"]
    assert effect["log_odds"] == pytest.approx(np.log(2), abs=0.02)
    assert effect["low"] < np.log(2) < effect["high"] and effect["high"] - effect["low"] < 0.5


def rejected(test, effects, samples):
    return np.mean([test(*simulate_answers(12, 10, 2, effects, seed=seed)) for seed in range(samples)])


def ordinal_rejects(answers, seen):
    raters, items = np.indices(answers.shape)
    found = statistics.ordinal_effects(answers.ravel(), seen.ravel().astype(str), raters.ravel(), items.ravel(), "0")
    return found["1"]["p"] < 0.05


def test_the_ordinal_model_knows_that_answers_belong_together():
    """False alarms near 5 % although raters and images differ a lot, and power where there is a difference."""
    assert rejected(ordinal_rejects, [0, 0], 25) <= 0.2
    assert rejected(ordinal_rejects, [0, 1], 5) == 1


def test_nothing_to_estimate():
    assert statistics.ordinal_effects([3, 3, 3, 3], ["a", "b", "a", "b"], [0, 0, 1, 1], [0, 1, 1, 0], "a") == {}
    mean, low, high = statistics.means([[3, 3], [3, np.nan]])
    assert mean == low == high == 3


def test_power():
    """False alarms at 5 % where nothing is planted, and what is asked for where something is."""
    none, small, large = study_power(20, 12, 2, differences=(0, 0.3, 1.0), samples=100, seed=1)
    assert none["low"] <= 0.05 and none["power"] < 0.1
    assert none["power"] < small["power"] < large["power"] and large["power"] > 0.95
    assert large["measured"] == pytest.approx(1.0, abs=0.05) and small["measured"] == pytest.approx(0.3, abs=0.05)
    with pytest.raises(Img2TweetError, match="two systems or more"):
        study_power(35, 30, 1)


def test_simulated_answers():
    answers, seen = simulate_answers(30, 20, 3, [0, 0, 2], seed=1)
    assert set(np.unique(answers)) <= {1, 2, 3, 4, 5} and answers[seen == 2].mean() > answers[seen == 0].mean() + 1
