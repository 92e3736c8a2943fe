"""Captions a second while training `ShowAttendTell`, against the plain loop."""

import numpy as np
import table

CAPTIONS = 64


def run(name, texts, goal=None, bfloat16=True):
    """Compares training steps on about 64 captions, `texts` of each image.

    Args:
        name: of the line.
        texts: captions an image. The plain loop gets the image again for each.
        goal: times.
        bfloat16: False forbids our products of bfloat16 numbers.
    """
    from plain import GRID, SIZES, VOCABULARY, WORDS, plain_like

    from img2tweet_tf.backend import fast_bfloat16, keras
    from img2tweet_tf.models import ShowAttendTell, attention_gru, caption_model
    from img2tweet_tf.training import compile_captioner

    if not bfloat16:
        if not fast_bfloat16():
            return table.note(name, "as without _float32: there are no fast products of bfloat16 on this machine")
        caption_model.fast_bfloat16 = attention_gru.fast_bfloat16 = lambda: False
    keras.utils.set_random_seed(0)
    rng, images = np.random.default_rng(0), -(-CAPTIONS // texts)
    grids = rng.normal(size=(images, *GRID)).astype("float32")
    ids = rng.integers(4, VOCABULARY, (images * texts, WORDS + 1)).astype("int32")
    weights = np.ones((images * texts, WORDS), "float32")
    repeated, ids, targets = np.repeat(grids, texts, axis=0), ids[:, :-1], ids[:, 1:]

    still = ShowAttendTell(VOCABULARY, GRID, **SIZES, dropout=0.0)
    its_logits = plain_like(still, dropout=0.0)((repeated, ids), training=True)
    gaps = [np.abs(still({"features": grids, "ids": ids}, training=t) - its_logits).max() for t in (False, True)]
    reach = np.abs(its_logits).max()
    says = f"largest difference of logits (up to {reach:.1f}): {gaps[0]:.0e} as written, {gaps[1]:.0e} as trained"
    table.note(name, f"same weights, no dropout: {says}")

    ours = ShowAttendTell(VOCABULARY, GRID, **SIZES, dropout=0.3)
    compile_captioner(ours)
    plain = plain_like(ours)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    plain.compile(keras.optimizers.Adam(1e-3, global_clipnorm=5.0), loss, jit_compile=False)
    table.compare(
        name,
        f"plain Keras loop; {images} images x {texts}{'' if bfloat16 else ', no bfloat16'}",
        lambda: plain.train_on_batch((repeated, ids), targets),
        lambda: ours.train_on_batch({"features": grids, "ids": ids}, targets, weights),
        images * texts,
        "captions",
        goal,
    )
