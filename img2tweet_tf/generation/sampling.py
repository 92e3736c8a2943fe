"""Drawing the next word by chance, from a distribution whose unlikely end is cut off."""

import math

import numpy as np


def uniform_numbers(decoding, images):
    """Returns the numbers in 0..1 by which words are drawn, float32 (images, rows, max_length + 1).

    Each image has a generator of its own, so that its texts depend on no image beside it, and on no batch.

    Args:
        decoding: `Decoding`, of which the seed.
        images: the place of each image among all.
    """
    shape = decoding.rows, decoding.max_length + 1
    numbers = [np.random.default_rng([decoding.seed, image]).random(shape, np.float32) for image in images]
    return np.array(numbers, np.float32).reshape(-1, *shape)


def draw(log_probabilities, uniform, decoding):
    """Draws ids (B, N) by inverting the cumulative distribution at numbers in 0..1, `uniform` (B, N).

    Args:
        log_probabilities: (B, N, V), up to a constant.
        uniform: numbers in 0..1.
        decoding: `Decoding`: with the method "top_k" the `top_k` likeliest words may be drawn, with "nucleus" the
            fewest whose probabilities at this `temperature` add up to `top_p`.

    Source: Fan et al. 2018, section 5.1, for top-k; Holtzman et al. 2020, section 3.1, for the nucleus.
    """
    from img2tweet_tf.utils.backend import tf

    probabilities = tf.nn.softmax(log_probabilities / decoding.temperature)
    if decoding.method == "top_k":
        likeliest = tf.math.top_k(probabilities, min(decoding.top_k, probabilities.shape[-1]))[0]
        least = tf.reduce_min(likeliest, axis=-1)  # their last; but for a slice of them XLA would sort all words
    else:
        least = _least_of_nucleus(probabilities, decoding.top_p)
    probabilities = tf.where(probabilities >= least[..., None], probabilities, 0.0)
    return _invert(probabilities, uniform * tf.reduce_sum(probabilities, axis=-1))


def _least_of_nucleus(probabilities, top_p):
    """Returns the least probability of a word in the nucleus (B, N), to 24 bits of the largest probability.

    It is found by halving: to sort all words of the vocabulary takes four times as long as the rest of the step.
    """
    from img2tweet_tf.utils.backend import tf

    low, high = tf.zeros(probabilities.shape[:-1]), tf.reduce_max(probabilities, axis=-1)
    for _ in range(24):
        middle = (low + high) / 2
        mass = tf.reduce_sum(tf.where(probabilities >= middle[..., None], probabilities, 0.0), axis=-1)
        low, high = tf.where(mass >= top_p, middle, low), tf.where(mass >= top_p, high, middle)
    return low


def _invert(probabilities, mass):
    """Returns the first id (B, N) up to which probabilities (B, N, V) add up to more than `mass` (B, N).

    First the block of ids is found in which it lies, then the id in it: a cumulative sum over all words takes longer.
    """
    from img2tweet_tf.utils.backend import tf

    words = probabilities.shape[-1]
    size = math.isqrt(words)
    count = math.ceil(words / size)
    padded = tf.pad(probabilities, [[0, 0], [0, 0], [0, count * size - words]])
    blocks = tf.reshape(padded, [*mass.shape, count, size])
    sums = tf.reduce_sum(blocks, axis=-1)
    block = _first_beyond(sums, mass)
    before = tf.reduce_sum(tf.where(tf.range(count) < block[..., None], sums, 0.0), axis=-1)
    return block * size + _first_beyond(tf.gather(blocks, block, batch_dims=2), mass - before)


def _first_beyond(probabilities, mass):
    """Returns the first place (B, N) up to which probabilities add up to more than `mass` (B, N), or the last possible.

    Only a place of some probability is possible, however the sums are rounded.
    """
    from img2tweet_tf.utils.backend import tf

    places, possible = tf.range(probabilities.shape[-1]), probabilities > 0
    last = tf.reduce_max(tf.where(possible, places, 0), axis=-1, keepdims=True)
    beyond = tf.cumsum(probabilities, axis=-1) > mass[..., None]
    return tf.reduce_min(tf.where(beyond & possible, places, last), axis=-1)
