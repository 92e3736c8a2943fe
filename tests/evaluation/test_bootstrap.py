"""Intervals: the right centre, the right width, paired draws, pooled seeds."""

import numpy as np
import pytest

from img2tweet_tf.evaluation import bootstrap_interval, example_stats, paired_bootstrap, score
from img2tweet_tf.utils.errors import Img2TweetError

REFERENCES = [[f"the {colour} {thing} on the {place}"] for colour in ("red", "blue", "old")
              for thing in ("dog", "cat", "bus", "tram") for place in ("grass", "road", "hill")]  # fmt: skip
GOOD = [group[0] if at % 4 else "the dog" for at, group in enumerate(REFERENCES)]
BAD = ["the red dog on the road" if at % 3 else "a tram" for at in range(len(REFERENCES))]


@pytest.mark.parametrize("metric", ["bleu_1", "bleu_4", "cider", "rouge_l", "length"])
def test_value_is_the_score_and_lies_within(metric):
    interval = bootstrap_interval(example_stats(GOOD, REFERENCES), metric, samples=500)
    assert interval.value == pytest.approx(score(GOOD, REFERENCES)[metric])
    assert interval.low < interval.value < interval.high


def test_difference_has_the_sign_of_the_better_system():
    good, bad = example_stats(GOOD, REFERENCES), example_stats(BAD, REFERENCES)
    for metric in ("bleu_4", "cider"):
        difference, low, high = paired_bootstrap(good, bad, metric, samples=500)
        assert difference == pytest.approx(score(GOOD, REFERENCES)[metric] - score(BAD, REFERENCES)[metric])
        assert 0 < low < difference < high
        assert paired_bootstrap(bad, good, metric, samples=500) == pytest.approx((-difference, -high, -low))


def test_a_system_does_not_differ_from_itself():
    good = example_stats(GOOD, REFERENCES)
    assert paired_bootstrap(good, [good, good], "bleu_2", samples=100) == pytest.approx((0, 0, 0))


def test_seeds_are_averaged():
    good, bad = example_stats(GOOD, REFERENCES), example_stats(BAD, REFERENCES)
    pooled = bootstrap_interval([good, bad], "bleu_3", samples=100)
    assert pooled.value == pytest.approx((score(GOOD, REFERENCES)["bleu_3"] + score(BAD, REFERENCES)["bleu_3"]) / 2)


def test_width_is_that_of_the_mean():
    stats = {"cider": np.random.default_rng(0).normal(1, 2, 400)}
    interval = bootstrap_interval(stats, "cider", samples=4000)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * stats["cider"].std() / 20, rel=0.1)


def test_same_seed_same_interval():
    stats = example_stats(GOOD, REFERENCES)
    assert bootstrap_interval(stats, "cider", seed=3) == bootstrap_interval(stats, "cider", seed=3)
    assert bootstrap_interval(stats, "cider", seed=3) != bootstrap_interval(stats, "cider", seed=4)


def test_draws_in_parts_equal_draws_at_once(monkeypatch):
    from img2tweet_tf.evaluation import bootstrap

    stats = example_stats(GOOD, REFERENCES)
    whole = bootstrap_interval(stats, "bleu_4", samples=50)
    monkeypatch.setattr(bootstrap, "_AT_ONCE", 7 * len(GOOD))
    assert bootstrap_interval(stats, "bleu_4", samples=50) == pytest.approx(whole)


def test_wrong_input_is_an_error():
    stats = example_stats(GOOD, REFERENCES)
    with pytest.raises(Img2TweetError, match="same images"):
        paired_bootstrap(stats, example_stats(GOOD[:5], REFERENCES[:5]), "cider")
    with pytest.raises(Img2TweetError, match="bleu_1, .* got bleu"):
        bootstrap_interval(stats, "bleu")
