"""The gradient that is written out, against TensorFlow's."""

import numpy as np
import pytest

from img2tweet_tf.backend import tf
from img2tweet_tf.models.attention_gru import AttentionGRU, rise, run_with_gradient

IMAGES, TEXTS, TIME, CELLS, UNITS, DEPTH = 3, 2, 4, 6, 5, 7


@pytest.mark.parametrize("gate", [True, False])
def test_the_gradient_of_everything_is_that_of_automatic_differentiation(gate):
    random = np.random.default_rng(0)

    def some(*shape):
        return tf.constant(random.normal(size=shape), tf.float32)

    rows = IMAGES * TEXTS
    keys = rise(some(IMAGES, CELLS, UNITS))
    inputs = [some(rows, TIME, 3 * UNITS), some(rows, UNITS), keys, some(IMAGES, CELLS, DEPTH)]
    layer = AttentionGRU(UNITS, gate)
    layer.build((None, CELLS, DEPTH))
    for weight in layer.weights:
        weight.assign(some(*weight.shape))
    outputs = some(rows, TIME, UNITS), some(rows, TIME, DEPTH), some(rows, TIME, CELLS)

    def gradients(run):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            total = sum(tf.reduce_sum(made * weight) for made, weight in zip(run(), outputs, strict=True))
        sources = [*inputs, *(weight.value for weight in layer.weights)]
        return total, tape.gradient(total, sources, unconnected_gradients="zero")

    total, by_hand = gradients(lambda: layer(*inputs))
    same, automatic = gradients(lambda: run_with_gradient(gate, tf.float32, *inputs, *layer.kernels())[0])
    assert total == same
    for ours, theirs in zip(by_hand, automatic, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_a_step_is_a_word_of_the_run():
    random = np.random.default_rng(1)
    layer = AttentionGRU(UNITS)
    layer.build((None, CELLS, DEPTH))
    x = random.normal(size=(4, 2, 3 * UNITS)).astype("float32")
    keys, annotations = (random.normal(size=(2, CELLS, depth)).astype("float32") for depth in (UNITS, DEPTH))
    keys, start = rise(keys), tf.zeros((4, UNITS))
    states, contexts, weights = layer(x, start, keys, annotations)
    state, context, looks = layer.step(x[:, 0], start, keys, tf.constant(annotations))
    for ours, theirs in ((state, states), (context, contexts), (looks, weights)):
        np.testing.assert_allclose(ours, theirs[:, 0], atol=1e-6)


@pytest.mark.parametrize("size", [0.1, 5.0, 100.0])
def test_scores_are_those_of_a_tanh_also_where_it_is_flat(size):
    random = np.random.default_rng(2)
    layer = AttentionGRU(UNITS)
    layer.build((None, CELLS, DEPTH))
    layer.bias.assign(random.normal(scale=size, size=layer.bias.shape))
    keys = random.normal(scale=size, size=(2, CELLS, UNITS)).astype("float32")
    annotations = tf.zeros((2, CELLS, DEPTH))
    looks = layer.step(tf.zeros((2, 3 * UNITS)), tf.zeros((2, UNITS)), rise(keys), annotations)[2]
    scores = np.tanh(np.clip(keys, -40, 40) + np.clip(layer.bias[:UNITS], -40, 40)) @ np.array(layer.score)[:, 0]
    np.testing.assert_allclose(looks, tf.nn.softmax(scores), atol=1e-5)
