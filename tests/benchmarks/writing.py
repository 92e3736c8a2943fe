"""Words a second while writing: greedily against re-running the whole prefix for each word, by chance against that."""

import numpy as np
import table


def show_attend_tell(name, batch, goal):
    """Compares `decode` at a batch size with the plain loop called eagerly, one image at a time."""
    from plain import GRID, SIZES, VOCABULARY, WORDS, plain_like

    from img2tweet_tf.generation import decode
    from img2tweet_tf.models import ShowAttendTell
    from img2tweet_tf.training import new_captioner
    from img2tweet_tf.utils.backend import keras, tf

    keras.utils.set_random_seed(0)
    model = new_captioner(ShowAttendTell, GRID, vocabulary_size=VOCABULARY, **SIZES)
    never_end(model)
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


def sampling(name, method, goal, batch=64):
    """Compares drawing each word with taking the likeliest, both by `decode`."""
    from plain import GRID, SIZES, VOCABULARY, WORDS

    from img2tweet_tf.generation import decode
    from img2tweet_tf.models import ShowAttendTell
    from img2tweet_tf.training import new_captioner
    from img2tweet_tf.utils.backend import keras

    keras.utils.set_random_seed(0)
    model = new_captioner(ShowAttendTell, GRID, vocabulary_size=VOCABULARY, **SIZES)
    never_end(model)
    grids = np.random.default_rng(0).normal(size=(batch, *GRID)).astype("float32")
    table.compare(
        name,
        f"greedy; {method}, a batch of {batch}",
        lambda: decode(model, grids, max_length=WORDS, batch_size=batch),
        lambda: decode(model, grids, method, max_length=WORDS, batch_size=batch),
        batch * WORDS,
        "words",
        goal,
    )


def transformer(name, goal, words=30, batch=64):
    """Compares `decode` with a compiled loop that re-runs the decoder over the padded prefix; both encode once."""
    from img2tweet_tf.generation import decode
    from img2tweet_tf.models import TransformerCaptioner
    from img2tweet_tf.models.transformer_blocks import sinusoids
    from img2tweet_tf.training import new_captioner
    from img2tweet_tf.utils.backend import keras, tf

    keras.utils.set_random_seed(0)
    sizes = {"embedding_dim": 128, "d_model": 128, "num_layers": 6, "num_heads": 8, "inner_dim": 512}
    model = new_captioner(TransformerCaptioner, (8, 8, 2048), vocabulary_size=5000, **sizes)
    never_end(model)
    grids = np.random.default_rng(0).normal(size=(batch, 8, 8, 2048)).astype("float32")

    @tf.function
    def again(images):
        memory, ids = model.encode(images), tf.tile(tf.constant(_START[:, None]), [batch, 1, words + 1])
        for place in tf.range(words):
            x = model.place(ids[:, :, :-1], sinusoids(range(words), model.d_model), memory)
            for block, image in zip(model.decoder, memory["image"], strict=True):
                x = block(x, image)[0]
            best = tf.argmax(model.word_logits(model.decoder_norm(x))[:, 0, place], axis=-1, output_type=tf.int32)
            ids = tf.where(tf.range(words + 1) == place + 1, best[:, None, None], ids)
        return ids[:, 0, 1:]

    def prefix_again():
        return again(tf.constant(grids)).numpy().tolist()

    def ours():
        return decode(model, grids, max_length=words, batch_size=batch)[0]

    alike = np.mean([its == our for its, our in zip(prefix_again(), ours(), strict=True)])
    table.note(name, f"{words} words; texts alike: {alike:.0%}")
    against = f"compiled loop, prefix again; batch of {batch}"
    table.compare(name, against, prefix_again, ours, batch * words, "words", goal)


_START = np.array([[1]], "int32")


def never_end(model):
    """Makes the special ids, the end mark among them, improbable: all texts get as long as they may."""
    from img2tweet_tf.text import Vocabulary

    bias = model.word_logits.bias.numpy()
    bias[[Vocabulary.PAD, Vocabulary.START, Vocabulary.END, Vocabulary.UNK]] = -1e4
    model.word_logits.bias.assign(bias)
