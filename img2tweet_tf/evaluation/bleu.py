"""Corpus BLEU from counts that can be added up, so that it can be bootstrapped.

Source: Papineni et al. (2002), BLEU: a method for automatic evaluation of machine translation. No smoothing; the
closest reference length, the shorter of two that are equally close.
"""

from collections import Counter

import numpy as np

ORDERS = 4
WIDTH = 2 + 2 * ORDERS


def ngrams(tokens, order):
    """Counts the n-grams (tuples) of one order in a list of tokens."""
    return Counter(zip(*(tokens[at:] for at in range(order)), strict=False))


def bleu_counts(prediction, references):
    """Returns what one example adds to BLEU (int64, (10,)).

    Args:
        prediction: list of tokens.
        references: non-empty list of lists of tokens.

    Returns:
        prediction length, closest reference length, matched n-grams of orders 1 to 4, predicted n-grams of 1 to 4.
    """
    length = len(prediction)
    closest = min((abs(len(reference) - length), len(reference)) for reference in references)[1]
    matched, predicted = [], []
    for order in range(1, ORDERS + 1):
        best = Counter()
        for reference in references:
            best |= ngrams(reference, order)
        matched.append((ngrams(prediction, order) & best).total())
        predicted.append(max(length - order + 1, 0))
    return np.array([length, closest, *matched, *predicted], np.int64)


def bleu(counts, order):
    """Returns BLEU-`order` in 0..1 of summed counts (..., 10), as an array (...)."""
    counts = np.asarray(counts, np.float64)
    length, closest = counts[..., 0], counts[..., 1]
    matched, predicted = counts[..., 2 : 2 + order], counts[..., 2 + ORDERS : 2 + ORDERS + order]
    with np.errstate(divide="ignore", invalid="ignore"):
        precisions = np.where(predicted > 0, matched / predicted, 0.0)
        brevity = np.where(length > 0, np.exp(np.minimum(0.0, 1.0 - closest / length)), 0.0)
        return brevity * np.exp(np.log(precisions).mean(axis=-1))
