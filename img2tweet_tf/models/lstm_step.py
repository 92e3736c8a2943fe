"""One step of an LSTM for several texts an image; Keras's cell knows one axis of texts."""

from img2tweet_tf.utils.backend import keras

ops = keras.ops


def lstm_step(lstm, x, state):
    """Reads one vector of each text, x (B, N, D), in the state {"h", "c": (B, N, units)}; returns the next state."""
    x, h, c = (ops.reshape(each, (-1, each.shape[-1])) for each in (x, state["h"], state["c"]))
    _, (h, c) = lstm.cell(x, [h, c])
    return {"h": ops.reshape(h, ops.shape(state["h"])), "c": ops.reshape(c, ops.shape(state["c"]))}
