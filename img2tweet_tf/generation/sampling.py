"""Drawing the next word by chance, from a distribution whose unlikely end is cut off."""

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
        decoding: `Decoding`: of the words sorted by probability at its `temperature`, with the method "top_k" the first
            `top_k` may be drawn, with "nucleus" the fewest whose probabilities add up to `top_p`.

    Source: Fan et al. 2018, section 5.1, for top-k; Holtzman et al. 2020, section 3.1, for the nucleus.
    """
    from img2tweet_tf.utils.backend import tf

    nucleus = decoding.method == "nucleus"
    most = log_probabilities.shape[-1]
    logits = log_probabilities / decoding.temperature
    logits, ids = tf.math.top_k(logits, most if nucleus else min(decoding.top_k, most))  # sorted, the likeliest first
    probabilities = tf.nn.softmax(logits)
    if nucleus:
        likelier = tf.cumsum(probabilities, axis=-1, exclusive=True)  # the probability of all words before each
        probabilities = tf.where(likelier < decoding.top_p, probabilities, 0.0)
    mass = tf.cumsum(probabilities, axis=-1)
    place = tf.reduce_sum(tf.cast(mass <= uniform[..., None] * mass[..., -1:], tf.int32), axis=-1)
    last = tf.reduce_sum(tf.cast(probabilities > 0, tf.int32), axis=-1) - 1
    return tf.gather(ids, tf.clip_by_value(place, 0, tf.maximum(last, 0))[..., None], batch_dims=2)[..., 0]
