"""The encoder and decoder block of the transformer, and its encoding of positions."""

import numpy as np

from img2tweet_tf.models.multi_head import MultiHeadAttention
from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


class Residual(layers.Layer):
    """The connection around a part f: norm(x + dropout(f(x))), or x + dropout(f(norm(x))) with `norm_first`."""

    def __init__(self, dropout, norm_first, **kwargs):
        super().__init__(**kwargs)
        self.norm_first = norm_first
        self.norm = layers.LayerNormalization(epsilon=1e-6)
        self.dropout = layers.Dropout(dropout)

    def enter(self, x):
        """Returns what f reads of x."""
        return self.norm(x) if self.norm_first else x

    def call(self, x, changed, training=False):
        """Returns x (..., d_model) after f, which has made `changed` of it."""
        x = x + self.dropout(changed, training=training)
        return x if self.norm_first else self.norm(x)


class FeedForward(layers.Layer):
    """W_2 relu(W_1 x), `inner_dim` wide, within its residual connection: (..., d_model) -> (..., d_model)."""

    def __init__(self, d_model, inner_dim, dropout, norm_first, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(inner_dim, activation="relu")
        self.outer = layers.Dense(d_model)
        self.residual = Residual(dropout, norm_first)

    def call(self, x, training=False):
        return self.residual(x, self.outer(self.inner(self.residual.enter(x))), training=training)


class EncoderBlock(layers.Layer):
    """Self-attention among all places, then a feed-forward network: (B, L, d_model) -> (B, L, d_model)."""

    def __init__(self, d_model, num_heads, inner_dim, dropout, norm_first, **kwargs):
        super().__init__(**kwargs)
        self.self_attention = MultiHeadAttention(d_model, num_heads)
        self.residual = Residual(dropout, norm_first)
        self.feed_forward = FeedForward(d_model, inner_dim, dropout, norm_first)

    def call(self, x, training=False):
        y = self.residual.enter(x)
        y, _ = self.self_attention(y, *self.self_attention.keys_values(y))
        return self.feed_forward(self.residual(x, y, training=training), training=training)


class DecoderBlock(layers.Layer):
    """Causal self-attention among words, attention to the image (cross-attention), a feed-forward network."""

    def __init__(self, d_model, num_heads, inner_dim, dropout, norm_first, **kwargs):
        super().__init__(**kwargs)
        self.self_attention = MultiHeadAttention(d_model, num_heads)
        self.self_residual = Residual(dropout, norm_first)
        self.cross_attention = MultiHeadAttention(d_model, num_heads)
        self.cross_residual = Residual(dropout, norm_first)
        self.feed_forward = FeedForward(d_model, inner_dim, dropout, norm_first)

    def call(self, x, image, past=None, position=0, training=False):
        """Reads words (B, N, T, d_model): all of a text, or the one at `position` after those in `past`.

        Args:
            x: the words.
            image: keys and values of the cells, each (B, heads, L, d).
            past: keys and values of all places of the text, each (B, N, heads, S, d); those from `position` on are
                not read. None where x is the whole text.
            position: place of x's first word, an integer.

        Returns:
            words (B, N, T, d_model), past with these words written in, and what they attended to in the image, weights
            (B, heads, N * T, L).
        """
        y = self.self_residual.enter(x)
        keys, values = self.self_attention.keys_values(y)
        if past is not None:
            start = (0, 0, 0, position, 0)
            keys, values = ops.slice_update(past[0], start, keys), ops.slice_update(past[1], start, values)
        causal = ops.arange(keys.shape[-2]) <= position + ops.arange(x.shape[2])[:, None]  # (T, S)
        y, _ = self.self_attention(y, keys, values, attention_mask=causal)
        x = self.self_residual(x, y, training=training)
        y = self.cross_residual.enter(x)
        y = ops.reshape(y, (-1, x.shape[1] * x.shape[2], x.shape[3]))  # all words of all texts of an image in one row
        y, weights = self.cross_attention(y, *image)
        x = self.cross_residual(x, ops.reshape(y, ops.shape(x)), training=training)
        return self.feed_forward(x, training=training), (keys, values), weights


def sinusoids(positions, channels):
    """Returns the paper's encoding of positions (n,): sines and cosines of falling frequencies, array (n, channels).

    Source: Vaswani et al. 2017, section 3.5, the sines before the cosines instead of in turns.
    """
    rates = np.exp(-np.log(10_000.0) * np.arange(channels // 2) / (channels // 2))
    angles = np.asarray(positions)[:, None] * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=-1).astype("float32")


def grid_positions(rows, cols, channels):
    """Returns the encoding of the cells of a grid (rows * cols, channels): half the channels tell the row."""
    down, across = np.repeat(np.arange(rows), cols), np.tile(np.arange(cols), rows)
    return np.concatenate([sinusoids(down, channels // 2), sinusoids(across, channels // 2)], axis=-1)
