"""Captioner 1: a pooled image vector and GloVe word embeddings meet behind an LSTM (the merge architecture)."""

from img2tweet_tf.backend import keras, tf
from img2tweet_tf.models.caption_model import CaptionModel, dense, product, texts_each
from img2tweet_tf.models.recurrence import run_lstm

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class GloVeLSTM(CaptionModel):
    """Encoder-decoder in merge form: the LSTM reads words alone, the image joins after it.

        v   = relu(W_v dropout(mean of the grid))          image vector, (batch, units)
        h_t = LSTM(dropout(E[w_t]), h_{t-1})               words so far, (batch, units)
        p(w_{t+1}) = softmax(W_o dropout(relu(W_m (h_t + v))))

    `E` is the word embedding (`embedding_dim`; GloVe by `set_embeddings`), `units` the size of the LSTM and of both
    dense layers, `dropout` the share of units dropped at each of the three places. The image vector is normalised to
    mean 0 and variance 1 over its channels first, because the scale of CNN features differs between encoders.

    Args:
        vocabulary_size: number of word ids, the special ones included.
        feature_shape: shape of one image's features, (rows, cols, channels) or (channels,).
        embedding_dim: dimension of the word vectors.
        units: size of LSTM and dense layers.
        dropout: in 0..1.
        train_embeddings: whether the word vectors are trained on, or stay as they were set.

    Source: Tanti, Gatt and Camilleri 2018, "Where to put the image in an image caption generator", merge-add; the
    word vectors as in Pennington, Socher and Manning 2014.
    """

    reads_grid = False

    def __init__(
        self,
        vocabulary_size,
        feature_shape,
        embedding_dim=200,
        units=256,
        dropout=0.5,
        train_embeddings=True,
        name="glove_lstm",
        **kwargs,
    ):
        super().__init__(name=name, **kwargs)
        self.vocabulary_size, self.feature_shape = vocabulary_size, tuple(feature_shape)
        self.embedding_dim, self.units, self.dropout = embedding_dim, units, dropout
        self.train_embeddings = train_embeddings
        self.image_norm = layers.LayerNormalization(name="image_norm")
        self.image_dropout = layers.Dropout(dropout, name="image_dropout")
        self.image_dense = layers.Dense(units, activation="relu", name="image_dense")
        self.embedding = layers.Embedding(vocabulary_size, embedding_dim, trainable=train_embeddings, name="embedding")
        self.word_dropout = layers.Dropout(dropout, name="word_dropout")
        self.lstm = layers.LSTM(units, return_sequences=True, name="lstm")
        self.merge_dense = layers.Dense(units, activation="relu", name="merge_dense")
        self.merge_dropout = layers.Dropout(dropout, name="merge_dropout")
        self.word_logits = layers.Dense(vocabulary_size, name="word_logits")
        self.lstm.build((None, None, embedding_dim))
        self.build_graph()

    def encode(self, features, training=False):
        pooled = ops.mean(features, axis=(1, 2)) if len(self.feature_shape) == 3 else features
        pooled = self.image_dropout(self.image_norm(pooled), training=training)
        return {"image": self.image_dense(pooled)}

    def decode(self, ids, memory, training=False):
        words = self.word_dropout(self.embedding(ids), training=training)
        image = ops.repeat(memory["image"], texts_each(ids, memory), axis=0)
        merged = dense(self.merge_dense, self._read(words, training) + image[:, None], training)
        return dense(self.word_logits, self.merge_dropout(merged, training=training), training)

    def initial_state(self, memory, texts, length):
        zeros = ops.zeros((ops.shape(memory["image"])[0] * texts, self.units))
        return {"h": zeros, "c": zeros}

    def step(self, ids, state, memory):
        _, (h, c) = self.lstm.cell(self.embedding(ids), [state["h"], state["c"]])
        image = ops.repeat(memory["image"], texts_each(ids, memory), axis=0)
        return self.word_logits(self.merge_dense(h + image)), {"h": h, "c": c}

    def _read(self, words, training):
        """Returns the states of the LSTM over word vectors: (n, time, embedding_dim) -> (n, time, units)."""
        if tf.config.list_physical_devices("GPU"):  # where Keras has a kernel for all words at once
            return self.lstm(words, training=training)
        cell = self.lstm.cell
        x = product(words, cell.kernel, cell.bias, training)
        return run_lstm(x, tf.convert_to_tensor(cell.recurrent_kernel))

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "feature_shape": self.feature_shape,
            "embedding_dim": self.embedding_dim,
            "units": self.units,
            "dropout": self.dropout,
            "train_embeddings": self.train_embeddings,
        }
