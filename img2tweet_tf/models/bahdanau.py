"""Additive attention, by which a recurrent decoder looks at the cells of an image."""

from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class BahdanauAttention(layers.Layer):
    """e_i = v . tanh(W query + key_i), weights = softmax(e), context = sum_i weights_i value_i.

    Queries (B, N, Q), keys (B, L, units), values (B, L, D) -> context (B, N, D), weights (B, N, L). The keys, U a_i of
    the paper, are the caller's, who makes them once an image.

    Args:
        units: size of W query, of the keys and of v.

    Source: Bahdanau, Cho and Bengio 2015, section 3.1 and appendix A.1.2.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.query = layers.Dense(units, use_bias=False, name="query")  # W
        self.score = layers.Dense(1, use_bias=False, name="score")  # v

    def call(self, queries, keys, values):
        # (B, N, 1, units) + (B, 1, L, units): every query meets every cell
        scores = self.score(ops.tanh(self.query(queries)[:, :, None] + keys[:, None]))
        weights = ops.softmax(scores[..., 0])
        return ops.matmul(weights, values), weights

    def get_config(self):
        return {**super().get_config(), "units": self.units}
