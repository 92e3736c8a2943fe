"""Captioner 1: a pooled image vector and GloVe word embeddings meet behind an LSTM (the merge architecture)."""

from img2tweet_tf.models.lstm_step import lstm_step
from img2tweet_tf.models.projection import Projection
from img2tweet_tf.models.with_context import WithContext
from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class GloVeLSTM(WithContext):
    """Encoder-decoder in merge form: the LSTM reads words alone, the image joins after it.

        v   = relu(W_v dropout(norm(mean of the grid)))   image vector, (units,)
        h_t = LSTM(dropout(E w_t), h_{t-1})               words so far, (units,)
        p(w_{t+1}) = softmax(W_o dropout(relu(W_m (h_t + v))))

    `norm` brings the image vector to mean 0 and variance 1 over its channels, because the scale of CNN features differs
    between encoders.

    {"image": (B, rows, cols, C), "ids": (B, N, T)} -> logits (B, N, T, V).

    Args:
        vocabulary_size: number of token ids, the special ones included.
        embedding_dim: dimension of the word vectors E, which start as GloVe's.
        units: size of LSTM and dense layers.
        dropout: in 0..1, at each of the three places.
        num_fields, num_accounts: of the facts it reads, see `WithContext`; 0 reads none.
        product_dtype: dtype policy of the large product W_o, see `Projection`.

    Source: Tanti, Gatt and Camilleri 2018, "Where to put the image in an image caption generator"; added here, where
    they concatenate. The word vectors as in Pennington, Socher and Manning 2014.
    """

    training_defaults = {"learning_rate": 1e-3}

    def __init__(
        self, vocabulary_size, embedding_dim=200, units=256, dropout=0.5, product_dtype="float32", num_fields=0,
        num_accounts=0, name="glove_lstm", **kwargs,
    ):  # fmt: skip
        super().__init__(name=name, **kwargs)
        self.sizes = {
            "vocabulary_size": vocabulary_size, "embedding_dim": embedding_dim, "units": units, "dropout": dropout,
            "product_dtype": product_dtype,
        }  # fmt: skip
        self.units = units
        self.image_norm = layers.LayerNormalization()
        self.image_dropout = layers.Dropout(dropout)
        self.image_dense = layers.Dense(units, activation="relu")
        self.embedding = layers.Embedding(vocabulary_size, embedding_dim)
        self.word_dropout = layers.Dropout(dropout)
        self.lstm = layers.LSTM(units, return_sequences=True)
        self.merge_dense = layers.Dense(units, activation="relu")
        self.merge_dropout = layers.Dropout(dropout)
        self.word_logits = Projection(vocabulary_size, product_dtype=product_dtype)
        self.add_context(num_fields, num_accounts, units)

    def encode(self, image, training=False):
        """Returns the image vector, {"image": (B, units)}."""
        pooled = self.image_norm(ops.mean(image, axis=(1, 2)))
        return {"image": self.image_dense(self.image_dropout(pooled, training=training))}

    def initial_state(self, memory, n):
        """Returns the state of n texts an image before their first token: zeros {"h", "c": (B, n, units)}."""
        zeros = ops.zeros((ops.shape(memory["image"])[0], n, self.units))
        return {"h": zeros, "c": zeros}

    def predict_words(self, h, memory, training=False):
        """States (B, N, ..., units) -> logits (B, N, ..., V)."""
        image = ops.reshape(memory["image"], (-1, *[1] * (len(h.shape) - 2), self.units))
        return self.write(self.merge_dropout(self.merge_dense(h + image), training=training), memory)

    def step(self, ids, state, memory):
        """Reads one token of each text: ids (B, N) -> logits (B, N, V), next state, no attention."""
        state = lstm_step(self.lstm, self.embed(ids, memory), state)
        return self.predict_words(state["h"], memory), state, None

    def call(self, inputs, training=False):
        n, time = inputs["ids"].shape[1:]
        memory = self.encode_all(inputs, training=training)
        words = self.word_dropout(self.embed(inputs["ids"], memory), training=training)
        h = self.lstm(ops.reshape(words, (-1, time, words.shape[-1])))
        return self.predict_words(ops.reshape(h, (-1, n, time, self.units)), memory, training)

    def get_config(self):
        return {**super().get_config(), **self.sizes}
