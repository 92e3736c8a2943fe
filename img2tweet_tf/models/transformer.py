"""Captioner 3: the standard transformer; the image's cells are its source sentence."""

import numpy as np

from img2tweet_tf.backend import keras
from img2tweet_tf.models.caption_model import CaptionModel, dense, sizes
from img2tweet_tf.models.multi_head import MultiHeadAttention

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class TransformerCaptioner(CaptionModel):
    """The transformer of Vaswani et al.: an encoder over the cells of the grid, a decoder over the words.

        source  = W_g norm(grid_i) + position(row, column)        (cells, d_model); half the channels tell the row
        encoder = num_layers x [self-attention, feed-forward]
        target  = sqrt(d_model) E w_t + position(t)               (time, d_model); E projected if its size differs
        decoder = num_layers x [causal self-attention, attention to the encoder, feed-forward]
        p(w_{t+1}) = softmax(W_o target_t)
        feed-forward(x) = W_2 relu(W_1 x), `inner_dim` wide

    Each bracketed part f stands in a residual connection: norm(x + dropout(f(x))) as in the paper, or
    x + dropout(f(norm(x))) with `norm_first`, which also trains without a warm-up. Embedded words and cells get
    dropout too.

    Args:
        vocabulary_size: number of word ids, the special ones included.
        feature_shape: (rows, cols, channels) of one image's grid.
        embedding_dim: dimension of the word vectors E; the paper's are d_model.
        d_model: width of the model. Tables and notebooks here use 128.
        num_layers: layers of the encoder, and of the decoder.
        num_heads: heads of every attention.
        inner_dim: d_ff, width inside the feed-forward networks.
        dropout: in 0..1.
        norm_first: see above; "pre-norm".
        label_smoothing: epsilon of section 5.4, in 0..1: this much of the target is spread over all words.
        warmup_steps, peak_rate: the learning rate rises for so many batches to this (`WarmUp`). The paper's 4,000 steps
            and 7e-4 are meant for a hundred times as many batches.
        train_embeddings: whether the word vectors are trained on, or stay as they were set.

    Source: Vaswani et al. 2017, "Attention is all you need"; Xiong et al. 2020 for pre-norm; two-dimensional positions
    as in Parmar et al. 2018, "Image transformer".
    """

    attends = True

    def __init__(
        self,
        vocabulary_size,
        feature_shape,
        embedding_dim=512,
        d_model=512,
        num_layers=6,
        num_heads=8,
        inner_dim=2048,
        dropout=0.1,
        norm_first=False,
        label_smoothing=0.1,
        warmup_steps=400,
        peak_rate=5e-4,
        train_embeddings=True,
        name="transformer",
        **kwargs,
    ):
        super().__init__(name=name, **kwargs)
        if d_model % num_heads or d_model % 4:
            raise ValueError(f"d_model must be a multiple of num_heads ({num_heads}) and of 4, got {d_model}")
        self.vocabulary_size, self.feature_shape = vocabulary_size, tuple(feature_shape)
        self.embedding_dim, self.d_model, self.num_layers = embedding_dim, d_model, num_layers
        self.num_heads, self.inner_dim, self.dropout = num_heads, inner_dim, dropout
        self.norm_first, self.label_smoothing = norm_first, label_smoothing
        self.warmup_steps, self.peak_rate = warmup_steps, peak_rate
        self.train_embeddings = train_embeddings
        self.image_norm = layers.LayerNormalization(name="image_norm")
        self.image_dense = layers.Dense(d_model, name="image_dense")
        self.image_dropout = layers.Dropout(dropout, name="image_dropout")
        self.embedding = layers.Embedding(vocabulary_size, embedding_dim, trainable=train_embeddings, name="embedding")
        self.word_dense = layers.Dense(d_model, name="word_dense") if embedding_dim != d_model else None
        self.word_dropout = layers.Dropout(dropout, name="word_dropout")
        sizes = {"d_model": d_model, "num_heads": num_heads, "inner_dim": inner_dim, "dropout": dropout}
        self.encoder = [_Layer(("look",), norm_first, **sizes, name=f"encoder_{n}") for n in range(num_layers)]
        self.decoder = [_Layer(("read", "look"), norm_first, **sizes, name=f"decoder_{n}") for n in range(num_layers)]
        self.encoder_norm, self.decoder_norm = (
            layers.LayerNormalization(epsilon=1e-6, name=name) if norm_first else None
            for name in ("encoder_norm", "decoder_norm")
        )
        self.word_logits = layers.Dense(vocabulary_size, name="word_logits")
        self.build_graph()

    def learning_rate(self):
        return WarmUp(self.peak_rate, self.warmup_steps)

    def encode(self, features, training=False):
        rows, cols, channels = self.feature_shape
        x = dense(self.image_dense, self.image_norm(ops.reshape(features, (-1, rows * cols, channels))), training)
        half = self.d_model // 2
        down, across = np.repeat(np.arange(rows), cols), np.tile(np.arange(cols), rows)
        places = np.concatenate([sinusoids(down, half), sinusoids(across, half)], axis=-1)
        x = self.image_dropout(x + places, training=training)

        def itself(attention, y):
            return attention.attend(y, *attention.keys_values(y, training), training=training)

        for layer in self.encoder:
            x = layer.run(x, itself, training=training)
        x = self.encoder_norm(x) if self.encoder_norm else x
        memory = {}  # what the decoder's layers look at is the same for all words, so it is projected here, once
        for number, layer in enumerate(self.decoder):
            memory[f"keys_{number}"], memory[f"values_{number}"] = layer.attention["look"].keys_values(x, training)
        return memory

    def decode(self, ids, memory, training=False):
        return self._decode(ids, memory, training)[0]

    def attention_maps(self, ids, memory):
        looks = self._decode(ids, memory, watch=True)[1]  # each (n, heads, time, cells)
        maps = ops.transpose(ops.stack(looks, axis=1), (0, 3, 1, 2, 4))
        return ops.reshape(maps, (*ops.shape(maps)[:4], *self.feature_shape[:2]))

    def initial_state(self, memory, texts, length):
        rows = ops.shape(memory["keys_0"])[0] * texts
        kept = {f"{what}_{n}": self._empty(rows, length) for n in range(self.num_layers) for what in ("keys", "values")}
        return {"place": ops.zeros((rows,), "int32"), **kept}

    def step(self, ids, state, memory):
        place, length = state["place"], state["keys_0"].shape[2]
        positions = ops.take(sinusoids(np.arange(length), self.d_model), place, axis=0)
        x = self._embed(ids)[:, None] + positions[:, None]
        here = ops.cast(ops.arange(length) == place[:, None], "float32")[:, None, :, None]
        seen = ops.arange(length) <= place[:, None]
        state = {**state, "place": place + 1}
        for number, layer in enumerate(self.decoder):

            def read(attention, y, number=number):
                for what, fresh in zip(("keys", "values"), attention.keys_values(y), strict=True):
                    name = f"{what}_{number}"  # written places are 0 before
                    state[name] = state[name] + here * fresh
                return attention.attend(y, state[f"keys_{number}"], state[f"values_{number}"], seen[:, None, None])

            x = layer.run(x, self._look(memory, number), read)
        x = self.decoder_norm(x) if self.decoder_norm else x
        return self.word_logits(x[:, 0]), state

    def _decode(self, ids, memory, training=False, watch=False):
        """Returns logits, and where `watch` the weights of each layer's look at the image."""
        time, looks = ops.shape(ids)[1], []
        x = self._embed(ids, training) + sinusoids(ops.arange(time), self.d_model)
        x = self.word_dropout(x, training=training)
        causal = ops.tril(ops.ones((time, time), "bool"))

        def read(attention, y):
            return attention.attend(y, *attention.keys_values(y, training), causal, training)

        for number, layer in enumerate(self.decoder):
            look = self._look(memory, number, training, looks if watch else None)
            x = layer.run(x, look, read, training)
        x = self.decoder_norm(x) if self.decoder_norm else x
        return dense(self.word_logits, x, training), looks

    def _look(self, memory, number, training=False, looks=None):
        """Returns the function by which a decoder layer looks at the image; its weights are added to `looks`."""

        def look(attention, y):
            images, time = ops.shape(memory["keys_0"])[0], ops.shape(y)[1]
            by_image = ops.reshape(y, (images, -1, self.d_model))  # all places of all texts of an image in one row
            keys, values = memory[f"keys_{number}"], memory[f"values_{number}"]
            if looks is not None:
                weights = attention.attention_weights(by_image, keys)
                weights = ops.reshape(weights, (images, self.num_heads, -1, time, weights.shape[-1]))
                weights = ops.transpose(weights, (0, 2, 1, 3, 4))
                looks.append(ops.reshape(weights, (-1, self.num_heads, time, weights.shape[-1])))
            return ops.reshape(attention.attend(by_image, keys, values, training=training), sizes(y))

        return look

    def _embed(self, ids, training=False):
        words = self.embedding(ids)
        words = words if self.word_dense is None else dense(self.word_dense, words, training)
        return words * self.d_model**0.5

    def _empty(self, rows, length):
        return ops.zeros((rows, self.num_heads, length, self.d_model // self.num_heads))

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "feature_shape": self.feature_shape,
            "embedding_dim": self.embedding_dim,
            "d_model": self.d_model,
            "num_layers": self.num_layers,
            "num_heads": self.num_heads,
            "inner_dim": self.inner_dim,
            "dropout": self.dropout,
            "norm_first": self.norm_first,
            "label_smoothing": self.label_smoothing,
            "warmup_steps": self.warmup_steps,
            "peak_rate": self.peak_rate,
            "train_embeddings": self.train_embeddings,
        }


class _Layer(layers.Layer):
    """A layer of the encoder (`look`) or decoder (`read`, `look`): attention, then a feed-forward network.

    How an attention is applied is given as a function of it and its input.
    """

    def __init__(self, attentions, norm_first, d_model, num_heads, inner_dim, dropout, **kwargs):
        super().__init__(**kwargs)
        self.norm_first = norm_first
        self.attention = {name: MultiHeadAttention(d_model, num_heads, name=name) for name in attentions}
        self.inner = layers.Dense(inner_dim, activation="relu", name="inner")
        self.outer = layers.Dense(d_model, name="outer")
        self.norms = {n: layers.LayerNormalization(epsilon=1e-6, name=f"{n}_norm") for n in (*attentions, "inner")}
        self.dropout = layers.Dropout(dropout, name="dropout")
        self.built = True

    def run(self, x, look, read=None, training=False):
        if read:
            x = self._residual("read", x, lambda y: read(self.attention["read"], y), training)
        x = self._residual("look", x, lambda y: look(self.attention["look"], y), training)
        return self._residual("inner", x, lambda y: self._feed_forward(y, training), training)

    def _residual(self, name, x, part, training):
        norm = self.norms[name]
        if self.norm_first:
            return x + self.dropout(part(norm(x)), training=training)
        return norm(x + self.dropout(part(x), training=training))

    def _feed_forward(self, x, training):
        return dense(self.outer, dense(self.inner, x, training), training)


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """The paper's learning rate: linearly up to `peak` in `steps` batches, then down with the root of their number."""

    def __init__(self, peak, steps):
        self.peak, self.steps = peak, steps

    def __call__(self, step):
        done = ops.cast(step, "float32") + 1
        return self.peak * ops.minimum(done / self.steps, ops.sqrt(self.steps / done))

    def get_config(self):
        return {"peak": self.peak, "steps": self.steps}


def sinusoids(positions, channels):
    """Returns the paper's encoding of positions (n,): sines and cosines (n, channels) of falling frequencies."""
    rates = np.exp(-np.log(10_000.0) * np.arange(channels // 2) / (channels // 2)).astype(np.float32)
    if isinstance(positions, np.ndarray):
        angles = positions[:, None].astype(np.float32) * rates
        return np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)
    angles = ops.cast(positions, "float32")[:, None] * rates
    return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)
