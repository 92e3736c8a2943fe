"""How likely a captioner finds the reference texts: nats per token, and perplexity."""

import math

import numpy as np

from img2tweet_tf.generation import token_nats
from img2tweet_tf.text import Vocabulary
from img2tweet_tf.training import make_ids


def corpus_nats(captioner, features, rows, ids, facts=None, batch_size=32):
    """Returns the negative log-likelihood of each target token, float64 (images, n, time - 1), by teacher forcing.

    Args:
        captioner: a `Captioner`.
        features: `Features`.
        rows: int (images,), the images' rows in it.
        ids: (images, n, time), see `make_ids`.
        facts: for a captioner with context the arrays of `ContextReader.read`.
    """
    parts = []
    for start in range(0, len(rows), batch_size):
        part = slice(start, start + batch_size)
        inputs = {name: array[part] for name, array in (facts or {}).items()}
        inputs["image"] = features.grid(rows[part], np.float32)
        parts.append(token_nats(captioner.model, inputs, ids[part]))
    return np.concatenate(parts).astype(np.float64)


def perplexities(captioner, corpus, features, told=None):
    """Returns {"perplexity", "perplexity_known"} of a captioner on the texts of a `Corpus`, see `metrics.METRICS`.

    Args:
        told: for a captioner with context the facts of each pair, lists of (field, value).
    """
    arrays, own = captioner.context.read(told, captioner.vocabulary) if captioner.context else (None, None)
    length = max(len(tokens) for tokens in corpus.flat_tokens()) + 2
    ids = make_ids(corpus.tokens, captioner.vocabulary, length, own=own)
    nats, targets = corpus_nats(captioner, features, corpus.rows, ids, arrays), ids[..., 1:]
    real = targets != Vocabulary.PAD
    known = real & (targets != Vocabulary.UNK) & (targets < len(captioner.vocabulary))
    return {"perplexity": _perplexity(nats[real]), "perplexity_known": _perplexity(nats[known])}


def _perplexity(nats):
    """Returns exp of the mean; a mean over 700 counts as 700, so that it stays a number."""
    return math.exp(min(nats.mean(), 700.0)) if nats.size else float("nan")
