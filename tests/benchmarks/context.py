"""What reading facts costs `ShowAttendTell`: a captioner with context against the same without."""

import numpy as np
import table

FACTS, FIELDS, ACCOUNTS = 80, 150, 20  # tokens of facts a pair, as many as `ContextReader` reads; as in the sample


def train(name, goal, batch=32):
    """Compares training steps on a batch of images with one text each."""
    from plain import VOCABULARY, WORDS

    from img2tweet_tf.training import compile_captioner, shift

    without, with_facts, inputs, facts = _captioners(batch)
    ids = np.random.default_rng(1).integers(4, VOCABULARY, (batch, 1, WORDS + 1)).astype("int32")
    ids, targets, weights = shift(ids)
    for model in (without, with_facts):
        compile_captioner(model)
    table.compare(
        name,
        f"the same without facts; a batch of {batch}",
        lambda: without.train_on_batch(inputs | {"ids": ids}, targets, weights),
        lambda: with_facts.train_on_batch(inputs | facts | {"ids": ids}, targets, weights),
        batch,
        "captions",
        goal,
    )


def write(name, method, goal, batch=64):
    """Compares greedy or beam search."""
    from plain import WORDS
    from writing import never_end

    from img2tweet_tf.generation import decode

    without, with_facts, inputs, facts = _captioners(batch)
    for model in (without, with_facts):
        never_end(model)
    table.compare(
        name,
        f"the same without facts; {method}, a batch of {batch}",
        lambda: decode(without, inputs["image"], method, max_length=WORDS, batch_size=batch),
        lambda: decode(with_facts, inputs["image"], method, max_length=WORDS, batch_size=batch, facts=facts),
        batch * WORDS,
        "words",
        goal,
    )


def _captioners(batch):
    """Returns a captioner without context and one with it, images, and facts of which half can be copied."""
    from plain import GRID, SIZES, VOCABULARY

    from img2tweet_tf.models import ShowAttendTell
    from img2tweet_tf.training import new_captioner
    from img2tweet_tf.utils.backend import keras

    keras.utils.set_random_seed(0)
    sizes = {"vocabulary_size": VOCABULARY, **SIZES}
    without = new_captioner(ShowAttendTell, GRID, **sizes)
    with_facts = new_captioner(ShowAttendTell, GRID, **sizes, num_fields=FIELDS, num_accounts=ACCOUNTS)
    rng = np.random.default_rng(0)
    tokens, fields = rng.integers(4, VOCABULARY, (batch, FACTS)), rng.integers(2, FIELDS, (batch, FACTS))
    copies = np.where(tokens % 2, tokens, VOCABULARY + np.arange(FACTS))
    context = np.stack([fields, np.zeros_like(fields), tokens, copies], axis=-1).astype("int32")
    facts = {"context": context, "account": np.ones(batch, "int32")}
    return without, with_facts, {"image": rng.normal(size=(batch, *GRID)).astype("float32")}, facts
