"""Features and ids to batches: ({"features", "ids"}, targets, weights) as `tf.data`, each image encoded once.

Shapes of one batch: features (batch, rows, cols, channels) float32; ids, targets (batch * texts, time - 1) int32;
weights (batch * texts, time - 1) float32, 0 on padding.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from img2tweet_tf.console import Img2TweetError, notice, report_problems
from img2tweet_tf.pairs import check_target
from img2tweet_tf.text import Vocabulary, clean


@dataclass
class Examples:
    """Images with their texts as ids.

    `rows` (images,) int: where its features are; `ids` (images, texts, time) int32: start, words, end, padding;
    nothing but padding where an image has fewer texts than others; `pair_ids` (images,) names the images.
    """

    rows: np.ndarray
    ids: np.ndarray
    pair_ids: list[str]

    def __len__(self):
        return len(self.rows)


def usable_pairs(pairs, features, target):
    """Returns the `Pairs` that have features and, after cleaning, a text; names or counts those without a text.

    Raises:
        Img2TweetError: none is left, and why.
    """
    check_target(target)
    with_text = pairs.where(lambda pair: any(pair.texts(target)))
    key, other = ("text", "caption") if target == "tweet" else ("captions", "tweet")
    if not with_text and len(pairs):
        raise Img2TweetError(f'{pairs.name}: no pair has a "{key}"; try --target {other}')
    if len(with_text) < len(pairs):
        notice(f'{pairs.name}: {len(pairs) - len(with_text)} of {len(pairs)} pairs have no "{key}"')
    worded = {pair.id for pair, texts in zip(with_text, worded_texts(with_text, target), strict=True) if texts}
    bare = [pair for pair in with_text if pair.id not in worded]
    report_problems([f'{pair.id}: nothing but links and marks in "{pair.texts(target)[0]}"' for pair in bare], "texts")
    kept = with_text.where(lambda pair: pair.id in worded and features.has(pair.id))
    if not kept:
        raise Img2TweetError(f"{pairs.name}: none of {len(pairs)} pairs has a readable image and a text with words")
    return kept


def worded_texts(pairs, target):
    """Returns the raw texts of each pair that have words in them: a list of lists of str."""
    return [[text for text in texts if clean(text)] for texts in pairs.texts(target)]


def gatherer(model, features):
    """Returns the function from rows (batch,) to the float32 features that a captioner reads: grids, or their means."""
    return partial(features.grid, dtype=np.float32) if len(model.feature_shape) == 3 else features.pooled


def make_examples(pairs, features, vocabulary, target, length, texts_per_image=5):
    """Turns pairs into `Examples`; texts beyond `texts_per_image` or `length` ids are cut."""
    texts = [its_texts[:texts_per_image] for its_texts in worded_texts(pairs, target)]
    ids = np.zeros((len(pairs), max(map(len, texts), default=1), length), np.int32)
    for image, its_texts in enumerate(texts):
        ids[image, : len(its_texts)] = vocabulary.encode_batch(its_texts, length)
    pair_ids = [pair.id for pair in pairs]
    return Examples(features.rows(pair_ids), ids, pair_ids)


def word_counts(examples, vocabulary_size):
    """Returns how often each id is a target in the examples, int (vocabulary_size,); padding counts 0."""
    targets = examples.ids[:, :, 1:]
    return np.bincount(targets[targets != Vocabulary.PAD], minlength=vocabulary_size)


def shift(ids):
    """Splits token ids (batch, time) into inputs, targets and weights, each (batch, time - 1)."""
    targets = ids[:, 1:]
    return ids[:, :-1], targets, (targets != Vocabulary.PAD).astype(np.float32)


def make_batches(examples, gather, batch_size, order_seed=None):
    """Returns a `tf.data.Dataset` of batches, one pass over the examples each time it is iterated.

    Args:
        examples: `Examples`.
        gather: function from rows (batch,) to features (batch, ...) float32, such as `features.grid`.
        batch_size: images a batch; the last batch may be smaller.
        order_seed: seed of `numpy.random.default_rng` to shuffle by; None keeps the order.
    """
    from img2tweet_tf.backend import tf

    order = np.arange(len(examples))
    if order_seed is not None:
        np.random.default_rng(order_seed).shuffle(order)
    time = examples.ids.shape[-1]

    def one_pass():
        for start in range(0, len(order), batch_size):
            images = order[start : start + batch_size]
            ids, targets, weights = shift(examples.ids[images].reshape(-1, time))
            yield {"features": gather(examples.rows[images]), "ids": ids}, targets, weights

    features = tf.TensorSpec((None, *gather(examples.rows[:1]).shape[1:]), tf.float32)
    ids, weights = tf.TensorSpec((None, time - 1), tf.int32), tf.TensorSpec((None, time - 1), tf.float32)
    batches = tf.data.Dataset.from_generator(
        one_pass, output_signature=({"features": features, "ids": ids}, ids, weights)
    )
    batches = batches.apply(tf.data.experimental.assert_cardinality(-(-len(order) // batch_size))).prefetch(2)
    options = tf.data.Options()
    options.autotune.enabled = False  # its thread sleeps for 0.01, 0.02, 0.04 ... s, and a pass ends when it wakes
    return batches.with_options(options)
