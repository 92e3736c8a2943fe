import numpy as np
import pytest

from img2tweet_tf.backend import keras
from img2tweet_tf.models.adam import FusedAdam


@pytest.mark.parametrize("rate", [0.01, keras.optimizers.schedules.ExponentialDecay(0.02, 3, 0.5)])
def test_it_steps_as_keras_does(rate):
    random = np.random.default_rng(0)
    start, gradients = random.normal(size=(3, 4)), random.normal(size=(5, 3, 4))
    ends = []
    for kind in (keras.optimizers.Adam, FusedAdam):
        variable = keras.Variable(start.astype("float32"))
        optimizer = kind(rate, global_clipnorm=2.0)
        for gradient in gradients:
            optimizer.apply([keras.ops.convert_to_tensor(gradient.astype("float32"))], [variable])
        ends.append(variable.numpy())
    np.testing.assert_allclose(*ends, atol=1e-6)
    assert np.abs(ends[0] - start).max() > 0.02
