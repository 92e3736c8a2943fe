"""The LSTM with its gradient written out, against Keras's layer and TensorFlow's gradient."""

import numpy as np
import pytest

from img2tweet_tf.backend import keras, tf
from img2tweet_tf.models import GloVeLSTM
from img2tweet_tf.models.recurrence import run_lstm

ROWS, UNITS, CHANNELS = 6, 5, 4


@pytest.mark.parametrize("time", [1, 7])
def test_states_and_gradients_are_those_of_keras(time):
    random = np.random.default_rng(0)
    layer = keras.layers.LSTM(UNITS, return_sequences=True)
    layer.build((None, None, CHANNELS))
    layer.set_weights([random.normal(size=weight.shape) for weight in layer.get_weights()])
    words, weight = (tf.constant(random.normal(size=(ROWS, time, n)), tf.float32) for n in (CHANNELS, UNITS))
    kernel, recurrent, bias = (variable.value for variable in layer.weights)

    def value_and_gradients(run):
        with tf.GradientTape() as tape:
            tape.watch(words)
            states = run()
            total = tf.reduce_sum(states * weight)
        return states, *tape.gradient(total, [words, kernel, recurrent, bias])

    ours = value_and_gradients(lambda: run_lstm(words @ kernel + bias, tf.convert_to_tensor(recurrent)))
    for mine, theirs in zip(ours, value_and_gradients(lambda: layer(words)), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-5)


def test_glove_lstm_says_the_same_by_the_layer_that_a_gpu_runs(monkeypatch):
    model = GloVeLSTM(9, (CHANNELS,), embedding_dim=3, units=UNITS)
    inputs = {"features": np.ones((2, CHANNELS), "float32"), "ids": np.array([[1, 4, 5], [1, 8, 2]])}
    ours = model(inputs)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    np.testing.assert_allclose(ours, model(inputs), atol=1e-6)
