"""The baseline: the equations of `ShowAttendTell` as a tutorial writes them, layers called word by word in Python."""

import numpy as np

from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops

# Sizes of every Show, Attend and Tell here.
VOCABULARY, GRID, EMBEDDING, UNITS, ANNOTATION, WORDS, DROPOUT = 5000, (8, 8, 2048), 256, 512, 512, 20, 0.3
SIZES = {"embedding_dim": EMBEDDING, "units": UNITS, "annotation_dim": ANNOTATION}


class Plain(keras.Model):
    """float32, no XLA; dropout on every number of the grid; each text with an image of its own.

    (features (n, rows, cols, channels), ids (n, time)) -> logits (n, time, vocabulary).
    """

    def __init__(self, dropout=DROPOUT):
        super().__init__()
        self.grid_dropout, self.word_dropout, self.output_dropout = (layers.Dropout(dropout) for _ in range(3))
        self.annotate, self.norm = layers.Dense(ANNOTATION, use_bias=False), layers.LayerNormalization()
        self.keys, self.query = layers.Dense(UNITS), layers.Dense(UNITS, use_bias=False)
        self.score, self.start = layers.Dense(1, use_bias=False), layers.Dense(UNITS, activation="tanh")
        self.beta = layers.Dense(1, activation="sigmoid")
        self.embedding, self.gru = layers.Embedding(VOCABULARY, EMBEDDING), layers.GRUCell(UNITS)
        self.of_word = layers.Dense(UNITS)
        self.of_state, self.of_context = (layers.Dense(UNITS, use_bias=False) for _ in range(2))
        self.logits = layers.Dense(VOCABULARY)

    def call(self, inputs, training=False):
        features, ids = inputs
        grid = self.grid_dropout(ops.reshape(features, (-1, GRID[0] * GRID[1], GRID[2])), training=training)
        annotations = ops.relu(self.norm(self.annotate(grid)))
        keys, state, logits = self.keys(annotations), self.start(ops.mean(annotations, axis=1)), []
        for place in range(ids.shape[1]):
            word = self.word_dropout(self.embedding(ids[:, place]), training=training)
            scores = self.score(ops.tanh(keys + self.query(state)[:, None]))
            context = ops.sum(ops.softmax(scores, axis=1) * annotations, axis=1) * self.beta(state)
            _, (state,) = self.gru(ops.concatenate([word, context], axis=-1), [state], training=training)
            output = ops.tanh(self.of_word(word) + self.of_state(state) + self.of_context(context))
            logits.append(self.logits(self.output_dropout(output, training=training)))
        return ops.stack(logits, axis=1)


def plain_like(model, dropout=DROPOUT):
    """Returns a `Plain` with the weights of a `ShowAttendTell` of these sizes."""
    plain = Plain(dropout)
    plain((ops.zeros((1, *GRID)), ops.zeros((1, 1), "int32")))
    pairs = (
        (plain.annotate, model.annotate), (plain.norm, model.image_norm), (plain.start, model.init_state),
        (plain.embedding, model.embedding), (plain.query, model.attention.query), (plain.score, model.attention.score),
        (plain.beta, model.gate), (plain.gru, model.gru),
    )  # fmt: skip
    for its, ours in pairs:
        its.set_weights(ours.get_weights())
    kernel, bias = model.deep_output.get_weights()
    of_word, of_state, of_context = np.split(kernel, [EMBEDDING, EMBEDDING + UNITS])
    plain.of_word.set_weights([of_word, bias])
    plain.of_state.set_weights([of_state])
    plain.of_context.set_weights([of_context])
    plain.keys.set_weights([*model.attention_keys.get_weights(), np.zeros(UNITS)])
    logits_bias, logits_kernel = model.word_logits.get_weights()
    plain.logits.set_weights([logits_kernel, logits_bias])
    return plain
