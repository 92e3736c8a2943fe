"""The perplexities of a captioner: over which tokens each is."""

from types import SimpleNamespace

import numpy as np
import pytest

from img2tweet_tf.datasets.pairs import Pair
from img2tweet_tf.evaluation import likelihood
from img2tweet_tf.text import Vocabulary


def perplexities(monkeypatch, nats, contexts):
    """Returns those of a captioner without context that finds the tokens of two tweets so (un)likely."""
    texts = [["Bex", "likes", "rain"], ["Lisbon", "likes", "Porto"]]
    pairs = [Pair({"id": str(at), "context": context}, None) for at, context in enumerate(contexts)]
    corpus = SimpleNamespace(pairs=pairs, rows=np.arange(2), tokens=[[text] for text in texts])
    corpus.flat_tokens = lambda: texts
    captioner = SimpleNamespace(context=None, vocabulary=Vocabulary.build(["bex likes rain", "lisbon likes"], 1))
    monkeypatch.setattr(likelihood, "corpus_nats", lambda *_: np.log(np.array(nats, float))[:, None])
    return likelihood.perplexities(captioner, corpus, None)


def test_words_of_hidden_facts_are_told_from_others(monkeypatch):
    hidden, seen = {"value": "Bex", "visible": False}, {"value": "rain", "visible": True}
    contexts = [{"name": hidden, "weather": seen}, {"city": {"value": "lisbon or Porto", "visible": False}}]
    found = perplexities(monkeypatch, [[16, 2, 4, 2], [4, 2, 999, 2]], contexts)  # the last is the end, 999 unknown
    assert found["perplexity_in_facts"] == pytest.approx(8)  # Bex and Lisbon
    assert found["perplexity_not_in_facts"] == pytest.approx(2 ** (6 / 5))
    assert found["perplexity_known"] == pytest.approx(2 ** (12 / 7))
    assert found["perplexity"] == pytest.approx((2**12 * 999) ** (1 / 8))


def test_without_hidden_facts_there_are_only_the_first_two(monkeypatch):
    found = perplexities(monkeypatch, [[2] * 4] * 2, [{"weather": {"value": "rain", "visible": True}}, None])
    assert found == pytest.approx({"perplexity": 2, "perplexity_known": 2})
