"""A GRU that looks at a grid before each word: the recurrence of `ShowAttendTell`, with its gradient written out.

The gradient is by hand for the reason given in `recurrence`; that of the annotations is summed like the kernels'.

The tanh of the scores takes an exponential and a division only: tanh(k + q) = 1 - 2 sigma with
sigma = 1 / (1 + exp(2k) exp(2q)). The keys' exp(2k) is made once for all words (`rise`), and the 1 is the same for all
cells, so that the softmax does not see it.
"""

from img2tweet_tf.backend import fast_bfloat16, keras, tf
from img2tweet_tf.models.recurrence import kernel_gradient, time_first


class AttentionGRU(keras.layers.Layer):
    """Bahdanau's additive attention over cells and a gated recurrent unit, step after step.

        e_ti  = v . tanh(U a_i + W h_{t-1})               scores; U a_i make the `keys`, once an image
        alpha = softmax(e_t),  c_t = sum_i alpha_ti a_i   weights and context
        beta  = sigmoid(w_beta . h_{t-1}),  z_t = beta c_t
        h_t   = GRU([x_t; z_t], h_{t-1})                  as Keras's with reset_after=True; x_t come projected

    Args:
        units: size of the state, and of W and U.
        gate: whether there is a beta; else z_t = c_t.

    Shapes: images i, texts an image x, rows n = i * x, time t, cells l, annotations d, units u.
    """

    def __init__(self, units, gate=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.gate = units, gate

    def build(self, annotations_shape):
        units = self.units
        self.score = self.add_weight(name="score", shape=(units, 1))
        self.context = self.add_weight(name="context", shape=(annotations_shape[-1], 3 * units))
        # What the state is multiplied with: W of the scores and the GRU's recurrent kernel as one kernel, and w_beta.
        self.of_state = self.add_weight(name="of_state", shape=(units, 4 * units), initializer=_start_of_state)
        self.w_beta = self.add_weight(name="w_beta", shape=(units,), initializer=_start_of_gate)
        self.bias = self.add_weight(name="bias", shape=(4 * units + 1,), initializer="zeros")

    def call(self, x, state, keys, annotations, training=False):
        """Runs over texts that are known.

        Args:
            x: projected words (n, time, 3 * units), for update, reset and candidate.
            state: (n, units), before the first word.
            keys: (images, cells, units), by `rise`.
            annotations: (images, cells, depth).
            training: whether the products with kernels are of bfloat16 numbers, where that is faster.

        Returns:
            states (n, time, units), contexts z (n, time, depth), weights alpha (n, time, cells).
        """
        kind = tf.bfloat16 if training and fast_bfloat16() else tf.float32
        run = tf.custom_gradient(lambda *tensors: run_with_gradient(self.gate, kind, *tensors))
        return run(x, state, keys, annotations, *self.kernels())

    def step(self, x, state, keys, annotations):
        """The same for one word: x (n, 3 * units) -> state (n, units), context (n, depth), weights (n, cells)."""
        made = _step(self.gate, x, state, keys, annotations, *self.kernels())
        return made["state"], made["gates"][:, -1:] * made["c"], tf.reshape(made["alpha"], [-1, keys.shape[1]])

    def kernels(self):
        """Returns score (u, 1), context (d, 3 u), of_state (u, 4 u), w_beta (u,) and bias (4 u + 1,)."""
        return tuple(map(tf.convert_to_tensor, (self.score, self.context, self.of_state, self.w_beta, self.bias)))


def _start_of_state(shape, dtype=None):
    """Starts the GRU's recurrent kernel orthogonal, W as Keras starts kernels (Glorot and Bengio 2010)."""
    units = shape[0]
    glorot, orthogonal = keras.initializers.GlorotUniform(), keras.initializers.Orthogonal()
    return keras.ops.concatenate([glorot((units, units), dtype), orthogonal((units, 3 * units), dtype)], axis=1)


def _start_of_gate(shape, dtype=None):
    return keras.initializers.GlorotUniform()((*shape, 1), dtype)[:, 0]


def _step(gate, x, state, keys, annotations, score, context, of_state, w_beta, bias):
    """One word; returns a dict of what it made, all that the gradient needs among it."""
    images, (cells, units) = tf.shape(keys)[0], keys.shape[1:]
    by_state = _product(state, of_state)
    sigma = _sigma(keys, by_state, bias)
    scores = tf.matmul(-2 * score, tf.reshape(sigma, [-1, units]), transpose_a=True, transpose_b=True)
    alpha = tf.nn.softmax(tf.reshape(scores, [images, -1, cells]))
    c = tf.reshape(alpha @ annotations, [-1, annotations.shape[-1]])
    state, gates = _gates(gate, x, _product(c, context), by_state, state, w_beta, bias)
    return {"state": state, "alpha": alpha, "sigma": sigma, "c": c, "gates": gates}


def _step_gradient(was, d_state, d_z, d_alpha, d_keys, annotations, score, context, of_state, w_beta):
    """The gradient of `_step`: what came back for state, z and alpha -> for the state before, and parts for the rest.

    `d_keys` is what words behind this one gave. `context` and `of_state` are transposed. Of the gradient of the keys
    the factor 2 `score` / keys is left out, of that of the score -2: they are the same for all words.
    """
    images, units = tf.shape(was["alpha"])[0], d_state.shape[-1]
    d_input, d_of_state, d_before = _gates_gradient(was["gates"], d_state)
    d_c, d_beta = _context_gradient(d_z, _product(d_input, context), was["c"], was["gates"])
    d_c = tf.reshape(d_c, [images, -1, d_c.shape[-1]])
    by_c = tf.matmul(d_c, annotations, transpose_b=True)
    d_e, d_query, d_keys = _attention_gradient(was["sigma"], was["alpha"], d_alpha, by_c, d_keys, score)
    d_score = tf.reshape(d_e, [images, 1, -1]) @ tf.reshape(was["sigma"], [images, -1, units])
    d_by_state = tf.concat([tf.reshape(d_query, [-1, units]), d_of_state], axis=1)
    d_before += _product(d_by_state, of_state) + d_beta * w_beta
    return d_before, {"input": d_input, "by_state": d_by_state, "c": d_c, "beta": d_beta}, d_keys, d_score


def _product(inputs, kernel):
    """inputs @ kernel in the kernel's kind of numbers, as float32."""
    return tf.cast(tf.cast(inputs, kernel.dtype) @ kernel, tf.float32)


# Elementwise chains are compiled by XLA, which fuses each into one pass over memory; matrix products are not, for
# TensorFlow's own are faster on a CPU.


def rise(keys):
    """exp(2 keys); beyond 40, where a tanh has long been flat, cut so that products stay numbers."""
    return tf.exp(2 * tf.clip_by_value(keys, -40.0, 40.0))


@tf.function(jit_compile=True)
def _sigma(keys, by_state, bias):
    """sigma (i, x, l, u) of keys (i, l, u) and the query W h, the first u of (n, 4 u)."""
    units = keys.shape[-1]
    query = tf.reshape(by_state[:, :units] + bias[:units], [tf.shape(keys)[0], -1, 1, units])
    return 1 / (1 + keys[:, None] * rise(query))


@tf.function(jit_compile=True)
def _attention_gradient(sigma, alpha, d_alpha, more_d_alpha, d_keys, score):
    """Through softmax and sigma: for scores (i, x, l), query (i, x, u), and for the keys (i, l, u) added to those."""
    d_alpha += more_d_alpha
    d_e = alpha * (d_alpha - tf.reduce_sum(d_alpha * alpha, axis=-1, keepdims=True))
    d_sum = (sigma - sigma**2) * d_e[..., None]
    return d_e, tf.reduce_sum(d_sum, axis=2) * (4 * score[:, 0]), d_keys + tf.reduce_sum(d_sum, axis=1)


@tf.function(jit_compile=True)
def _context_gradient(d_z, more_d_z, c, gates):
    """Of z = beta c: for c (n, d), and for beta before its sigmoid (n, 1), which is 0 where there is no gate."""
    d_z, beta = d_z + more_d_z, gates[:, -1:]
    return d_z * beta, tf.reduce_sum(d_z * c, axis=1, keepdims=True) * beta * (1 - beta)


@tf.function(jit_compile=True)
def _gates(gate, x, look, by_state, state, w_beta, bias):
    """beta and the gated recurrent unit without their matrix products: x, look (n, 3 u), by_state (n, 4 u).

    Returns the new state, and in one tensor what the gradient needs: the state before, update, reset, candidate, its
    part of the state, (n, u) each, and beta (n, 1).
    """
    units = state.shape[-1]
    beta = tf.reduce_sum(state * w_beta, axis=1, keepdims=True) + bias[4 * units :]
    beta = tf.sigmoid(beta) if gate else tf.ones_like(beta)
    of_input = tf.split(x + beta * look, 3, axis=1)
    of_state = tf.split(by_state[:, units:] + bias[units : 4 * units], 3, axis=1)
    update, reset = (tf.sigmoid(of_input[part] + of_state[part]) for part in (0, 1))
    candidate = tf.tanh(of_input[2] + reset * of_state[2])
    new = candidate + update * (state - candidate)
    return new, tf.concat([state, update, reset, candidate, of_state[2], beta], axis=1)


@tf.function(jit_compile=True)
def _gates_gradient(gates, d_state):
    """The gradient of `_gates`: for its input (n, 3 u), what came of the state (n, 3 u), and the state itself."""
    before, update, reset, candidate, of_state = tf.split(gates[:, :-1], 5, axis=1)
    d_candidate = d_state * (1 - update) * (1 - candidate**2)
    d_update = d_state * (before - candidate) * update * (1 - update)
    d_reset = d_candidate * of_state * reset * (1 - reset)
    d_input = tf.concat([d_update, d_reset, d_candidate], axis=1)
    return d_input, tf.concat([d_update, d_reset, d_candidate * reset], axis=1), d_state * update


def run_with_gradient(gate, kind, x, state, keys, annotations, score, context, of_state, w_beta, bias):
    """Runs all words; returns (states, contexts, weights) and the function that gives the gradient of all tensors.

    `kind` is of which numbers the products with kernels are.
    """
    images, cells, depth = tf.shape(keys)[0], keys.shape[1], annotations.shape[-1]
    context, of_state = tf.cast(context, kind), tf.cast(of_state, kind)
    made, last = [], state
    for word in tf.unstack(x, axis=1):  # in Python: written out in the graph, the loop runs a little faster
        made.append(_step(gate, word, last, keys, annotations, score, context, of_state, w_beta, bias))
        last = made[-1].pop("state")
    gates = tf.stack([word["gates"] for word in made])  # (time, n, ...)
    befores = gates[:, :, : state.shape[-1]]
    contexts = gates[:, :, -1:] * tf.stack([word["c"] for word in made])
    alphas = tf.stack([word["alpha"] for word in made], axis=2)  # (images, texts, time, cells)

    def gradient(d_states, d_contexts, d_weights):
        d_weights = tf.reshape(d_weights, tf.shape(alphas))
        d_words = zip(*(tf.unstack(d, len(made), -2) for d in (d_states, d_contexts, d_weights)), strict=True)
        context_t, of_state_t = tf.transpose(context), tf.transpose(of_state)
        d_state, d_keys, d_score, parts = tf.zeros_like(state), tf.zeros_like(keys), [], []
        for was, (d_h, d_z, d_alpha) in list(zip(made, d_words, strict=True))[::-1]:
            d_state, part, d_keys, its_score = _step_gradient(
                was, d_state + d_h, d_z, d_alpha, d_keys,
                annotations, score, context_t, of_state_t, w_beta,
            )  # fmt: skip
            parts.insert(0, part)
            d_score.append(its_score)
        d_x, d_by_state, d_beta = (tf.stack([part[name] for part in parts]) for name in ("input", "by_state", "beta"))
        d_c = tf.reshape(tf.stack([part["c"] for part in parts], axis=2), [images, -1, depth])
        d_annotations = tf.matmul(tf.reshape(alphas, [images, -1, cells]), d_c, transpose_a=True)
        d_context, d_of_state = kernel_gradient(contexts, d_x, kind), kernel_gradient(befores, d_by_state, kind)
        d_w_beta = tf.reduce_sum(befores * d_beta, axis=[0, 1])
        d_bias = tf.concat([tf.reduce_sum(part, axis=[0, 1]) for part in (d_by_state, d_beta)], axis=0)
        d_score = tf.reduce_sum(tf.reduce_sum(tf.stack(d_score), axis=0), axis=0)
        d_keys, d_score = d_keys * (2 * score[:, 0]) / keys, -2 * tf.transpose(d_score)
        return time_first(d_x), d_state, d_keys, d_annotations, d_score, d_context, d_of_state, d_w_beta, d_bias

    states = tf.concat([befores[1:], last[None]], axis=0)
    weights = tf.reshape(alphas, [-1, len(made), cells])
    return (time_first(states), time_first(contexts), weights), gradient
