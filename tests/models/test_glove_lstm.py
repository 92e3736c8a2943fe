"""GloVeLSTM against Keras's own layers, put together by hand with the same weights."""

import numpy as np
from test_captioners import GRID, VOCABULARY, build, logits, toy_batch

from img2tweet_tf.utils.backend import keras

layers = keras.layers


def with_weights_of(layer, other, inputs):
    """Returns a layer's output after it was built and given another layer's weights."""
    layer(inputs)
    layer.set_weights(other.get_weights())
    return layer(inputs)


def test_the_forward_pass_is_lstm_plus_image_then_dense():
    model, batch = build("glove_lstm"), toy_batch(texts=1)
    units = model.units
    model.image_norm.set_weights([np.random.default_rng(0).normal(size=GRID[-1]) for _ in range(2)])

    pooled = with_weights_of(layers.LayerNormalization(), model.image_norm, batch["image"].mean(axis=(1, 2)))
    v = with_weights_of(layers.Dense(units, activation="relu"), model.image_dense, pooled)
    words = with_weights_of(layers.Embedding(VOCABULARY, 6), model.embedding, batch["ids"][:, 0])
    h = with_weights_of(layers.LSTM(units, return_sequences=True), model.lstm, words)
    merged = with_weights_of(layers.Dense(units, activation="relu"), model.merge_dense, h + v[:, None])
    out = layers.Dense(VOCABULARY)
    out(merged)
    out.set_weights([model.word_logits.product.kernel, np.arange(VOCABULARY)])
    model.word_logits.bias.assign(np.arange(VOCABULARY))

    np.testing.assert_allclose(logits(model, batch)[:, 0], out(merged), atol=1e-5)


def test_the_image_vector_has_one_scale_for_every_encoder():
    """Features ten times as large, or moved by a constant, are the same picture."""
    model, batch = build("glove_lstm"), toy_batch()
    before = logits(model, batch)
    np.testing.assert_allclose(logits(model, batch, image=10 * batch["image"] + 3), before, atol=1e-2)
    assert np.abs(logits(model, batch, image=batch["image"][::-1]) - before).max() > 1e-2


def test_only_the_mean_of_the_grid_counts():
    model, batch = build("glove_lstm"), toy_batch()
    turned = batch["image"][:, ::-1, ::-1].copy()
    np.testing.assert_allclose(logits(model, batch, image=turned), logits(model, batch), atol=1e-5)
