"""Writing: from an image's features to word ids, by greedy or beam search, in one compiled loop that carries its state.

The loop drives any model that has the `encode`, `initial_state` and `step` of the captioners' contract (`models`), and
knows no more of it. Padding, start and unknown are never written, and a text has at least one word.
"""

import math
import weakref

import numpy as np

from img2tweet_tf.generation.attention import attention_of_texts, encode
from img2tweet_tf.text import Vocabulary
from img2tweet_tf.utils.errors import Img2TweetError

METHODS = ("greedy", "beam")
RANGES = {"max_length": (1, 1000), "beam_width": (1, 1000), "no_repeat_ngram": (0, 1000), "batch_size": (1, 10_000)}
_NEVER = (Vocabulary.PAD, Vocabulary.START, Vocabulary.UNK)
_LOW = -1e9  # the logarithm of a probability of nothing, finite so that sums stay numbers
_compiled = weakref.WeakKeyDictionary()


def decode(
    model,
    images,
    method="greedy",
    max_length=30,
    beam_width=3,
    length_power=0.7,
    no_repeat_ngram=0,
    batch_size=64,
    return_attention=False,
    facts=None,
    barred=None,
):
    """Writes one text for each image.

    Args:
        model: a captioner of `models`.
        images: their grids, an array (images, rows, cols, C).
        method: "greedy" takes the likeliest next word; "beam" keeps the `beam_width` likeliest beginnings.
        max_length: most words written, the end mark not counted; a text that hasn't ended by then is cut there.
        beam_width: beginnings kept a step. From the number of all possible texts on, the search is exhaustive.
        length_power: beams compete by log-probability / length ** length_power, the end mark counted in length
            (Wu et al. 2016 without the constants): 0 favours short texts, 1 compares means a word.
        no_repeat_ngram: no run of this many words is written twice in a text (Paulus et al. 2018); 0 allows it.
        batch_size: images decoded together; the last batch is filled up, so that one compiled loop serves all.
        return_attention: whether to return where the model looked, too.
        facts: for a captioner with context the arrays of `ContextReader.read`; words that it copies have ids behind the
            vocabulary's.
        barred: bool (images, V), words that must not be written; None: no word.

    Returns:
        ids: list of lists of int, the words of each text.
        log_probabilities: (images,) float32, natural logarithm of each text's probability, end mark included.
        attention: with `return_attention`, see `attention_of_texts`.

    Raises:
        Img2TweetError: unknown method, a number out of range, or attention of a model that has none.
    """
    check_decoding({
        "method": method, "max_length": max_length, "beam_width": beam_width, "length_power": length_power,
        "no_repeat_ngram": no_repeat_ngram, "batch_size": batch_size,
    })  # fmt: skip
    if max_length >= getattr(model, "max_length", np.inf):
        raise Img2TweetError(f"{model.name} writes at most {model.max_length - 1} words, got max_length {max_length}")
    width = beam_width if method == "beam" else 1
    from img2tweet_tf.utils.backend import tf

    images = np.asarray(images, np.float32)
    size = min(batch_size, 1 << (max(len(images), 1) - 1).bit_length())  # a power of two: few sizes to compile for
    inputs = {"image": images, **(facts or {}), **({} if barred is None else {"barred": barred})}
    shapes = tuple((name, (size, *array.shape[1:]), array.dtype.name) for name, array in inputs.items())
    loop = _loop_of(model, shapes, max_length, width, float(length_power), no_repeat_ngram)
    texts, scores = [], []
    for start in range(0, len(images), size):
        parts = {name: array[start : start + size] for name, array in inputs.items()}
        count = len(parts["image"])
        filled = {
            name: tf.constant(np.concatenate([part, np.repeat(part[-1:], size - count, axis=0)]))
            for name, part in parts.items()
        }
        ids, totals = (tensor.numpy()[:count] for tensor in loop(filled))
        texts += [row[(row != Vocabulary.PAD) & (row != Vocabulary.END)].tolist() for row in ids]
        scores.append(totals)
    scores = np.concatenate(scores) if scores else np.zeros(0, np.float32)
    if return_attention:
        return texts, scores, attention_of_texts(model, images, texts, size, facts)
    return texts, scores


def check_decoding(options):
    """Raises `Img2TweetError` unless these (a dict) are options of `decode`, of their types and in their ranges."""
    for name, value in options.items():
        if name == "method":
            good, expected = value in METHODS, f"one of {', '.join(METHODS)}"
        elif name == "length_power":
            good = type(value) in (int, float) and math.isfinite(value)
            expected = "a number"
        elif name in RANGES:
            least, most = RANGES[name]
            good = type(value) is int and least <= value <= most
            expected = f"a whole number from {least} to {most}"
        else:
            there = ", ".join(["method", "length_power", *RANGES])
            raise Img2TweetError(f"decoding has no option {name} (there are: {there})")
        if not good:
            raise Img2TweetError(f"decoding: expected {expected} for {name}, got {value!r}")


def _loop_of(model, shapes, *options):
    """Returns the compiled loop for inputs of (name, shape, dtype), with options of `_search`; made once a model."""
    from img2tweet_tf.utils.backend import tf

    loops = _compiled.setdefault(model, {})
    if (shapes, options) not in loops:
        weak = weakref.ref(model)  # the loop must not keep alive the model that owns it here
        # XLA fuses the many small steps of the loop; the large products that encode the image it would slow down.
        batch = shapes[0][1][0]
        search = tf.function(lambda memory, barred: _search(weak(), memory, barred, batch, *options), jit_compile=True)
        loop = tf.function(lambda inputs: search(encode(weak(), inputs), inputs.get("barred")))
        specs = {name: tf.TensorSpec(shape, dtype) for name, shape, dtype in shapes}
        loops[shapes, options] = loop.get_concrete_function(specs)
    return loops[shapes, options]


def _search(model, memory, forbidden, batch, max_length, width, length_power, no_repeat_ngram):
    """The loop itself, as a graph: greedy search is a beam of width 1. Returns ids (batch, max_length + 1), totals."""
    from img2tweet_tf.utils.backend import keras, tf

    state = model.initial_state(memory, width)
    words = tf.fill([batch, width], Vocabulary.START)
    texts = tf.fill([batch, width, max_length + 1], Vocabulary.PAD)
    # All beams start alike, so only the first may go on; else the same word would fill the beam.
    totals = tf.tile(tf.constant([[0.0] + [_LOW] * (width - 1)]), [batch, 1])
    ended = tf.zeros([batch, width], tf.bool)
    lengths = tf.zeros([batch, width])

    def going(place, words, texts, totals, ended, lengths, state):
        return tf.logical_and(place <= max_length, tf.logical_not(tf.reduce_all(ended)))

    def write(place, words, texts, totals, ended, lengths, state):
        logits, state, _ = model.step(words, state, memory)
        size = logits.shape[-1]
        gains = tf.nn.log_softmax(tf.cast(logits, tf.float32))
        is_end = _marked(size, (Vocabulary.END,))
        barred = _marked(size, _NEVER) | tf.where(place == 0, is_end, (place == max_length) & ~is_end)
        gains += tf.where(barred, _LOW, 0.0)  # no empty text, and the last place is for the end mark
        if forbidden is not None:
            own = tf.zeros([batch, size - forbidden.shape[1]], tf.bool)  # what is copied is supported
            gains += tf.where(tf.concat([forbidden, own], axis=1)[:, None], _LOW, 0.0)
        if 0 < no_repeat_ngram <= max_length:
            gains = _without_repeats(gains, texts, place, no_repeat_ngram)
        gains = tf.where(ended[..., None], tf.where(_marked(size, (Vocabulary.PAD,)), 0.0, _LOW), gains)
        all_totals = totals[..., None] + gains
        all_lengths = lengths + tf.where(ended, 0.0, 1.0)
        ranks = tf.reshape(all_totals / all_lengths[..., None] ** length_power, [batch, width * size])
        best = tf.math.top_k(ranks, width)[1] if width > 1 else tf.argmax(ranks, 1, tf.int32)[:, None]
        origin, words = best // size, best % size
        totals = tf.gather(tf.reshape(all_totals, [batch, width * size]), best, batch_dims=1)
        lengths, texts, ended = (tf.gather(each, origin, batch_dims=1) for each in (all_lengths, texts, ended))
        here = tf.one_hot(place, max_length + 1, on_value=True, off_value=False)
        texts = tf.where(here, words[..., None], texts)
        ended = tf.logical_or(ended, words == Vocabulary.END)
        if width > 1:
            state = keras.tree.map_structure(lambda value: tf.gather(value, origin, batch_dims=1), state)
        return place + 1, words, texts, totals, ended, lengths, state

    start = (tf.constant(0), words, texts, totals, ended, lengths, state)
    _, _, texts, totals, *_ = tf.while_loop(going, write, start)
    return texts[:, 0], totals[:, 0]


def _without_repeats(gains, texts, place, size):
    """Makes words impossible that would repeat a run of `size` words of their text.

    gains (batch, width, vocabulary), texts (batch, width, time) of which the first `place` words are written.
    """
    from img2tweet_tf.utils.backend import tf

    batch, width, time = texts.shape
    starts = time - size + 1
    repeats = tf.broadcast_to(tf.range(starts) + size <= place, [batch, width, starts])  # runs that are written whole
    for back in range(1, size):  # and that begin with the last words written
        last = tf.gather(texts, [tf.maximum(place - back, 0)], axis=2)
        repeats &= texts[:, :, size - 1 - back : size - 1 - back + starts] == last
    ends = texts[:, :, size - 1 :]
    spots = tf.stack([*tf.meshgrid(tf.range(batch), tf.range(width), indexing="ij")], axis=-1)
    spots = tf.concat([tf.repeat(spots[:, :, None], starts, axis=2), ends[..., None]], axis=-1)
    return tf.tensor_scatter_nd_min(gains, spots, tf.where(repeats, _LOW, float("inf")))


def _marked(size, ids):
    """Returns a boolean vector (size,) that is true at `ids`."""
    mask = np.zeros(size, bool)
    mask[list(ids)] = True
    return mask
