"""What the recurrences with a gradient by hand share, and the plain one: an LSTM over texts that are known.

The gradient is by hand because training is as fast as it is: what the words share (the gradient of the kernel) is
summed in one matrix product after the loop, not in one a word. Tests hold it against TensorFlow's.
"""

from img2tweet_tf.backend import tf


@tf.custom_gradient
def run_lstm(x, kernel):
    """Runs an LSTM over all words, from zeros.

    Args:
        x: words times the input kernel plus bias, (n, time, 4 * units), in Keras's order: input gate, forget gate,
            candidate, output gate.
        kernel: recurrent kernel (units, 4 * units).

    Returns:
        states (n, time, units).

    Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; the equations as in Keras.
    """
    time = tf.shape(x)[1]

    def forward(t, h, c, kept):
        made = {"h": h, "before": c, **_cell(words[t], h @ kernel, c)}
        kept = {name: array.write(t, made[name]) for name, array in kept.items()}
        return t + 1, made["new_h"], made["c"], kept

    words = time_first(x)
    start = tf.zeros([tf.shape(x)[0], kernel.shape[0]])
    arrays = {name: tf.TensorArray(tf.float32, time, clear_after_read=False) for name in ("h", "before", *_KEPT)}
    first = (0, start, start, arrays)
    _, last, _, kept = tf.while_loop(lambda t, *_: t < time, forward, first, maximum_iterations=time)
    befores = kept["h"].stack()

    def gradient(d_states):
        d_states, kernel_t = time_first(d_states), tf.transpose(kernel)

        def backward(t, d_h, d_c, made):
            was = {name: kept[name].read(t) for name in ("before", *_KEPT)}
            d_x, d_c = _cell_gradient(was, d_h, d_states[t], d_c)
            return t - 1, d_x @ kernel_t, d_c, made.write(t, d_x)

        start = (time - 1, tf.zeros_like(last), tf.zeros_like(last), tf.TensorArray(tf.float32, time))
        *_, made = tf.while_loop(lambda t, *_: t >= 0, backward, start, maximum_iterations=time)
        d_x = made.stack()
        return time_first(d_x), kernel_gradient(befores, d_x, tf.float32)

    return time_first(tf.concat([befores[1:], last[None]], axis=0)), gradient


_KEPT = ("c", "gate", "forget", "candidate", "output")


@tf.function(jit_compile=True)
def _cell(x, of_state, c):
    """One word, without its matrix products: x, of_state (n, 4 u), c (n, u)."""
    gate, forget, candidate, output = tf.split(x + of_state, 4, axis=1)
    gate, forget, candidate, output = tf.sigmoid(gate), tf.sigmoid(forget), tf.tanh(candidate), tf.sigmoid(output)
    c = forget * c + gate * candidate
    made = {"c": c, "gate": gate, "forget": forget, "candidate": candidate, "output": output}
    return {"new_h": output * tf.tanh(c), **made}


@tf.function(jit_compile=True)
def _cell_gradient(was, d_h, more_d_h, d_c):
    """The gradient of `_cell`: for x (n, 4 u), and for the c before."""
    d_h, tanh_c = d_h + more_d_h, tf.tanh(was["c"])
    d_c += d_h * was["output"] * (1 - tanh_c**2)
    d_gate = d_c * was["candidate"] * was["gate"] * (1 - was["gate"])
    d_forget = d_c * was["before"] * was["forget"] * (1 - was["forget"])
    d_candidate = d_c * was["gate"] * (1 - was["candidate"] ** 2)
    d_output = d_h * tanh_c * was["output"] * (1 - was["output"])
    return tf.concat([d_gate, d_forget, d_candidate, d_output], axis=1), d_c * was["forget"]


def time_first(tensor):
    """Swaps the first two axes: (a, time, ...) -> (time, a, ...), or back."""
    return tf.transpose(tensor, [1, 0, *range(2, tensor.shape.rank)])


def kernel_gradient(inputs, d_outputs, kind):
    """Returns the gradient of a kernel (a, b) from inputs (..., a) and what came back for outputs (..., b)."""
    flat = (tf.cast(tf.reshape(part, [-1, part.shape[-1]]), kind) for part in (inputs, d_outputs))
    return tf.cast(tf.matmul(*flat, transpose_a=True), tf.float32)
