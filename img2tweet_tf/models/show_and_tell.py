"""Captioner 4: the image is the first word that an LSTM reads (Show and Tell), the model of pretraining on captions."""

from img2tweet_tf.models.lstm_step import lstm_step
from img2tweet_tf.models.projection import Projection
from img2tweet_tf.models.with_context import WithContext
from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class ShowAndTell(WithContext):
    """Show and Tell: an LSTM reads the image once, as if it were a word before the first, then the words.

        x_{-1} = W_i dropout(norm(mean of the grid))     eq. 10: the image, (embedding_dim,)
        x_t    = dropout(E w_t)                          eq. 11: the words, (embedding_dim,)
        h_t    = LSTM(x_t, h_{t-1}),  h_{-2} = 0         (units,)
        p(w_{t+1}) = softmax(W_o dropout(h_t))           eq. 12

    `norm` brings the image vector to mean 0 and variance 1 over its channels, because the scale of CNN features differs
    between encoders.

    {"image": (B, rows, cols, C), "ids": (B, N, T)} -> logits (B, N, T, V).

    Args:
        vocabulary_size: number of token ids, the special ones included.
        embedding_dim: dimension of the word vectors E and of the image among them.
        units: size of the LSTM.
        dropout: in 0..1, at each of the three places.
        num_fields, num_accounts: of the facts it reads, see `WithContext`; 0 reads none.
        product_dtype: dtype policy of the large product W_o, see `Projection`.

    Source: Vinyals et al. 2015, "Show and tell: a neural image caption generator", section 3.1.
    """

    training_defaults = {"learning_rate": 1e-3}

    def __init__(
        self, vocabulary_size, embedding_dim=512, units=512, dropout=0.5, product_dtype="float32", num_fields=0,
        num_accounts=0, name="show_and_tell", **kwargs,
    ):  # fmt: skip
        super().__init__(name=name, **kwargs)
        self.sizes = {
            "vocabulary_size": vocabulary_size, "embedding_dim": embedding_dim, "units": units, "dropout": dropout,
            "product_dtype": product_dtype,
        }  # fmt: skip
        self.units = units
        self.image_norm = layers.LayerNormalization()
        self.image_dropout = layers.Dropout(dropout)
        self.image_dense = layers.Dense(embedding_dim, use_bias=False)
        self.embedding = layers.Embedding(vocabulary_size, embedding_dim)
        self.word_dropout = layers.Dropout(dropout)
        self.lstm = layers.LSTM(units, return_sequences=True)
        self.output_dropout = layers.Dropout(dropout)
        self.word_logits = Projection(vocabulary_size, product_dtype=product_dtype)
        self.add_context(num_fields, num_accounts, units)

    def encode(self, image, training=False):
        """Returns the image as a word, {"image": (B, embedding_dim)}."""
        pooled = self.image_norm(ops.mean(image, axis=(1, 2)))
        return {"image": self.image_dense(self.image_dropout(pooled, training=training))}

    def initial_state(self, memory, n):
        """Returns the state of n texts an image when the LSTM has read the image: {"h", "c": (B, n, units)}."""
        image = ops.repeat(memory["image"][:, None], n, axis=1)
        zeros = ops.zeros((*ops.shape(image)[:2], self.units))
        return lstm_step(self.lstm, image, {"h": zeros, "c": zeros})

    def step(self, ids, state, memory):
        """Reads one token of each text: ids (B, N) -> logits (B, N, V), next state, no attention."""
        state = lstm_step(self.lstm, self.embed(ids, memory), state)
        return self.write(state["h"], memory), state, None

    def call(self, inputs, training=False):
        n, time = inputs["ids"].shape[1:]
        memory = self.encode_all(inputs, training=training)
        words = self.word_dropout(self.embed(inputs["ids"], memory), training=training)
        image = ops.repeat(memory["image"][:, None, None], n, axis=1)
        x = ops.reshape(ops.concatenate([image, words], axis=2), (-1, 1 + time, words.shape[-1]))
        h = ops.reshape(self.lstm(x)[:, 1:], (-1, n, time, self.units))  # what follows the image alone is no word's
        return self.write(self.output_dropout(h, training=training), memory)

    def get_config(self):
        return {**super().get_config(), **self.sizes}
