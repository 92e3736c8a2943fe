"""Multi-head attention whose keys and values can be kept: made once an image, or word by word while writing."""

from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class MultiHeadAttention(layers.Layer):
    """softmax(Q K^T / sqrt(d)) V in `num_heads` subspaces of d = d_model / num_heads channels each.

    `keras.layers.MultiHeadAttention` does the same and projects keys and values anew in each call. Here that is a call
    of its own, so that writing a text projects each word, and the image, once. Shapes (..., T, d_model), any number of
    dimensions before them; heads come before places, (..., heads, T, d).

    Source: Vaswani et al. 2017, section 3.2.
    """

    def __init__(self, d_model, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.d_model, self.num_heads = d_model, num_heads
        self.query, self.key, self.value, self.output_dense = (
            layers.Dense(d_model, name=name) for name in ("query", "key", "value", "output")
        )

    def heads(self, x):
        """(..., T, d_model) -> (..., heads, T, d)."""
        split = ops.reshape(x, (*ops.shape(x)[:-1], self.num_heads, self.d_model // self.num_heads))
        return ops.swapaxes(split, -3, -2)

    def keys_values(self, x):
        """Projects what can be attended to, (..., S, d_model), to keys and values, each (..., heads, S, d)."""
        return self.heads(self.key(x)), self.heads(self.value(x))

    def call(self, x, keys, values, attention_mask=None):
        """Attends from x (..., T, d_model); returns (..., T, d_model) and the weights (..., heads, T, S).

        attention_mask: bool, to be broadcast to (T, S): false where a place must not be seen.
        """
        scores = ops.matmul(self.heads(self.query(x)), ops.swapaxes(keys, -2, -1))
        scores = scores / (self.d_model // self.num_heads) ** 0.5
        weights = ops.softmax(scores if attention_mask is None else ops.where(attention_mask, scores, -1e9))
        mixed = ops.swapaxes(ops.matmul(weights, values), -3, -2)
        return self.output_dense(ops.reshape(mixed, ops.shape(x))), weights

    def get_config(self):
        return {**super().get_config(), "d_model": self.d_model, "num_heads": self.num_heads}
