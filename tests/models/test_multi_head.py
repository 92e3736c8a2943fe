"""Multi-head attention against Keras's layer with the same weights."""

import numpy as np
import pytest

from img2tweet_tf.models.multi_head import MultiHeadAttention
from img2tweet_tf.utils.backend import keras

BATCH, TIME, CELLS, WIDTH, HEADS = 2, 4, 6, 8, 2
CAUSAL = np.tri(TIME, dtype=bool)


def some(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def both(seed=0):
    """Returns this layer and Keras's, with the same weights."""
    ours, theirs = MultiHeadAttention(WIDTH, HEADS), keras.layers.MultiHeadAttention(HEADS, WIDTH // HEADS)
    x = some(BATCH, TIME, WIDTH)
    ours(x, *ours.keys_values(x)), theirs(x, x)
    random = np.random.default_rng(seed)
    ours.set_weights([random.normal(size=weight.shape) for weight in ours.get_weights()])
    parts = []
    for part in (ours.query, ours.key, ours.value):
        kernel, bias = part.get_weights()
        parts += [kernel.reshape(WIDTH, HEADS, -1), bias.reshape(HEADS, -1)]
    kernel, bias = ours.output_dense.get_weights()
    theirs.set_weights([*parts, kernel.reshape(HEADS, -1, WIDTH), bias])
    return ours, theirs


@pytest.mark.parametrize("mask", [None, CAUSAL], ids=["all places", "causal"])
def test_self_attention_is_that_of_keras(mask):
    ours, theirs = both()
    x = some(BATCH, TIME, WIDTH, seed=1)
    made, weights = ours(x, *ours.keys_values(x), attention_mask=mask)
    batch_mask = None if mask is None else np.repeat(mask[None], BATCH, axis=0)
    expected, scores = theirs(x, x, attention_mask=batch_mask, return_attention_scores=True)
    np.testing.assert_allclose(made, expected, atol=1e-4)
    np.testing.assert_allclose(weights, scores, atol=1e-5)
    assert weights.shape == (BATCH, HEADS, TIME, TIME)
    if mask is not None:
        assert not np.array(weights)[:, :, ~mask].any()


def test_attention_to_an_image_is_that_of_keras():
    ours, theirs = both(seed=2)
    x, cells = some(BATCH, TIME, WIDTH, seed=3), some(BATCH, CELLS, WIDTH, seed=4)
    made, weights = ours(x, *ours.keys_values(cells))
    expected, scores = theirs(x, cells, return_attention_scores=True)
    np.testing.assert_allclose(made, expected, atol=1e-4)
    np.testing.assert_allclose(weights, scores, atol=1e-5)


def test_it_takes_any_number_of_dimensions_before_the_places():
    ours, _ = both()
    x = some(BATCH, 3, TIME, WIDTH, seed=5)
    made, weights = ours(x, *ours.keys_values(x), attention_mask=CAUSAL)
    assert weights.shape == (BATCH, 3, HEADS, TIME, TIME)
    for text in range(3):
        alone, _ = ours(x[:, text], *ours.keys_values(x[:, text]), attention_mask=CAUSAL)
        np.testing.assert_allclose(made[:, text], alone, atol=1e-5)


def test_its_sizes_are_all_that_must_be_saved():
    again = MultiHeadAttention.from_config(MultiHeadAttention(WIDTH, HEADS).get_config())
    assert (again.d_model, again.num_heads) == (WIDTH, HEADS)
