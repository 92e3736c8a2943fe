"""Words a second while writing greedily: against re-running the whole prefix for each word."""

import numpy as np
import table


def show_attend_tell(name, batch, goal):
    """Compares `decode` at a batch size with the plain loop called eagerly, one image at a time."""
    from plain import GRID, SIZES, VOCABULARY, WORDS, plain_like

    from img2tweet_tf.backend import keras, tf
    from img2tweet_tf.decoding import decode
    from img2tweet_tf.models import ShowAttendTell

    keras.utils.set_random_seed(0)
    model = ShowAttendTell(VOCABULARY, GRID, **SIZES)
    _never_end(model)
    plain = plain_like(model)
    grids = np.random.default_rng(0).normal(size=(batch, *GRID)).astype("float32")

    def naive():
        ids = _START
        for _ in range(WORDS):
            logits = plain((tf.constant(grids[:1]), tf.constant(ids)))
            ids = np.concatenate([ids, np.argmax(logits[:, -1], axis=-1)[:, None].astype("int32")], axis=1)
        return ids[:, 1:].tolist()

    def ours():
        return decode(model, grids, max_length=WORDS, batch_size=batch)[0]

    table.note(name, f"{WORDS} words, the first image's alike: {naive()[0] == ours()[0]}")
    table.compare(
        name, f"eager plain loop, prefix again; batch of {batch}", naive, ours, batch * WORDS, "words", goal, WORDS
    )


def transformer(name, goal, words=30, batch=64):
    """Compares `decode` with a compiled loop that re-runs the decoder over the padded prefix; both encode once."""
    from img2tweet_tf.backend import keras, tf
    from img2tweet_tf.decoding import decode
    from img2tweet_tf.models import TransformerCaptioner

    keras.utils.set_random_seed(0)
    sizes = {"embedding_dim": 128, "d_model": 128, "num_layers": 6, "num_heads": 8, "inner_dim": 512}
    model = TransformerCaptioner(5000, (8, 8, 2048), **sizes)
    _never_end(model)
    grids = np.random.default_rng(0).normal(size=(batch, 8, 8, 2048)).astype("float32")

    @tf.function
    def again(features):
        memory, ids = model.encode(features), tf.tile(tf.constant(_START), [batch, words + 1])
        for place in tf.range(words):
            logits = model.decode(ids[:, :-1], memory)[:, place]
            best = tf.argmax(logits, axis=-1, output_type=tf.int32)
            ids = tf.where(tf.range(words + 1) == place + 1, best[:, None], ids)
        return ids[:, 1:]

    def prefix_again():
        return again(tf.constant(grids)).numpy().tolist()

    def ours():
        return decode(model, grids, max_length=words, batch_size=batch)[0]

    alike = np.mean([its == our for its, our in zip(prefix_again(), ours(), strict=True)])
    table.note(name, f"{words} words; texts alike: {alike:.0%}")
    against = f"compiled loop, prefix again; batch of {batch}"
    table.compare(name, against, prefix_again, ours, batch * words, "words", goal)


_START = np.array([[1]], "int32")


def _never_end(model):
    """Makes the special ids, the end mark among them, improbable: all texts get as long as they may."""
    from img2tweet_tf.text import Vocabulary

    kernel, bias = model.word_logits.get_weights()
    bias[[Vocabulary.PAD, Vocabulary.START, Vocabulary.END, Vocabulary.UNK]] = -1e4
    model.word_logits.set_weights([kernel, bias])
