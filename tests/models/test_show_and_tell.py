"""ShowAndTell against Keras's own layers, put together by hand with the same weights."""

import numpy as np
from test_captioners import GRID, VOCABULARY, build, logits, toy_batch
from test_glove_lstm import with_weights_of

from img2tweet_tf.utils.backend import keras

layers = keras.layers


def test_the_forward_pass_is_an_lstm_over_the_image_and_then_the_words():
    model, batch = build("show_and_tell"), toy_batch(texts=1)
    model.image_norm.set_weights([np.random.default_rng(0).normal(size=GRID[-1]) for _ in range(2)])

    pooled = with_weights_of(layers.LayerNormalization(), model.image_norm, batch["image"].mean(axis=(1, 2)))
    image = with_weights_of(layers.Dense(6, use_bias=False), model.image_dense, pooled)
    words = with_weights_of(layers.Embedding(VOCABULARY, 6), model.embedding, batch["ids"][:, 0])
    sequence = np.concatenate([image[:, None], words], axis=1)
    h = with_weights_of(layers.LSTM(model.units, return_sequences=True), model.lstm, sequence)[:, 1:]
    out = layers.Dense(VOCABULARY)
    out(h)
    out.set_weights([model.word_logits.product.kernel, np.arange(VOCABULARY)])
    model.word_logits.bias.assign(np.arange(VOCABULARY))

    np.testing.assert_allclose(logits(model, batch)[:, 0], out(h), atol=1e-5)


def test_the_image_is_read_once_and_before_the_words():
    """Two images in one state: what the LSTM has read is all that is left of them."""
    model, batch = build("show_and_tell"), toy_batch(images=2)
    memory = model.encode(batch["image"])
    state = model.initial_state(memory, 1)
    other = {name: value[::-1] for name, value in memory.items()}
    ids = np.full((2, 1), 5, "int32")
    np.testing.assert_array_equal(model.step(ids, state, memory)[0], model.step(ids, state, other)[0])
    assert np.abs(state["h"][0] - state["h"][1]).max() > 1e-3
