"""Writing: from an image's features to word ids, by one compiled loop that carries its state.

The loop drives any model that has the `encode`, `initial_state` and `step` of the captioners' contract (`models`), and
knows no more of it. Padding, start and unknown are never written, and a text has at least one word.
"""

import dataclasses
import weakref

import numpy as np

from img2tweet_tf.generation.attention import attention_of_texts, encode
from img2tweet_tf.generation.options import Decoding, make_decoding
from img2tweet_tf.generation.reranking import rerank
from img2tweet_tf.generation.sampling import draw, uniform_numbers
from img2tweet_tf.text import Vocabulary
from img2tweet_tf.utils.errors import Img2TweetError

_NEVER = (Vocabulary.PAD, Vocabulary.START, Vocabulary.UNK)
_NOTHING = -np.inf  # the logarithm of a probability of 0
_compiled = weakref.WeakKeyDictionary()


def decode(
    model, images, method="greedy", *, facts=None, barred=None, mean_image=None, is_copy=None, first=0,
    return_attention=False, **options,
):  # fmt: skip
    """Writes one text for each image, or several.

    Args:
        model: a captioner of `models`.
        images: their grids, an array (images, rows, cols, C).
        method: a method's name, with its options; or a whole `Decoding`. See there.
        facts: for a captioner with context the arrays of `ContextReader.read`; words that it copies have ids behind the
            vocabulary's.
        barred: bool (images, V), words that must not be written; None: no word.
        mean_image: for reranking (C,), the mean pooled features of the training images.
        is_copy: for avoiding copies a function of the place of an image, from 0, and the ids of a text, which says
            whether it is a training text.
        first: the place of the first image where these are a part of several; draws depend on it.
        return_attention: whether to return where the model looked, too; of one text an image.

    Returns:
        ids: list of lists of int, the words of each text; with `several` over 1 for each image a list of such lists,
            shorter only where a beam has found fewer texts.
        log_probabilities: (images,) float32, natural logarithm of each text's probability given its image (and facts),
            end mark included, before any temperature, penalty or cut; with `several` over 1 (images, several), -inf
            where there is no text.
        attention: with `return_attention`, see `attention_of_texts`.

    Raises:
        Img2TweetError: an unknown option, one out of range, or attention of a model that has none.
    """
    decoding = method if isinstance(method, Decoding) else make_decoding({"method": method, **options})
    if decoding.max_length >= getattr(model, "max_length", np.inf):
        most = f"at most {model.max_length - 1} words, got max_length {decoding.max_length}"
        raise Img2TweetError(f"{model.name} writes {most}")
    if decoding.rerank and mean_image is None:
        raise Img2TweetError("rerank: needs the mean image of the training")
    if decoding.avoid_copies and is_copy is None:
        raise Img2TweetError("avoid_copies: needs is_copy, which knows the training texts")
    if return_attention and decoding.several > 1:
        raise Img2TweetError("return_attention: shows where one text of an image looks, not several")
    images = np.asarray(images, np.float32)
    read = {"image": images, **(facts or {})}
    inputs = read | ({} if barred is None else {"barred": barred})
    if decoding.draws:
        inputs["uniform"] = uniform_numbers(decoding, range(first, first + len(images)))
    size = min(decoding.batch_size, 1 << (max(len(images), 1) - 1).bit_length())  # few sizes to compile for
    texts, scores = [], []
    for start in range(0, len(images), size):
        part = slice(start, start + size)
        found = _write_batch(model, {name: array[part] for name, array in inputs.items()}, size, decoding)
        if decoding.rerank:
            found = rerank(model, {name: array[part] for name, array in read.items()}, mean_image, *found, decoding)
        texts += found[0]
        scores += found[1]
    if decoding.avoid_copies:
        _put_copies_last(texts, scores, is_copy)
    several = decoding.several
    table = np.full((len(images), several), -np.inf, np.float32)
    for row, of_image in zip(table, scores, strict=True):
        row[: len(of_image)] = of_image[:several]
    if several > 1:
        return [of_image[:several] for of_image in texts], table
    texts, scores = [of_image[0] for of_image in texts], table[:, 0]
    if return_attention:
        return texts, scores, attention_of_texts(model, images, texts, size, facts)
    return texts, scores


def _put_copies_last(texts, scores, is_copy):
    """Orders the texts of each image, and their log-probabilities, in place: copies last, else as they were."""
    for image, (of_image, its_scores) in enumerate(zip(texts, scores, strict=True)):
        order = sorted(range(len(of_image)), key=lambda place, image=image: is_copy(image, texts[image][place]))
        texts[image], scores[image] = [of_image[place] for place in order], [its_scores[place] for place in order]


def _write_batch(model, inputs, size, decoding):
    """Returns for each image of a batch a list of texts and a list of their log-probabilities, the best beam first.

    The batch is filled up to `size`, so that one compiled loop serves all.
    """
    from img2tweet_tf.utils.backend import tf

    count = len(inputs["image"])
    filled = {
        name: tf.constant(np.concatenate([array, np.repeat(array[-1:], size - count, axis=0)]))
        for name, array in inputs.items()
    }
    loop = _loop_of(model, tuple((name, tensor.shape, tensor.dtype) for name, tensor in filled.items()), decoding)
    ids, scores, possible = (tensor.numpy()[:count] for tensor in loop(filled))
    texts = [
        [row[(row != Vocabulary.PAD) & (row != Vocabulary.END)].tolist() for row in rows[found]]
        for rows, found in zip(ids, possible, strict=True)
    ]
    return texts, [of_image[found].tolist() for of_image, found in zip(scores, possible, strict=True)]


def _loop_of(model, shapes, decoding):
    """Returns the compiled loop for inputs of (name, shape, dtype); made once a model."""
    from img2tweet_tf.utils.backend import tf

    loops = _compiled.setdefault(model, {})
    decoding = dataclasses.replace(decoding, seed=0, batch_size=1)
    if (shapes, decoding) not in loops:
        batch = shapes[0][1][0]
        weak = weakref.ref(model)  # the loop must not keep alive the model that owns it here
        # XLA fuses the many small steps of the loop; the large products that encode the image it would slow down.
        search = tf.function(lambda memory, inputs: _search(weak(), memory, inputs, batch, decoding), jit_compile=True)

        def loop(inputs):
            given = {name: inputs[name] for name in ("barred", "uniform") if name in inputs}
            return search(encode(weak(), inputs), given)

        specs = {name: tf.TensorSpec(shape, dtype) for name, shape, dtype in shapes}
        loops[shapes, decoding] = tf.function(loop).get_concrete_function(specs)
    return loops[shapes, decoding]


def _search(model, memory, inputs, batch, decoding):
    """The loop itself, as a graph. Returns ids (batch, rows, max_length + 1), log-probabilities, whether possible.

    A beam goes on from the best of all its rows; in every other method each row goes on by itself.
    """
    from img2tweet_tf.utils.backend import keras, tf

    rows, longest = decoding.rows, decoding.max_length
    beam = decoding.method == "beam"
    state = model.initial_state(memory, rows)
    words = tf.fill([batch, rows], Vocabulary.START)
    texts = tf.fill([batch, rows, longest + 1], Vocabulary.PAD)
    log_probabilities = tf.zeros([batch, rows])
    # All beams start alike, so only the first may go on; else the same word would fill the beam.
    scores = tf.tile(tf.constant([[0.0] + [_NOTHING if beam else 0.0] * (rows - 1)]), [batch, 1])
    ended = tf.zeros([batch, rows], tf.bool)
    lengths = tf.zeros([batch, rows])

    def going(place, words, texts, log_probabilities, scores, ended, lengths, state):
        return tf.logical_and(place <= longest, tf.logical_not(tf.reduce_all(ended)))

    def write(place, words, texts, log_probabilities, scores, ended, lengths, state):
        logits, state, _ = model.step(words, state, memory)
        gains = tf.where(ended[..., None], 0.0, tf.nn.log_softmax(tf.cast(logits, tf.float32)))
        chances = _possible(gains, texts, place, ended, inputs.get("barred"), decoding)
        lengths += tf.where(ended, 0.0, 1.0)
        if beam:
            size = gains.shape[-1]
            ranks = (scores[..., None] + chances) / lengths[..., None] ** decoding.length_power
            best = tf.math.top_k(tf.reshape(ranks, [batch, rows * size]), rows)[1]
            origin, words = best // size, best % size
            flat = (tf.reshape(each, [batch, rows * size]) for each in (gains, chances))
            gain, chance = (tf.gather(each, best, batch_dims=1) for each in flat)
            kept = {"state": state, "of text": (texts, log_probabilities, scores, ended, lengths)}
            kept = keras.tree.map_structure(lambda value: tf.gather(value, origin, batch_dims=1), kept)
            state, (texts, log_probabilities, scores, ended, lengths) = kept["state"], kept["of text"]
        else:
            if decoding.draws:
                words = draw(chances, tf.gather(inputs["uniform"], place, axis=2), decoding)
            else:
                words = tf.argmax(chances, -1, tf.int32)
            gain, chance = (tf.gather(each, words, batch_dims=2) for each in (gains, chances))
        here = tf.one_hot(place, longest + 1, on_value=True, off_value=False)
        texts = tf.where(here, words[..., None], texts)
        ended = tf.logical_or(ended, words == Vocabulary.END)
        return place + 1, words, texts, log_probabilities + gain, scores + chance, ended, lengths, state

    start = (tf.constant(0), words, texts, log_probabilities, scores, ended, lengths, state)
    _, _, texts, log_probabilities, scores, *_ = tf.while_loop(going, write, start)
    return texts, log_probabilities, (scores != _NOTHING) | (tf.range(rows) == 0)


def _possible(gains, texts, place, ended, forbidden, decoding):
    """Returns the log-probabilities (batch, rows, V) by which the next word is chosen, low where it must not come.

    Args:
        gains: (batch, rows, V), the model's own.
        texts: (batch, rows, time), of which the first `place` words are written.
        ended: (batch, rows), which texts have ended; they go on with padding.
        forbidden: bool (batch, V), or None.
    """
    from img2tweet_tf.utils.backend import tf

    size = gains.shape[-1]
    if decoding.repetition_penalty != 1:
        written = tf.reduce_any(tf.one_hot(texts, size, on_value=True, off_value=False), axis=2)
        gains = tf.where(written, gains * decoding.repetition_penalty, gains)
    is_end = _marked(size, (Vocabulary.END,))
    too_soon, too_late = place < decoding.min_length, place == decoding.max_length
    barred = _marked(size, _NEVER) | (too_soon & is_end) | (too_late & ~is_end)
    if forbidden is not None:
        own = tf.zeros([forbidden.shape[0], size - forbidden.shape[1]], tf.bool)  # what is copied is supported
        barred |= tf.concat([forbidden, own], axis=1)[:, None]
    gains = tf.where(barred, _NOTHING, gains)
    if 0 < decoding.no_repeat_ngram <= decoding.max_length:
        gains = _without_repeats(gains, texts, place, decoding.no_repeat_ngram)
    return tf.where(ended[..., None], tf.where(_marked(size, (Vocabulary.PAD,)), 0.0, _NOTHING), gains)


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
    return tf.tensor_scatter_nd_min(gains, spots, tf.where(repeats, _NOTHING, float("inf")))


def _marked(size, ids):
    """Returns a boolean vector (size,) that is true at `ids`."""
    mask = np.zeros(size, bool)
    mask[list(ids)] = True
    return mask
