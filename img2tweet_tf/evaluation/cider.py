"""CIDEr-D, equal to pycocoevalcap's scorer.

Source: Vedantam, Zitnick, Parikh (2015), CIDEr: consensus-based image description evaluation, section 5 (CIDEr-D:
clipped counts, a Gaussian penalty for length). The scale is the toolkit's: 1.0 is the papers' 100.
"""

import math
from collections import Counter

import numpy as np

from img2tweet_tf.evaluation.bleu import ORDERS, ngrams

SIGMA = 6.0


def cider(predictions, references):
    """Returns the CIDEr-D of each example (float64, (n,)); a system's CIDEr-D is their mean.

    n-grams are weighed by how few examples' references hold them, among the examples given: a score belongs to its
    set. With a single example all weights, and so the score, are 0.

    Args:
        predictions: n lists of tokens.
        references: n non-empty lists of lists of tokens.
    """
    documents = Counter()
    counted = [[_counts(tokens) for tokens in group] for group in references]
    for group in counted:
        documents.update({ngram for by_order in group for counts in by_order for ngram in counts})
    examples = math.log(max(len(references), 1))
    scores = [
        _similarity(_vector(_counts(prediction), documents, examples), len(prediction), group, documents, examples)
        for prediction, group in zip(predictions, counted, strict=True)
    ]
    return np.array(scores, np.float64)


def _counts(tokens):
    return [ngrams(tokens, order) for order in range(1, ORDERS + 1)]


def _vector(by_order, documents, examples):
    """Returns tf-idf weights (one dict for each order) and their norms."""
    weights = [
        {ngram: count * (examples - math.log(max(1, documents[ngram]))) for ngram, count in counts.items()}
        for counts in by_order
    ]
    return weights, [math.sqrt(sum(weight * weight for weight in group.values())) for group in weights]


def _similarity(prediction, length, group, documents, examples):
    """Returns ten times the mean similarity of a prediction's vector to its references' over orders and references."""
    total, (weights, norms) = 0.0, prediction
    for by_order in group:
        others, other_norms = _vector(by_order, documents, examples)
        # Lengths in bigrams, as in the toolkit: no word and one word are equally long.
        gap = max(length - 1, 0) - by_order[1].total()
        penalty = math.exp(-(gap**2) / (2 * SIGMA**2))
        for mine, theirs, norm, other_norm in zip(weights, others, norms, other_norms, strict=True):
            if norm and other_norm:
                shared = sum(min(mine[ngram], theirs[ngram]) * theirs[ngram] for ngram in mine.keys() & theirs.keys())
                total += penalty * shared / (norm * other_norm)
    return 10.0 * total / (ORDERS * len(group))
