"""Captioner 2: before each word the decoder looks at the image's grid again (visual attention)."""

from img2tweet_tf.models.bahdanau import BahdanauAttention
from img2tweet_tf.models.projection import Projection
from img2tweet_tf.models.with_context import WithContext
from img2tweet_tf.text import Vocabulary
from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class ShowAttendTell(WithContext):
    """Show, Attend and Tell with soft (Bahdanau's) attention and a GRU in place of the paper's LSTM.

        a_i = relu(norm(W_a dropout(grid_i)))             annotations, (cells, annotation_dim)
        h_0 = tanh(W_init mean_i a_i)                     section 3.1.2
        alpha_ti = softmax_i(v . tanh(U a_i + W h_{t-1}))            eq. 4, 5; additive as in Bahdanau et al.
        z_t = beta_t sum_i alpha_ti a_i,  beta_t = sigmoid(w_beta . h_{t-1})    section 4.2.1
        h_t = GRU([E y_{t-1}; z_t], h_{t-1})
        p(y_t) = softmax(L_o dropout(tanh(L [E y_{t-1}; h_t; z_t])))            eq. 7
        loss  += coverage_weight * mean_i (1 - sum_t alpha_ti)^2     eq. 14, over the places of each text

    The paper's annotations are the CNN's own; here they are projected to `annotation_dim` (512, the paper's D) so that
    any encoder's grid will do. Dropout takes out whole channels of the grid, for all cells and texts of an image alike.

    {"image": (B, rows, cols, C), "ids": (B, N, T)} -> logits (B, N, T, V).

    Args:
        vocabulary_size: number of token ids, the special ones included.
        embedding_dim: dimension of the word vectors E.
        units: size of the GRU, of the attention and of the deep output L.
        annotation_dim: D, channels of an annotation.
        dropout: in 0..1, of the grid's channels, of word vectors and before the logits.
        coverage_weight: lambda of eq. 14, "doubly stochastic attention"; 0 leaves it out.
        num_fields, num_accounts: of the facts it reads, see `WithContext`; 0 reads none.
        product_dtype: dtype policy of the large products W_a, U and L_o, see `Projection`.

    Source: Xu et al. 2015, "Show, Attend and Tell"; Bahdanau, Cho and Bengio 2015; Cho et al. 2014 for the GRU.
    """

    training_defaults = {"learning_rate": 1e-3}

    def __init__(
        self, vocabulary_size, embedding_dim=200, units=512, annotation_dim=512, dropout=0.5, coverage_weight=1.0,
        product_dtype="float32", num_fields=0,
        num_accounts=0, name="show_attend_tell", **kwargs,
    ):  # fmt: skip
        super().__init__(name=name, **kwargs)
        self.sizes = {
            "vocabulary_size": vocabulary_size, "embedding_dim": embedding_dim, "units": units,
            "annotation_dim": annotation_dim, "dropout": dropout, "coverage_weight": coverage_weight,
            "product_dtype": product_dtype,
        }  # fmt: skip
        self.coverage_weight = coverage_weight
        self.image_dropout = layers.SpatialDropout1D(dropout)
        self.annotate = Projection(annotation_dim, use_bias=False, product_dtype=product_dtype)
        self.image_norm = layers.LayerNormalization()
        self.attention_keys = Projection(units, use_bias=False, product_dtype=product_dtype)
        self.init_state = layers.Dense(units, activation="tanh")
        self.embedding = layers.Embedding(vocabulary_size, embedding_dim)
        self.word_dropout = layers.Dropout(dropout)
        self.attention = BahdanauAttention(units)
        self.gate = layers.Dense(1, activation="sigmoid")
        self.gru = layers.GRUCell(units)
        self.deep_output = layers.Dense(units, activation="tanh")
        self.output_dropout = layers.Dropout(dropout)
        self.word_logits = Projection(vocabulary_size, product_dtype=product_dtype)
        self.add_context(num_fields, num_accounts, units)

    def encode(self, image, training=False):
        """Returns what every step reads of the image: annotations (B, L, D) and their keys U a (B, L, units)."""
        cells = ops.reshape(image, (-1, image.shape[1] * image.shape[2], image.shape[3]))
        annotations = ops.relu(self.image_norm(self.annotate(self.image_dropout(cells, training=training))))
        return {"annotations": annotations, "keys": self.attention_keys(annotations)}

    def initial_state(self, memory, n):
        """Returns the state of n texts an image before their first token: {"h": (B, n, units)}."""
        start = self.init_state(ops.mean(memory["annotations"], axis=1))
        return {"h": ops.repeat(start[:, None], n, axis=1)}

    def look_and_read(self, words, state, memory):
        """One turn of the loop: word vectors (B, N, E) -> state, gated context z (B, N, D), attention (B, N, L)."""
        context, weights = self.attention(state["h"], memory["keys"], memory["annotations"])
        context = self.gate(state["h"]) * context
        read = ops.concatenate([words, context], axis=-1)
        read, h = (ops.reshape(each, (-1, each.shape[-1])) for each in (read, state["h"]))  # the cell knows no N
        _, (h,) = self.gru(read, [h])
        return {"h": ops.reshape(h, ops.shape(state["h"]))}, context, weights

    def predict_words(self, words, h, context, memory, training=False):
        """Word vectors, states and contexts (B, N, ..., features) -> logits (B, N, ..., V)."""
        output = self.deep_output(ops.concatenate([words, h, context], axis=-1))
        return self.write(self.output_dropout(output, training=training), memory)

    def step(self, ids, state, memory):
        """Reads one token of each text: ids (B, N) -> logits (B, N, V), next state, attention (B, N, L)."""
        words = self.embed(ids, memory)
        state, context, weights = self.look_and_read(words, state, memory)
        return self.predict_words(words, state["h"], context, memory), state, weights

    def call(self, inputs, training=False):
        ids = inputs["ids"]
        memory = self.encode_all(inputs, training=training)
        words = self.word_dropout(self.embed(ids, memory), training=training)
        state, turns = self.initial_state(memory, ids.shape[1]), []
        for t in range(ids.shape[2]):
            state, context, weights = self.look_and_read(words[:, :, t], state, memory)
            turns.append((state["h"], context, weights))
        h, contexts, weights = (ops.stack(parts, axis=2) for parts in zip(*turns, strict=True))
        if training and self.coverage_weight:
            real = ops.cast((ids != Vocabulary.PAD) & (ids != Vocabulary.END), "float32")[..., None]
            covered = ops.sum(weights * real, axis=2)  # how much each cell was looked at over a text, (B, N, L)
            self.add_loss(self.coverage_weight * ops.mean(ops.square(1.0 - covered)))
        return self.predict_words(words, h, contexts, memory, training=training)

    def get_config(self):
        return {**super().get_config(), **self.sizes}
