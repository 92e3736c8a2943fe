"""A fake captioner whose every probability is known, for the tests of writing."""

import numpy as np

from img2tweet_tf.text import Vocabulary
from img2tweet_tf.utils.backend import tf

START, END = Vocabulary.START, Vocabulary.END


class Scripted:
    """A fake captioner: the next word's logits are a table of (image, last word, place); its state counts places."""

    name = "scripted"

    def __init__(self, seed=0, words=4, places=4, images=3, table=None):
        size = 4 + words
        made = np.random.default_rng(seed).normal(scale=2, size=(images, size, places + 1, size))
        self.table = np.asarray(made if table is None else table, np.float32)

    def encode(self, images):
        return {"number": tf.cast(images[:, 0, 0, 0], tf.int32)}

    def initial_state(self, memory, n):
        return {"place": tf.zeros((len(memory["number"]), n), tf.int32)}

    def step(self, ids, state, memory):
        place = tf.minimum(state["place"], self.table.shape[2] - 1)
        number = tf.broadcast_to(memory["number"][:, None], ids.shape)
        logits = tf.gather_nd(tf.constant(self.table), tf.stack([number, ids, place], axis=-1))
        return logits, {"place": state["place"] + 1}, None

    def __call__(self, inputs):
        memory, ids = self.encode(inputs["image"]), inputs["ids"]
        state, all_logits = self.initial_state(memory, ids.shape[1]), []
        for place in range(ids.shape[2]):
            logits, state, _ = self.step(ids[:, :, place], state, memory)
            all_logits.append(logits)
        return tf.stack(all_logits, axis=2)


def grids(count):
    """Returns as many images (count, 1, 1, 1), each nothing but its number."""
    return np.arange(count, dtype=np.float32).reshape(count, 1, 1, 1)


IMAGES = grids(3)


def log_probability(model, image, text):
    """The natural logarithm of the probability of writing `text` and then the end, by the table alone."""
    total, last = 0.0, START
    for place, word in enumerate([*text, END]):
        logits = model.table[image, last, place].astype(float)
        total += logits[word] - np.log(np.exp(logits).sum())
        last = word
    return total
