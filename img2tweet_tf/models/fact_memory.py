"""The memory of facts that a captioner may attend to beside the image."""

from img2tweet_tf.context.reader import FIELD, PLACE, PLACES
from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class FactMemory(layers.Layer):
    """One vector for each token of a fact: of the word, of the field it fills, of its place in the value.

        m_i = tanh(W [E t_i; F f_i; P p_i])          m_0, the sentinel, is learned

    Context (B, M, 4), word vectors E t of its tokens (B, M, E) -> memory (B, 1 + M, units) and its mask (B, 1 + M).
    Attention rests on the sentinel where no fact is wanted or there is none.

    Args:
        num_fields: fields that are told apart, 0 (no fact) and 1 (an unknown one) included.
        units: size of F f, of P p and of m.

    Source: memory networks with (key, value) pairs, Miller et al. 2016; the sentinel of Merity et al. 2017.
    """

    def __init__(self, num_fields, units, **kwargs):
        super().__init__(**kwargs)
        self.num_fields, self.units = num_fields, units
        self.field = layers.Embedding(num_fields, units, name="field")  # F
        self.place = layers.Embedding(PLACES, units, name="place")  # P
        self.dense = layers.Dense(units, activation="tanh", name="dense")  # W

    def build(self, context_shape, words_shape):
        self.sentinel = self.add_weight(name="sentinel", shape=(1, 1, self.units), initializer="zeros")

    def call(self, context, words):
        parts = [words, self.field(context[..., FIELD]), self.place(context[..., PLACE])]
        facts = self.dense(ops.concatenate(parts, axis=-1))
        sentinel = ops.tile(self.sentinel, (ops.shape(facts)[0], 1, 1))
        is_fact = ops.cast(context[..., FIELD] > 0, "float32")
        mask = ops.concatenate([ops.ones_like(is_fact[:, :1]), is_fact], axis=1)
        return ops.concatenate([sentinel, facts], axis=1), mask

    def get_config(self):
        return {**super().get_config(), "num_fields": self.num_fields, "units": self.units}
