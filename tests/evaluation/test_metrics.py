"""Metrics agree with the reference implementations, punish placeholders, and take odd input."""

import numpy as np
import pytest

from img2tweet_tf.evaluation import METRIC_TOKENIZER, METRICS, copied, example_stats, metric_tokens, score
from img2tweet_tf.utils.errors import Img2TweetError

WORDS = "a the dog cat runs sits on in grass red ball with two children play beach :) 😂 #tbt @anna 3-2".split()


def toy(examples=40, seed=0):
    """Returns predictions and 1 to 4 references each, of random words with some overlap."""
    rng = np.random.default_rng(seed)

    def text(longest=12):
        return " ".join(rng.choice(WORDS, rng.integers(1, longest)))

    references = [[text() for _ in range(rng.integers(1, 5))] for _ in range(examples)]
    predictions = [group[0] + " " + text(4) if rng.random() < 0.5 else text() for group in references]
    return predictions, references


def coco(predictions, references):
    """Returns both sides as pycocoevalcap wants them: tokens joined by spaces."""
    ours = {at: [" ".join(metric_tokens(text))] for at, text in enumerate(predictions)}
    theirs = {at: [" ".join(metric_tokens(text)) for text in group] for at, group in enumerate(references)}
    return theirs, ours


def test_frozen_tokenizer_is_frozen():
    """Whoever has to change what is expected here raises METRIC_TOKENIZER."""
    raw = (
        "RT @Anna: Don’t miss “it”... 8:30, 2-1 WIN!!! 😂😂 👍🏽 🇬🇧 :) <3 (p. 3) #GoReds @user https://t.co/x http:… "
        "U.S. R&B w/ 100% $5 well-known -- and/or <unk> the user"
    )
    gap = "<unmatched>"
    assert METRIC_TOKENIZER == "img2tweet-metric-1"
    assert metric_tokens(raw) == [
        *("rt", "@anna", "don't", "miss", "it", "8:30", "2-1", "win", "😂", "😂", "👍🏽", "🇬🇧", ":)", "<3", "p", "3"),
        *("#goreds", gap, gap, gap, "u.s.", "r&b", "w", "/", "100", "%", "$", "5", "well-known", "and", "/", "or"),
        *(gap, "the", "user"),
    ]


def test_cider_equals_pycocoevalcap():
    scorer = pytest.importorskip("pycocoevalcap.cider.cider")
    predictions, references = toy()
    mean, each = scorer.Cider().compute_score(*coco(predictions, references))
    assert mean > 0.1
    np.testing.assert_allclose(example_stats(predictions, references)["cider"], each, atol=1e-9)
    assert score(predictions, references)["cider"] == pytest.approx(mean, abs=1e-9)


def test_rouge_equals_pycocoevalcap():
    scorer = pytest.importorskip("pycocoevalcap.rouge.rouge")
    predictions, references = toy(seed=1)
    each = scorer.Rouge().compute_score(*coco(predictions, references))[1]
    np.testing.assert_allclose(example_stats(predictions, references)["rouge_l"], each, atol=1e-12)


def test_bleu_equals_pycocoevalcap():
    scorer = pytest.importorskip("pycocoevalcap.bleu.bleu")
    predictions, references = toy(seed=2)
    expected = scorer.Bleu(4).compute_score(*coco(predictions, references), verbose=0)[0]
    scores = score(predictions, references)
    assert [scores[f"bleu_{order}"] for order in (1, 2, 3, 4)] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("keep", [4, 12])
def test_bleu_equals_nltk(keep):
    """For predictions of four words and more; NLTK counts an n-gram where a shorter one has none."""
    from nltk.translate.bleu_score import corpus_bleu

    predictions, references = toy(seed=3)
    predictions = [" ".join(f"{text} the dog runs on".split()[:keep]) for text in predictions]
    ours = score(predictions, references)
    tokens = [[metric_tokens(text) for text in group] for group in references], [metric_tokens(p) for p in predictions]
    for order in (1, 2, 3, 4):
        expected = corpus_bleu(*tokens, weights=[1 / order] * order)
        assert ours[f"bleu_{order}"] == pytest.approx(expected, abs=1e-12)


def test_perfect_predictions():
    texts = ["two dogs play on the beach today", "what a goal by the reds tonight", "my cat hates rainy days"]
    scores = score(texts, [[text] for text in texts])
    assert scores["bleu_4"] == scores["rouge_l"] == pytest.approx(1.0)
    assert scores["cider"] == pytest.approx(10.0)
    assert scores["length"] == pytest.approx(19 / 3) and scores["distinct_1"] == pytest.approx(18 / 19)


@pytest.mark.parametrize("placeholder", ["@user", "<url>", "URL", "<unk>", "https://t.co/abc", "@user's"])
def test_placeholder_never_matches_but_counts_in_length(placeholder):
    texts = [f"{placeholder} {placeholder}", "a red bus", "green tea"]
    stats = example_stats(texts, [[text] for text in texts])
    assert stats["bleu"][0, 0] == 2 and stats["bleu"][0, 2:6].sum() == 0
    assert stats["cider"][0] == stats["rouge_l"][0] == 0
    assert stats["length"][0] == 2


def test_many_placeholders_are_no_variety():
    assert score(["@user @user @user @user"], [["hello"]])["distinct_1"] == 0.25


def test_empty_prediction_and_single_example():
    scores = score([""], [["a dog", ""]])
    assert set(scores.values()) == {0.0}
    assert score(["a dog"], [["a dog"]])["bleu_2"] == 1.0
    assert np.isfinite(list(score(["", "a dog"], [["a cat"], ["!!!"]]).values())).all()


@pytest.mark.parametrize("references", [[["a"]], [["a"], []], [["a"], "b"]])
def test_missing_references_are_an_error(references):
    with pytest.raises(Img2TweetError):
        score(["a", "b"], references)


def test_no_predictions_are_an_error():
    with pytest.raises(Img2TweetError, match="got none"):
        score([], [])


def test_copied_ignores_case_and_punctuation():
    assert copied(["What a DAY!", "brand new", "", "…"], ["what a day", "old", ""]) == 0.25
    assert copied([], ["old"]) == 0


def test_every_score_is_documented():
    assert set(score(["a"], [["b"]])) <= set(METRICS)
    assert {"perplexity", "copied"} <= set(METRICS)
