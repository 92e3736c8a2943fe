"""How likely a captioner finds the reference texts: nats per token, and perplexity."""

import math

import numpy as np

from img2tweet_tf.context import facts_of
from img2tweet_tf.context.reader import tokens_of
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
    """Returns the perplexities of a captioner on the texts of a `Corpus`, by their names in `metrics.METRICS`.

    Args:
        told: for a captioner with context the facts of each pair, lists of (field, value).
    """
    vocabulary = captioner.vocabulary
    arrays, own = captioner.context.read(told, vocabulary) if captioner.context else (None, None)
    length = max(len(tokens) for tokens in corpus.flat_tokens()) + 2
    ids = make_ids(corpus.tokens, vocabulary, length, own=own)
    nats, targets = corpus_nats(captioner, features, corpus.rows, ids, arrays), ids[..., 1:]
    real = targets != Vocabulary.PAD
    known = real & (targets != Vocabulary.UNK) & (targets < len(vocabulary))
    found = {"perplexity": _perplexity(nats[real]), "perplexity_known": _perplexity(nats[known])}
    in_facts = known & _in_facts(targets, corpus.pairs, vocabulary)
    if in_facts.any():
        found["perplexity_in_facts"] = _perplexity(nats[in_facts])
        found["perplexity_not_in_facts"] = _perplexity(nats[known & ~in_facts])
    return found


def _in_facts(targets, pairs, vocabulary):
    """Returns which target ids (images, n, time) are words of their pair's hidden facts, told or not, bool."""
    words = ([token for fact in facts_of(pair, "facts") for token in tokens_of(*fact)] for pair in pairs)
    ids = [vocabulary.encode(of_pair)[1:-1] for of_pair in words]
    return np.stack([np.isin(of_image, of_pair) for of_image, of_pair in zip(targets, ids, strict=True)])


def _perplexity(nats):
    """Returns exp of the mean; a mean over 700 counts as 700, so that it stays a number."""
    return math.exp(min(nats.mean(), 700.0)) if nats.size else float("nan")
