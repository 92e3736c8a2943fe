"""The captioners in the hands of someone who owns nothing but Keras; and that their code is nothing but Keras."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import img2tweet_tf.models
from img2tweet_tf.models import GloVeLSTM, ShowAndTell, ShowAttendTell, TransformerCaptioner

WORDS, IMAGES, TEXTS, TIME = 11, 8, 2, 5
CAPTIONERS = {
    "glove_lstm": lambda: GloVeLSTM(WORDS, embedding_dim=6, units=8),
    "show_attend_tell": lambda: ShowAttendTell(WORDS, embedding_dim=6, units=8, annotation_dim=8),
    "transformer": lambda: TransformerCaptioner(
        WORDS, embedding_dim=6, d_model=8, num_layers=1, num_heads=2, inner_dim=16
    ),
    "show_and_tell": lambda: ShowAndTell(WORDS, embedding_dim=6, units=8),
}


@pytest.fixture
def data():
    """Returns inputs, targets and weights of a few images; the last token of each second text is padding."""
    random = np.random.default_rng(0)
    ids = random.integers(4, WORDS, (IMAGES, TEXTS, TIME + 1)).astype("int32")
    ids[:, 1, -1] = 0
    image = random.normal(size=(IMAGES, 2, 2, 5)).astype("float32")
    return {"image": image, "ids": ids[..., :-1]}, ids[..., 1:], (ids[..., 1:] != 0).astype("float32")


@pytest.mark.parametrize("name, kind", [*((name, "numpy") for name in CAPTIONERS), ("glove_lstm", "tf.data")])
def test_compile_fit_save_and_load_in_plain_keras(name, kind, data, tmp_path):
    inputs, targets, weights = data
    keras.utils.set_random_seed(0)
    model = CAPTIONERS[name]()
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight"),
    )
    if kind == "numpy":
        history = model.fit(inputs, targets, sample_weight=weights, batch_size=4, epochs=6, verbose=0)
    else:
        batches = tf.data.Dataset.from_tensor_slices((inputs, targets, weights)).shuffle(IMAGES).batch(4)
        history = model.fit(batches, shuffle=False, epochs=6, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]

    model.save(tmp_path / "captioner.keras")
    loaded = keras.saving.load_model(tmp_path / "captioner.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(inputs), model(inputs))
    assert loaded.compiled and int(loaded.optimizer.iterations) == 12, "it can be trained on"


def test_a_functional_model_may_hold_a_captioner(data):
    inputs, *_ = data
    model = CAPTIONERS["glove_lstm"]()
    image, ids = keras.Input((2, 2, 5), name="image"), keras.Input((TEXTS, TIME), dtype="int32", name="ids")
    whole = keras.Model({"image": image, "ids": ids}, model({"image": image, "ids": ids}))
    np.testing.assert_allclose(whole(inputs), model(inputs), atol=1e-6)


FORBIDDEN = ("GradientTape", "custom_gradient", "raw_ops", "jit_compile", "built = True", "Lambda")


def test_the_models_are_short_and_written_in_plain_keras():
    files = sorted(Path(img2tweet_tf.models.__file__).parent.glob("*.py"))
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    assert sum(text.count("\n") for text in texts.values()) <= 900
    for name, text in texts.items():
        assert not [word for word in FORBIDDEN if word in text], name
        assert "import tensorflow" not in text and "backend import tf" not in text, name
