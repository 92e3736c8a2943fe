"""Probes find what is in the features, and only that."""

import numpy as np
import pytest

from img2tweet_tf.analysis import linear_probe_auc, probe_facts
from img2tweet_tf.datasets.pairs import Pair, Pairs
from img2tweet_tf.utils.errors import Img2TweetError

COUNT = 400


class ToyFeatures:
    """Pooled features by pair id, as `Features` gives them."""

    def __init__(self, vectors):
        self.vectors = vectors

    def has(self, pair_id):
        return pair_id != "p7"  # one image can't be read

    def rows(self, ids):
        return np.array([int(pair_id[1:]) for pair_id in ids])

    def pooled(self, rows=None):
        return self.vectors if rows is None else self.vectors[rows]


def a_world(shown, leaked, seed=0):
    """Pairs and features: `shown` visible facts, and the result where `leaked`, are in the features."""
    rng = np.random.default_rng(seed)
    vectors, records = rng.normal(size=(COUNT, 24)).astype(np.float32), []
    for index in range(COUNT):
        kind, weather, result = ("dog", "cat")[rng.integers(2)], ("sun", "rain")[rng.integers(2)], rng.integers(2)
        context = {
            "things": {"value": [{"kind": kind, "count": 1, "colour": None}], "visible": True},
            "setting": {"value": "park", "visible": True},
            "weather": {"value": weather, "visible": True},
            "daytime": {"value": "day", "visible": True},
            "account": {"value": f"@a{index % 3}", "visible": False},
            "team": {"value": f"team {index % 3}", "visible": False},
            "result": {"value": ("win", "loss")[result], "visible": False},
            "goals": {"value": int(result * 2 + rng.integers(2)), "visible": False},
        }
        vectors[index, 0] += 4 * (kind == "dog") * shown
        vectors[index, 1] += 4 * (weather == "sun") * shown
        vectors[index, 2] += 4 * result * leaked
        split = "train" if index < COUNT * 0.8 else "test"
        records.append({"id": f"p{index}", "image": "x.png", "text": "x", "split": split, "context": context})
    return Pairs([Pair(record, None) for record in records], "toy", "toy"), ToyFeatures(vectors)


def by_fact(rows, group):
    return {row["fact"]: row for row in rows if row["group"] == group}


def test_a_probe_reads_what_is_there_and_nothing_else():
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(400, 10)) * 50 + 7, rng.random(400) < 0.3
    train, test = np.arange(300), np.arange(300, 400)
    assert 0.3 < linear_probe_auc(inputs, labels, train, test) < 0.7
    inputs[:, 3] += 150 * labels
    auc = linear_probe_auc(inputs, labels, train, test)
    assert 0.9 < auc <= 1
    assert linear_probe_auc(inputs, ~labels, train, test) == pytest.approx(auc, abs=0.01)
    assert linear_probe_auc(np.zeros((400, 2)), labels, train, test) == 0.5


def test_a_probe_is_scored_as_scikit_learn_scores():
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(300, 4)).astype(np.float32)
    labels = inputs[:, 0] + rng.normal(size=300) > 0
    train, test = np.arange(200), np.arange(200, 300)
    scores = LogisticRegression().fit(inputs[train], labels[train]).decision_function(inputs[test])
    expected = roc_auc_score(labels[test], scores)
    assert linear_probe_auc(inputs, labels, train, test) == pytest.approx(expected, abs=0.02)


def test_one_class_is_refused():
    with pytest.raises(Img2TweetError, match="test rows, got 0 of 10 true"):
        linear_probe_auc(np.ones((30, 2)), np.arange(30) < 15, np.arange(20), np.arange(20, 30))


def test_visible_facts_are_found_and_hidden_ones_are_not():
    rows = probe_facts(*a_world(shown=True, leaked=False))
    visible, hidden, control = (by_fact(rows, group) for group in ("visible", "hidden", "control"))
    assert visible["kind"]["auc"] > 0.9 and visible["mean"]["auc"] > 0.9
    assert set(hidden) == {"result", "goals", "mean"}  # the team goes with the account
    assert hidden["mean"]["low"] < 0.02 and hidden["mean"]["auc"] < 0.65
    assert control["weather"]["known"] < 0.65 and control["weather"]["low"] > 0.2
    assert hidden["result"]["images"] == COUNT - 1


def test_a_leak_is_found():
    hidden = by_fact(probe_facts(*a_world(shown=True, leaked=True)), "hidden")
    assert hidden["result"]["low"] > 0.2 and hidden["goals"]["low"] > 0.2 and hidden["mean"]["low"] > 0.2


def test_features_that_show_nothing():
    assert by_fact(probe_facts(*a_world(shown=False, leaked=False)), "visible")["mean"]["auc"] < 0.7


def test_same_seed_same_rows():
    world = a_world(shown=True, leaked=False)
    assert probe_facts(*world, seed=3) == probe_facts(*world, seed=3)


def test_pairs_without_facts():
    pairs, features = a_world(shown=True, leaked=False)
    for pair in pairs:
        del pair.record["context"]
    with pytest.raises(Img2TweetError, match="expected pairs of the sample world"):
        probe_facts(pairs, features)
