"""Images and token ids to batches: ({"image", "ids"}, targets, weights) as `tf.data`, each image once for its texts.

With context there are two inputs more, "context" and "account", see `context.ContextReader`.

Shapes of one batch: image (B, rows, cols, C) float32; ids, targets (B, N, T - 1) int32; weights (B, N, T - 1) float32,
0 on padding. B images, N texts an image, T token ids a text.
"""

import numpy as np

from img2tweet_tf.text import Vocabulary


def make_ids(tokens, vocabulary, length, n=None, own=None):
    """Returns token ids int32 (images, n, length): start, words, end, padding.

    Args:
        tokens: for each image a list of texts, each a list of tokens (`Corpus.tokens`).
        vocabulary: a `Vocabulary`.
        length: ids a text; longer texts are cut.
        n: texts an image, by default as many as the image with most has. Further ones are left out; where an image has
            fewer, the rest is padding.
        own: for each image the words that follow the vocabulary's (list of lists of str), of `ContextReader.read`.
    """
    n = max(map(len, tokens), default=1) if n is None else n
    ids = np.full((len(tokens), n, length), Vocabulary.PAD, np.int32)
    for image, texts in enumerate(tokens):
        ids[image, : len(texts)] = vocabulary.encode_batch(texts[:n], length, own[image] if own else ())
    return ids


def word_counts(ids, vocabulary_size):
    """Returns how often each id is a target in ids (images, n, time), int (vocabulary_size,); padding counts 0."""
    targets = ids[..., 1:]
    counted = (targets != Vocabulary.PAD) & (targets < vocabulary_size)
    return np.bincount(targets[counted], minlength=vocabulary_size)


def shift(ids):
    """Splits token ids (..., time) into inputs, targets and weights, each (..., time - 1)."""
    targets = ids[..., 1:]
    return ids[..., :-1], targets, (targets != Vocabulary.PAD).astype(np.float32)


def make_batches(ids, read_images, batch_size, order=None, facts=None, count=None):
    """Returns a `tf.data.Dataset` of batches, one pass over the images each time it is iterated.

    Args:
        ids: (images, n, time), see `make_ids`.
        read_images: function from places in `ids`, an int array (batch,), to their images, float32 (batch, rows, cols,
            C): such as `lambda places: features.grid(corpus.rows[places], np.float32)`.
        batch_size: images a batch; the last batch may be smaller.
        order: function without arguments that returns the places in the order of the pass; None keeps them as they are.
        facts: dict of int32 arrays (images, ...), further inputs: what `ContextReader.read` returns.
        count: how many places a pass has, where `order` gives fewer or more than there are.
    """
    from img2tweet_tf.utils.backend import tf

    inputs, targets, weights = shift(ids)
    arrays = {"ids": inputs, **(facts or {})}

    def one_pass():
        places = np.arange(len(ids)) if order is None else order()
        for start in range(0, len(places), batch_size):
            part = places[start : start + batch_size]
            further = {name: array[part] for name, array in arrays.items()}
            yield {"image": read_images(part), **further}, targets[part], weights[part]

    image = tf.TensorSpec((None, *read_images(np.arange(1)).shape[1:]), tf.float32)
    specs = {name: tf.TensorSpec((None, *array.shape[1:]), tf.int32) for name, array in arrays.items()}
    real = tf.TensorSpec((None, *inputs.shape[1:]), tf.float32)
    batches = tf.data.Dataset.from_generator(
        one_pass, output_signature=({"image": image, **specs}, specs["ids"], real)
    )
    count = len(ids) if count is None else count
    batches = batches.apply(tf.data.experimental.assert_cardinality(-(-count // batch_size))).prefetch(2)
    options = tf.data.Options()
    options.autotune.enabled = False  # its thread sleeps for 0.01, 0.02, 0.04 ... s, and a pass ends when it wakes
    return batches.with_options(options)
