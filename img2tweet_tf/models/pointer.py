"""Writing a word of the vocabulary, or copying one of the facts."""

from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class Pointer(layers.Layer):
    """The mixed distribution of a pointer-generator network, over the extended vocabulary.

        a_t   = softmax_i((W_q h_t) . m_i / sqrt(units))           attention over the facts, i = 0 the sentinel
        c_t   = sum_i a_ti m_i                                      context vector
        g_t   = sigmoid(w_g . [h_t; c_t])                           p_gen, eq. 8: 1 generates, 0 copies
        P(w)  = g_t P_vocab(w) + (1 - g_t) sum_{i: w_i = w} a_ti    eq. 9; what lies on the sentinel generates, too

    Here the attention is a scaled dot product; theirs is additive. P_vocab is the softmax of what `word_logits` makes
    of h_t + W_c c_t. h is the decoder's output before the last layer.

    h (B, Q, D), memory (B, 1 + M, units), mask (B, 1 + M) -> h_t + W_c c_t (B, Q, D), attention a (B, Q, 1 + M),
    p_gen g (B, Q, 1); `mix` makes P of these.

    Args:
        units: size of a memory vector.

    Source: See, Liu and Manning 2017, "Get to the point", section 2.2; Gu et al. 2016, CopyNet.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.query = layers.Dense(units, use_bias=False, name="query")  # W_q
        self.gate = layers.Dense(1, activation="sigmoid", name="gate")  # w_g

    def build(self, h_shape, *_):
        self.merge = layers.Dense(h_shape[-1], use_bias=False, name="merge")  # W_c

    def call(self, h, memory, mask):
        scores = ops.matmul(self.query(h), ops.swapaxes(memory, 1, 2)) / self.units**0.5
        weights = ops.softmax(ops.where(mask[:, None] > 0, scores, -1e9))
        read = ops.matmul(weights, memory)
        gate = self.gate(ops.concatenate([h, read], axis=-1))
        return h + self.merge(read), weights, gate

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def mix(logits, weights, gate, copy_ids):
    """Returns log P over the extended vocabulary (B, Q, V + M), eq. 9.

    Args:
        logits: (B, Q, V), whose softmax is P_vocab.
        weights, gate: of `Pointer`.
        copy_ids: (B, M) of int, for each token of a fact its id in the extended vocabulary.
    """
    b, q, size = ops.shape(logits)
    m = copy_ids.shape[1]
    generated = (gate + (1 - gate) * weights[..., :1]) * ops.softmax(logits)
    row, query = ops.arange(b)[:, None, None], ops.arange(q)[None, :, None]
    places = ops.stack([ops.broadcast_to(each, (b, q, m)) for each in (row, query, copy_ids[:, None])], axis=-1)
    copied = ops.scatter(places, (1 - gate) * weights[..., 1:], (b, q, size + m))  # the same word twice adds up
    mixed = copied + ops.pad(generated, ((0, 0), (0, 0), (0, m)))
    return ops.log(ops.maximum(mixed, 1e-9))
