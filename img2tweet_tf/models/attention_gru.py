"""A GRU that looks at a grid before each word: the recurrence of `ShowAttendTell`, with its gradient written out.

The gradient is by hand because training is as fast as it is: what the steps share (the gradients of kernels and
annotations) is summed in one matrix product after the loop, not in one a word. A test holds it against TensorFlow's.
"""

from img2tweet_tf.backend import fast_bfloat16, keras, tf


class AttentionGRU(keras.layers.Layer):
    """Bahdanau's additive attention over cells and a gated recurrent unit, step after step.

        e_ti  = v . tanh(U a_i + W h_{t-1})               scores; U a_i are the `keys`, made once an image
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
        # All that the state is multiplied with, as one kernel: W of the scores, the GRU's recurrent kernel, w_beta.
        self.of_state = self.add_weight(name="of_state", shape=(units, 4 * units + 1), initializer=_start_of_state)
        self.bias = self.add_weight(name="bias", shape=(4 * units + 1,), initializer="zeros")

    def call(self, x, state, keys, annotations):
        """Runs over texts that are known.

        Args:
            x: projected words (n, time, 3 * units), for update, reset and candidate.
            state: (n, units), before the first word.
            keys: (images, cells, units).
            annotations: (images, cells, depth).

        Returns:
            states (n, time, units), contexts z (n, time, depth), weights alpha (n, time, cells).
        """
        return _run(self.gate)(x, state, keys, annotations, *self.kernels())

    def step(self, x, state, keys, annotations):
        """The same for one word: x (n, 3 * units) -> state (n, units), context (n, depth), weights (n, cells)."""
        made = _step(self.gate, x, state, keys, annotations, *self.kernels())
        return made["state"], made["z"], tf.reshape(made["alpha"], [-1, keys.shape[1]])

    def kernels(self):
        """Returns score (u, 1), context (d, 3 u), recurrent (u, 4 u + 1) and bias (4 u + 1,)."""
        return tuple(map(tf.convert_to_tensor, (self.score, self.context, self.of_state, self.bias)))


def _start_of_state(shape, dtype=None):
    """Starts the GRU's recurrent kernel orthogonal, W and w_beta as Keras starts kernels (Glorot and Bengio 2010)."""
    units = shape[0]
    glorot, orthogonal = keras.initializers.GlorotUniform(), keras.initializers.Orthogonal()
    parts = glorot((units, units), dtype), orthogonal((units, 3 * units), dtype), glorot((units, 1), dtype)
    return keras.ops.concatenate(parts, axis=1)


def _step(gate, x, state, keys, annotations, score, context, recurrent, bias):
    """One word; returns a dict of what it made, all that the gradient needs among it."""
    images, (cells, units) = tf.shape(keys)[0], keys.shape[1:]
    query, of_state, beta = tf.split(state @ recurrent + bias, [units, 3 * units, 1], axis=1)
    tanh = _tanh(keys, tf.reshape(query, [images, -1, units]))
    alpha = tf.nn.softmax(tf.reshape(tf.reshape(tanh, [-1, units]) @ score, [images, -1, cells]))
    c = tf.reshape(alpha @ annotations, [-1, annotations.shape[-1]])
    beta = tf.sigmoid(beta) if gate else tf.ones_like(beta)
    z = beta * c
    gates = _gates(x + z @ context, of_state, state)
    return {"z": z, "alpha": alpha, "tanh": tanh, "c": c, "beta": beta, "before": state, **gates}


def _step_gradient(gate, was, d_state, d_z, d_alpha, d_keys, annotations, score, context, recurrent):
    """The gradient of `_step`: what came back for state, z and alpha -> for the state before, and parts for the rest.

    `d_keys` is what words behind this one gave. `context` and `recurrent` are transposed. Of the gradient of the keys
    the factor `score` is left out: it is the same for all cells and words, so the caller multiplies by it once.
    """
    images, units = tf.shape(was["alpha"])[0], d_state.shape[-1]
    d_input, d_of_state, d_before = _gates_gradient({name: was[name] for name in _GATES}, d_state)
    d_c, d_beta = _context_gradient(d_z + d_input @ context, was["c"], was["beta"])
    d_c = tf.reshape(d_c, [images, -1, d_c.shape[-1]])
    d_alpha += tf.matmul(d_c, annotations, transpose_b=True)
    d_e, d_query, d_keys = _attention_gradient(was["tanh"], was["alpha"], d_alpha, d_keys)
    d_score = tf.matmul(tf.reshape(was["tanh"], [-1, units]), tf.reshape(d_e, [-1, 1]), transpose_a=True)
    d_query = tf.reshape(d_query, [-1, units]) * score[:, 0]
    d_rest = tf.concat([d_query, d_of_state, d_beta * float(gate)], axis=1)
    return d_before + d_rest @ recurrent, {"input": d_input, "state": d_rest, "c": d_c}, d_keys, d_score


_GATES = ("before", "update", "reset", "candidate", "of_state")

# Elementwise chains are compiled by XLA, which fuses each into one pass over memory; matrix products are not, for
# TensorFlow's own are faster on a CPU.


@tf.function(jit_compile=True)
def _tanh(keys, query):
    """tanh(keys + query) for keys (i, l, u) and query (i, x, u): (i, x, l, u)."""
    return tf.tanh(keys[:, None] + query[:, :, None])


@tf.function(jit_compile=True)
def _attention_gradient(tanh, alpha, d_alpha, d_keys):
    """Through softmax and tanh: for scores (i, x, l) and query (i, x, u), and for the keys (i, l, u) added to those."""
    d_e = alpha * (d_alpha - tf.reduce_sum(d_alpha * alpha, axis=-1, keepdims=True))
    d_sum = (1 - tanh**2) * d_e[..., None]
    return d_e, tf.reduce_sum(d_sum, axis=2), d_keys + tf.reduce_sum(d_sum, axis=1)


@tf.function(jit_compile=True)
def _context_gradient(d_z, c, beta):
    """Of z = beta c: for c (n, d), and for beta before its sigmoid (n, 1)."""
    return d_z * beta, tf.reduce_sum(d_z * c, axis=1, keepdims=True) * beta * (1 - beta)


@tf.function(jit_compile=True)
def _gates(of_input, of_state, state):
    """The gated recurrent unit without its matrix products, (n, 3 u) twice and (n, u)."""
    of_input, of_state = tf.split(of_input, 3, axis=1), tf.split(of_state, 3, axis=1)
    update, reset = (tf.sigmoid(of_input[part] + of_state[part]) for part in (0, 1))
    candidate = tf.tanh(of_input[2] + reset * of_state[2])
    new = candidate + update * (state - candidate)
    return {"state": new, "update": update, "reset": reset, "candidate": candidate, "of_state": of_state[2]}


@tf.function(jit_compile=True)
def _gates_gradient(was, d_state):
    """The gradient of `_gates`: for its input (n, 3 u), what came of the state (n, 3 u), and the state itself."""
    update, reset, candidate = was["update"], was["reset"], was["candidate"]
    d_candidate = d_state * (1 - update) * (1 - candidate**2)
    d_update = d_state * (was["before"] - candidate) * update * (1 - update)
    d_reset = d_candidate * was["of_state"] * reset * (1 - reset)
    d_input = tf.concat([d_update, d_reset, d_candidate], axis=1)
    return d_input, tf.concat([d_update, d_reset, d_candidate * reset], axis=1), d_state * update


def _run(gate):
    """Returns the function that runs all words, x, state, keys, annotations and kernels: see `AttentionGRU.call`."""
    return tf.custom_gradient(lambda *tensors: run_with_gradient(gate, *tensors))


def run_with_gradient(gate, x, state, keys, annotations, score, context, recurrent, bias):
    """Runs all words; returns (states, contexts, weights) and the function that gives the gradient of all tensors."""
    time, images, cells = tf.shape(x)[1], tf.shape(keys)[0], keys.shape[1]
    depth = annotations.shape[-1]

    def forward(t, state, kept):
        made = _step(gate, words[t], state, keys, annotations, score, context, recurrent, bias)
        kept = {name: array.write(t, made[name]) for name, array in kept.items()}
        return t + 1, made["state"], kept

    words = _time_first(x)
    names = ("before", "z", "alpha", "tanh", "c", "beta", "update", "reset", "candidate", "of_state")
    start = (0, state, {name: tf.TensorArray(tf.float32, time, clear_after_read=False) for name in names})
    _, last, kept = tf.while_loop(lambda t, *_: t < time, forward, start, maximum_iterations=time)
    befores, contexts = kept["before"].stack(), kept["z"].stack()  # (time, n, ...)
    alphas = tf.transpose(kept["alpha"].stack(), [1, 2, 0, 3])  # (images, texts, time, cells)

    def gradient(d_states, d_contexts, d_weights):
        d_weights = _time_first(tf.transpose(tf.reshape(d_weights, tf.shape(alphas)), [0, 2, 1, 3]))
        d_states, d_contexts = _time_first(d_states), _time_first(d_contexts)
        context_t, recurrent_t = tf.transpose(context), tf.transpose(recurrent)

        def backward(t, d_state, d_keys, d_score, made):
            was = {name: array.read(t) for name, array in kept.items()}
            d_state, parts, d_keys, its_score = _step_gradient(
                gate, was, d_state + d_states[t], d_contexts[t], d_weights[t], d_keys,
                annotations, score, context_t, recurrent_t,
            )  # fmt: skip
            made = {name: array.write(t, parts[name]) for name, array in made.items()}
            return t - 1, d_state, d_keys, d_score + its_score, made

        arrays = {name: tf.TensorArray(tf.float32, time) for name in ("input", "state", "c")}
        start = (time - 1, tf.zeros_like(state), tf.zeros_like(keys), tf.zeros_like(score), arrays)
        ends = tf.while_loop(lambda t, *_: t >= 0, backward, start, maximum_iterations=time)
        _, d_state, d_keys, d_score, made = ends
        d_x, d_rest = made["input"].stack(), made["state"].stack()
        d_c = tf.reshape(tf.transpose(made["c"].stack(), [1, 2, 0, 3]), [images, -1, depth])
        d_annotations = tf.matmul(tf.reshape(alphas, [images, -1, cells]), d_c, transpose_a=True)
        d_context, d_recurrent = _kernel_gradient(contexts, d_x), _kernel_gradient(befores, d_rest)
        d_bias = tf.reduce_sum(d_rest, axis=[0, 1])
        return _time_first(d_x), d_state, d_keys * score[:, 0], d_annotations, d_score, d_context, d_recurrent, d_bias

    states = tf.concat([befores[1:], last[None]], axis=0)
    weights = tf.reshape(alphas, [-1, time, cells])
    return (_time_first(states), _time_first(contexts), weights), gradient


def _time_first(tensor):
    """Swaps the first two axes: (a, time, ...) -> (time, a, ...), or back."""
    return tf.transpose(tensor, [1, 0, *range(2, tensor.shape.rank)])


def _kernel_gradient(inputs, d_outputs):
    """Returns the gradient of a kernel (a, b) from inputs (..., a) and what came back for outputs (..., b)."""
    kind = tf.bfloat16 if fast_bfloat16() else tf.float32
    flat = (tf.cast(tf.reshape(part, [-1, part.shape[-1]]), kind) for part in (inputs, d_outputs))
    return tf.cast(tf.matmul(*flat, transpose_a=True), tf.float32)
