"""Multi-head attention whose keys and values can be kept: made once an image, or word by word while writing."""

from img2tweet_tf.backend import keras
from img2tweet_tf.models.caption_model import dense, sizes

layers, ops = keras.layers, keras.ops


class MultiHeadAttention(layers.Layer):
    """softmax(Q K^T / sqrt(d)) V in `num_heads` subspaces of d = d_model / num_heads channels each.

    Keras's own layer projects keys and values anew in each call; here they are a call of their own, so that writing a
    text projects each word, and the image, once. Source: Vaswani et al. 2017, section 3.2.
    """

    def __init__(self, d_model, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.d_model, self.num_heads = d_model, num_heads
        self.query, self.key, self.value, self.output_dense = (
            layers.Dense(d_model, name=name) for name in ("query", "key", "value", "output")
        )
        self.built = True

    def keys_values(self, x, training=False):
        """Projects x (n, places, d_model) to keys and values, each (n, heads, places, d)."""
        return tuple(self._heads(dense(layer, x, training)) for layer in (self.key, self.value))

    def attention_weights(self, x, keys, mask=None, training=False):
        """What places of x (n, time, d_model) attend to, (n, heads, time, places); 0 where the mask is false."""
        queries = self._heads(dense(self.query, x, training)) * (self.d_model // self.num_heads) ** -0.5
        scores = queries @ ops.transpose(keys, (0, 1, 3, 2))
        return ops.softmax(scores if mask is None else ops.where(mask, scores, -1e9))

    def attend(self, x, keys, values, mask=None, training=False):
        """Attends from x (n, time, d_model) to kept keys and values; returns (n, time, d_model)."""
        mixed = ops.transpose(self.attention_weights(x, keys, mask, training) @ values, (0, 2, 1, 3))
        return dense(self.output_dense, ops.reshape(mixed, sizes(x)), training)

    def _heads(self, x):
        """(n, places, d_model) -> (n, heads, places, d)."""
        split = ops.reshape(x, (*sizes(x)[:2], self.num_heads, self.d_model // self.num_heads))
        return ops.transpose(split, (0, 2, 1, 3))
