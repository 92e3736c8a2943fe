"""Additive attention against its formula, in numpy."""

import numpy as np

from img2tweet_tf.models.bahdanau import BahdanauAttention

IMAGES, TEXTS, CELLS, QUERY, UNITS, DEPTH = 2, 3, 5, 4, 6, 7


def some(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype("float32")


def test_scores_weights_and_context_are_those_of_the_formula():
    layer = BahdanauAttention(UNITS)
    queries, keys, values = some(IMAGES, TEXTS, QUERY), some(IMAGES, CELLS, UNITS), some(IMAGES, CELLS, DEPTH)
    context, weights = layer(queries, keys, values)
    w, v = (each.numpy() for each in layer.weights)
    assert (w.shape, v.shape) == ((QUERY, UNITS), (UNITS, 1))
    for image in range(IMAGES):
        for text in range(TEXTS):
            e = [v[:, 0] @ np.tanh(queries[image, text] @ w + keys[image, cell]) for cell in range(CELLS)]
            alpha = np.exp(e) / np.exp(e).sum()
            np.testing.assert_allclose(weights[image, text], alpha, atol=1e-6)
            np.testing.assert_allclose(context[image, text], alpha @ values[image], atol=1e-5)


def test_a_key_that_fits_the_query_gets_all_the_weight():
    layer = BahdanauAttention(1)
    layer(some(1, 1, 1), some(1, 3, 1), some(1, 3, 2))
    layer.query.set_weights([np.ones((1, 1))])
    layer.score.set_weights([np.full((1, 1), 50.0)])
    keys = np.array([[[-5.0], [5.0], [-5.0]]], "float32")
    values = np.array([[[1.0, 0.0], [2.0, 3.0], [4.0, 5.0]]], "float32")
    context, weights = layer(np.zeros((1, 1, 1), "float32"), keys, values)
    np.testing.assert_allclose(weights[0, 0], [0, 1, 0], atol=1e-6)
    np.testing.assert_allclose(context[0, 0], [2, 3], atol=1e-5)


def test_its_size_is_all_that_must_be_saved():
    layer = BahdanauAttention(UNITS, name="looks")
    again = BahdanauAttention.from_config(layer.get_config())
    assert (again.units, again.name) == (UNITS, "looks")
