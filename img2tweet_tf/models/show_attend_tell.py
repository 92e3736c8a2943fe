"""Captioner 2: before each word the decoder looks at the image's grid again (visual attention)."""

from img2tweet_tf.backend import keras
from img2tweet_tf.models.attention_gru import AttentionGRU, rise
from img2tweet_tf.models.caption_model import CaptionModel, dense, texts_each
from img2tweet_tf.text import Vocabulary

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class ShowAttendTell(CaptionModel):
    """Show, Attend and Tell with soft (Bahdanau's) attention and a GRU in place of the paper's LSTM.

        a_i = relu(norm(W_a dropout(grid_i)))             annotations, (cells, annotation_dim)
        h_0 = tanh(W_init mean_i a_i)                     `init_from_mean`; else 0
        alpha_ti = softmax_i(v . tanh(U a_i + W h_{t-1}))            eq. 4, 5; additive as in Bahdanau et al.
        z_t = beta_t sum_i alpha_ti a_i,  beta_t = sigmoid(w_beta . h_{t-1})    `gate`, section 4.2.1; else beta = 1
        h_t = GRU([E y_{t-1}; z_t], h_{t-1})
        p(y_t) = softmax(L_o dropout(tanh(L_y E y_{t-1} + L_h h_t + L_z z_t)))  `deep_output`, eq. 7; else L_o h_t
        loss  += doubly_stochastic * mean_i (1 - sum_t alpha_ti)^2   eq. 14, over the places of each text

    The paper's annotations are the CNN's own; here they are projected to `annotation_dim` (512, the paper's D) so that
    any encoder's grid will do. Dropout takes out whole channels of the grid, for all cells and texts of an image alike.

    Args:
        vocabulary_size: number of word ids, the special ones included.
        feature_shape: (rows, cols, channels) of one image's grid.
        embedding_dim: dimension of the word vectors E.
        units: size of the GRU, of the attention and of the deep output.
        annotation_dim: D, channels of an annotation.
        dropout: in 0..1, of the grid's channels, of word vectors and before the logits.
        init_from_mean, gate, deep_output: see above.
        doubly_stochastic: weight of the last line, lambda of eq. 14; 0 leaves it out.
        train_embeddings: whether the word vectors are trained on, or stay as they were set.

    Source: Xu et al. 2015, "Show, Attend and Tell"; Bahdanau, Cho and Bengio 2015; Cho et al. 2014 for the GRU.
    """

    attends = True

    def __init__(
        self,
        vocabulary_size,
        feature_shape,
        embedding_dim=200,
        units=512,
        annotation_dim=512,
        dropout=0.5,
        init_from_mean=True,
        gate=True,
        deep_output=True,
        doubly_stochastic=1.0,
        train_embeddings=True,
        name="show_attend_tell",
        **kwargs,
    ):
        super().__init__(name=name, **kwargs)
        self.vocabulary_size, self.feature_shape = vocabulary_size, tuple(feature_shape)
        self.embedding_dim, self.units, self.annotation_dim = embedding_dim, units, annotation_dim
        self.dropout, self.init_from_mean, self.gate, self.deep_output = dropout, init_from_mean, gate, deep_output
        self.doubly_stochastic, self.train_embeddings = doubly_stochastic, train_embeddings
        self.image_norm = layers.LayerNormalization(name="image_norm")
        self.image_dropout = layers.SpatialDropout1D(dropout, name="image_dropout")
        self.annotate = layers.Dense(annotation_dim, use_bias=False, name="annotate")
        self.attention_keys = layers.Dense(units, name="attention_keys")
        self.init_dense = layers.Dense(units, activation="tanh", name="init_dense") if init_from_mean else None
        self.embedding = layers.Embedding(vocabulary_size, embedding_dim, trainable=train_embeddings, name="embedding")
        self.word_dropout = layers.Dropout(dropout, name="word_dropout")
        self.gru_words = layers.Dense(3 * units, name="gru_words")
        self.attention_gru = AttentionGRU(units, gate, name="attention_gru")
        if deep_output:
            self.output_words = layers.Dense(units, name="output_words")
            self.output_state = layers.Dense(units, use_bias=False, name="output_state")
            self.output_context = layers.Dense(units, use_bias=False, name="output_context")
        self.output_dropout = layers.Dropout(dropout, name="output_dropout")
        self.word_logits = layers.Dense(vocabulary_size, name="word_logits")
        self.attention_gru.build((None, None, annotation_dim))
        self.build_graph()

    def encode(self, features, training=False):
        rows, cols, channels = self.feature_shape
        cells = self.image_dropout(ops.reshape(features, (-1, rows * cols, channels)), training=training)
        annotations = ops.relu(self.image_norm(dense(self.annotate, cells, training)))
        return {"annotations": annotations, "keys": rise(dense(self.attention_keys, annotations, training))}

    def decode(self, ids, memory, training=False):
        words = self.word_dropout(self.embedding(ids), training=training)
        states, contexts, weights = self._run(words, memory, training)
        if training and self.doubly_stochastic:
            self.add_loss(self.doubly_stochastic * self._unseen(weights, ids))
        return dense(self.word_logits, self._output(words, states, contexts, training), training)

    def initial_state(self, memory, texts, length):
        annotations = memory["annotations"]
        if self.init_from_mean:
            state = self.init_dense(ops.mean(annotations, axis=1))
        else:
            state = ops.zeros((ops.shape(annotations)[0], self.units))
        return {"h": ops.repeat(state, texts, axis=0)}

    def step(self, ids, state, memory):
        words = self.embedding(ids)
        h, context, _ = self.attention_gru.step(
            self.gru_words(words), state["h"], memory["keys"], memory["annotations"]
        )
        return self.word_logits(self._output(words, h, context)), {"h": h}

    def attention_maps(self, ids, memory):
        _, _, weights = self._run(self.embedding(ids), memory)
        return ops.reshape(weights, (*ops.shape(weights)[:2], *self.feature_shape[:2]))

    def _run(self, words, memory, training=False):
        """Runs the recurrence over word vectors (n, time, embedding_dim)."""
        state = self.initial_state(memory, texts_each(words, memory), ops.shape(words)[1])["h"]
        words = dense(self.gru_words, words, training)
        return self.attention_gru(words, state, memory["keys"], memory["annotations"], training=training)

    def _output(self, words, states, contexts, training=False):
        """Returns what the words' logits are made of, (..., units)."""
        if self.deep_output:
            parts = ((self.output_words, words), (self.output_state, states), (self.output_context, contexts))
            states = ops.tanh(sum(dense(layer, part, training) for layer, part in parts))
        return self.output_dropout(states, training=training)

    def _unseen(self, weights, ids):
        """Returns the mean square of 1 - what each cell was looked at over the real places of a text."""
        real = ops.cast((ids != Vocabulary.PAD) & (ids != Vocabulary.END), "float32")[..., None]
        return ops.mean(ops.square(1.0 - ops.sum(weights * real, axis=1)))

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "feature_shape": self.feature_shape,
            "embedding_dim": self.embedding_dim,
            "units": self.units,
            "annotation_dim": self.annotation_dim,
            "dropout": self.dropout,
            "init_from_mean": self.init_from_mean,
            "gate": self.gate,
            "deep_output": self.deep_output,
            "doubly_stochastic": self.doubly_stochastic,
            "train_embeddings": self.train_embeddings,
        }
