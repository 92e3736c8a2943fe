"""Where a captioner looks, in an image and among facts, while it reads or writes a text."""

import weakref

import numpy as np

from img2tweet_tf.text import Vocabulary
from img2tweet_tf.utils.errors import Img2TweetError

_compiled = weakref.WeakKeyDictionary()


def encode(model, inputs):
    """Returns the memory of what a dict of inputs holds: "image" and, for a captioner with context, its facts."""
    return model.encode_all(inputs) if "context" in inputs else model.encode(inputs["image"])


def attention_maps(model, images, ids, facts=None):
    """Returns where the model looks while it reads texts that are known.

    Args:
        model: a captioner of `models`.
        images: grids (B, rows, cols, C).
        ids: int (B, N, T), beginning with the start mark.
        facts: for a captioner with context the arrays of `ContextReader.read`.

    Returns:
        Weights float32 (B, N, T, rows, cols), or (B, N, T, layers, heads, rows, cols) where a model has several; place
        t is the look before word t + 1. Each map sums to 1.

    Raises:
        Img2TweetError: the model sees the image as one vector, or reads no texts as long as these.
    """
    images, ids = np.asarray(images, np.float32), np.asarray(ids, np.int32)
    if ids.shape[-1] > getattr(model, "max_length", np.inf):
        raise Img2TweetError(f"{model.name} reads at most {model.max_length} tokens, got {ids.shape[-1]}")
    step, memory = _step_of(model), encode(model, {"image": images, **(facts or {})})
    state, maps = model.initial_state(memory, ids.shape[1]), []
    for t in range(ids.shape[2]):
        state, weights = step(ids[:, :, t], state, memory)
        if weights is None:
            raise Img2TweetError(f"{model.name} has no attention: it sees the image as one vector")
        maps.append(weights.numpy())
    maps = np.stack(maps, axis=2)
    return maps.reshape(*maps.shape[:-1], *images.shape[1:3])


def attention_of_texts(model, images, texts, batch_size=64, facts=None):
    """Returns where the model looks when it reads one text (list of ids) an image.

    Reading a text that was written shows the same looks as writing it did, so no search has to carry them.

    Returns:
        float32 (images, words of the longest text + 1, rows, cols), or (..., layers, heads, rows, cols): the look
        before each word and before the end mark, each map of sum 1, then zeros.
    """
    ids = _rows(texts)
    maps = []
    for at in range(0, max(len(texts), 1), batch_size):
        part = slice(at, at + batch_size)
        here = facts and {name: array[part] for name, array in facts.items()}
        maps.append(attention_maps(model, images[part], ids[part], here)[:, 0])
    real = ids[:, 0] != Vocabulary.PAD
    return np.concatenate(maps) * real.reshape(*real.shape, *[1] * (maps[0].ndim - 2))


def fact_attention(model, images, texts, facts):
    """Returns where a captioner with context looks among the facts when it reads one text (list of ids) an image.

    Args:
        model: a captioner of `models` that reads facts.
        images: grids (B, rows, cols, C).
        texts: lists of ids of the extended vocabulary, without marks, of equal or different lengths.
        facts: the arrays of `ContextReader.read`.

    Returns:
        Weights float32 (B, words of the longest text + 1, 1 + LONGEST), the sentinel first, and the gate p_gen (B,
        words + 1): before each word and before the end mark. What is read of rows behind a text's end means nothing.
    """
    seen, write = [], model.write

    def watched(h, memory):
        seen.append(model.pointer(h[:, 0], memory["facts"], memory["fact_mask"])[1:])
        return write(h, memory)

    model.write = watched
    try:
        model({"image": np.asarray(images, np.float32), "ids": _rows(texts), **facts})
    finally:
        del model.write
    weights, gate = seen[0]
    return weights.numpy(), gate.numpy()[..., 0]


def _rows(texts):
    """Returns ids (B, 1, T) of texts (lists of ids), the start mark first."""
    ids = np.full((len(texts), 1, max(map(len, texts), default=0) + 1), Vocabulary.PAD, np.int32)
    for row, text in enumerate(texts):
        ids[row, 0, : len(text) + 1] = [Vocabulary.START, *text]
    return ids


def _step_of(model):
    """Returns the model's step without its logits, compiled once a model."""
    from img2tweet_tf.utils.backend import tf

    if model not in _compiled:
        weak = weakref.ref(model)  # the step must not keep alive the model that owns it here
        _compiled[model] = tf.function(lambda ids, state, memory: weak().step(ids, state, memory)[1:])
    return _compiled[model]
