"""Captions a second while training `ShowAttendTell` with what `compile_captioner` sets, against the plain loop."""

import numpy as np
import table

CAPTIONS = 64


def run(name, texts, product_dtype, goal):
    """Compares training steps on about 64 captions, `texts` of each image.

    Args:
        name: of the line.
        texts: captions an image. The plain loop gets the image again for each.
        product_dtype: of the large products, "float32" or "mixed_bfloat16".
        goal: times.
    """
    from plain import GRID, SIZES, VOCABULARY, WORDS, plain_like

    from img2tweet_tf.models import ShowAttendTell
    from img2tweet_tf.training import compile_captioner, new_captioner, shift
    from img2tweet_tf.utils.backend import fast_bfloat16, keras

    if product_dtype != "float32" and not fast_bfloat16():
        return table.note(name, "not measured: this processor has no products of bfloat16 numbers")
    keras.utils.set_random_seed(0)
    rng, images = np.random.default_rng(0), -(-CAPTIONS // texts)
    grids = rng.normal(size=(images, *GRID)).astype("float32")
    ids, targets, weights = shift(rng.integers(4, VOCABULARY, (images, texts, WORDS + 1)).astype("int32"))
    repeated, its_ids, its_targets = np.repeat(grids, texts, axis=0), ids.reshape(-1, WORDS), targets.reshape(-1, WORDS)
    sizes = {"vocabulary_size": VOCABULARY, "product_dtype": product_dtype, **SIZES}

    still = new_captioner(ShowAttendTell, GRID, **sizes, dropout=0.0)
    its_logits = plain_like(still, dropout=0.0)((repeated, its_ids), training=True)
    logits = np.reshape(still({"image": grids, "ids": ids}, training=True), its_logits.shape)
    gap, reach = np.abs(logits - its_logits).max(), np.abs(its_logits).max()
    table.note(name, f"same weights, no dropout: largest difference of logits (up to {reach:.1f}): {gap:.0e}")

    ours = compile_captioner(new_captioner(ShowAttendTell, GRID, **sizes, dropout=0.3))
    plain = plain_like(ours)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    plain.compile(keras.optimizers.Adam(1e-3, global_clipnorm=5.0), loss, jit_compile=False)
    table.compare(
        name,
        f"plain Keras loop; {images} images x {texts}, {product_dtype}",
        lambda: plain.train_on_batch((repeated, its_ids), its_targets),
        lambda: ours.train_on_batch({"image": grids, "ids": ids}, targets, weights),
        images * texts,
        "captions",
        goal,
    )
