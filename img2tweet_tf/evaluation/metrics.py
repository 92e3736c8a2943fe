"""Scores of predicted tweets against what people wrote; `METRICS` says what each number in `metrics.json` is."""

from collections import Counter

import numpy as np

from img2tweet_tf.evaluation.bleu import ORDERS, bleu, bleu_counts, ngrams
from img2tweet_tf.evaluation.cider import cider
from img2tweet_tf.evaluation.rouge import rouge_l
from img2tweet_tf.evaluation.tokens import metric_tokens, unmatchable
from img2tweet_tf.utils.errors import Img2TweetError

METRICS = {
    "bleu_1": "Corpus BLEU of words, 0..1, no smoothing, closest reference length (Papineni et al. 2002).",
    "bleu_2": "Corpus BLEU up to word pairs, 0..1, as bleu_1.",
    "bleu_3": "Corpus BLEU up to three words in a row, 0..1, as bleu_1.",
    "bleu_4": "Corpus BLEU up to four words in a row, 0..1, as bleu_1.",
    "cider": "CIDEr-D, mean over images; 1.0 is the papers' 100; word weights come from this set's own references.",
    "rouge_l": "ROUGE-L of the COCO toolkit (beta 1.2), 0..1, mean over images.",
    "perplexity": "exp of the mean nats for each real token of the references, under teacher forcing; it is over the "
    "model's own vocabulary (unknown words are one word), so it compares only models that share one. With context, "
    "words that can be copied are known.",
    "perplexity_known": "The same over those tokens alone that the vocabulary has: it compares a captioner with "
    "context and one without, of the same vocabulary.",
    "perplexity_in_facts": "The same over known tokens that stand in the hidden facts of their pair, whether told "
    "or not.",
    "perplexity_not_in_facts": "The same over the other known tokens.",
    "length": "Mean number of words in a prediction.",
    "distinct_1": "Different words of all predictions over all their words, 0..1; falls as the number of images grows.",
    "distinct_2": "Different word pairs of all predictions over all their word pairs, 0..1.",
    "repeated": "Share of predictions that say, word for word, what another prediction says.",
    "same_beginning": "Share of predictions that begin with the three words that most begin with.",
    "copied": "Share of predictions that say, word for word, what a training text says.",
}
# Systems that any captioner must beat; their figures stand in `metrics.json` under these prefixes. What a captioner
# gains over the last is what its texts say of their own images, and not of the kind of texts that people write.
BASELINES = {
    "most_frequent_": "the most frequent training text, for every image",
    "nearest_image_": "the first text of the training image whose pooled features are nearest by cosine",
    "nearest_account_": "the first text of the nearest training image of the same account; of any, where it is unknown",
    "all_facts_": "all hidden facts of the pair in a row, where it has any",
    "swapped_": "the captioner's own texts, each for another image: that half the set further on",
}
# The facts measure, on the sample alone; under `reference_`, too, for the reference tweets themselves.
FACTS = {
    "facts_hidden": "Hidden facts of its pair that a text states: names, places, dates, numbers, scores; mean a text.",
    "facts_hidden_false": "The same that are not true of its pair.",
    "facts_visible": "Visible facts of its pair that a text states: objects, numbers, colours, weather, setting.",
    "facts_visible_false": "The same that are not true of its pair.",
    "facts_precision": "Share of all facts stated that are true, 0..1.",
}
METRICS |= FACTS
METRICS["unsupported"] = (
    "Names, numbers from 10 on, places and dates that a prediction says and no fact it was written from, mean a text."
)
METRICS |= {
    prefix + name: f"{name} of a trivial system: {what}."
    for prefix, what in BASELINES.items()
    for name in METRICS
    if not name.startswith(("perplexity", "unsupported"))
}
METRICS |= {f"reference_{name}": f"{name} of the reference tweets." for name in FACTS}


def example_stats(predictions, references):
    """Returns what each example adds to the scores, for `score` and for the bootstrap.

    Args:
        predictions: n raw texts (strings).
        references: n non-empty lists of raw texts.

    Returns:
        dict of arrays: "bleu" (int64, (n, 10), see `bleu_counts`), "cider", "rouge_l" and "length" (float64, (n,)).

    Raises:
        Img2TweetError: no examples, unequal numbers, or an example without references.
    """
    predictions, references = list(predictions), list(references)
    _check(predictions, references)
    flat = [metric_tokens(text) for text in predictions]
    flat += [metric_tokens(text) for group in references for text in group]
    distinct = unmatchable(flat)
    tokens = [next(distinct) for _ in predictions]
    groups = [[next(distinct) for _ in group] for group in references]
    return {
        "bleu": np.stack([bleu_counts(*pair) for pair in zip(tokens, groups, strict=True)]),
        "cider": cider(tokens, groups),
        "rouge_l": np.array([rouge_l(*pair) for pair in zip(tokens, groups, strict=True)]),
        "length": np.array([float(len(words)) for words in tokens]),
    }


def score(predictions, references, stats=None):
    """Returns the scores of a set of predictions: a flat dict with the keys of `METRICS` that texts alone can give.

    Args:
        predictions: n raw texts (strings).
        references: n non-empty lists of raw texts; they pass through no model's vocabulary.
        stats: `example_stats` of the same texts, where they are at hand.
    """
    predictions = list(predictions)
    stats = example_stats(predictions, references) if stats is None else stats
    totals = stats["bleu"].sum(axis=0)
    scores = {f"bleu_{order}": float(bleu(totals, order)) for order in range(1, ORDERS + 1)}
    scores |= {name: float(stats[name].mean()) for name in ("cider", "rouge_l", "length")}
    scores |= {f"distinct_{order}": distinct(predictions, order) for order in (1, 2)}
    return scores | sameness(predictions)


def distinct(predictions, order):
    """Returns the share of different n-grams among all n-grams of the predictions (0.0 if there are none).

    Source: Li et al. (2016), A diversity-promoting objective function for neural conversation models. Placeholders
    and links count as one and the same word: they are no variety.
    """
    counts = Counter()
    for text in predictions:
        counts.update(ngrams(metric_tokens(text), order))
    return len(counts) / counts.total() if counts else 0.0


def sameness(predictions):
    """Returns how alike the predictions are, "repeated" and "same_beginning" of `METRICS`; empty ones are neither."""
    texts = [words for text in predictions if (words := tuple(metric_tokens(text)))]
    every, beginnings = Counter(texts), Counter(words[:3] for words in texts)
    repeated = sum(count for count in every.values() if count > 1)
    commonest = max(beginnings.values(), default=0)
    return {"repeated": repeated / len(predictions), "same_beginning": commonest / len(predictions)}


def copied(predictions, training_texts):
    """Returns the share (0..1) of predictions whose words are those of a training text; empty predictions are none."""
    predictions = [tuple(metric_tokens(text)) for text in predictions]
    known = {tuple(metric_tokens(text)) for text in training_texts} - {()}
    return sum(words in known for words in predictions) / max(len(predictions), 1)


def _check(predictions, references):
    if len(predictions) != len(references):
        raise Img2TweetError(
            f"score: expected references for each of {len(predictions)} predictions, got {len(references)}"
        )
    if not predictions:
        raise Img2TweetError("score: expected predictions, got none; is the evaluated split empty?")
    for at, group in enumerate(references):
        if isinstance(group, str) or not group:
            got = "one text where a list of texts belongs" if group else "none"
            raise Img2TweetError(f"score: expected one reference or more for example {at} (from 0), got {got}")
