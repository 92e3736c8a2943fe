"""A captioner and the last layers of a CNN as one model: it keeps the captioners' contract and trains both."""

import json

import numpy as np
import pytest
from test_captioners import SIZES, VOCABULARY, logits, toy_batch
from test_captioners import test_a_future_word_leaves_earlier_logits_alone as future_word
from test_captioners import test_output_has_a_row_for_each_text_and_place as output_rows
from test_captioners import test_padding_changes_nothing_before_it as padding
from test_captioners import test_step_by_step_it_gives_the_logits_of_training as step_by_step
from test_captioners import test_texts_of_an_image_stand_together as texts_together

from img2tweet_tf.backend import keras
from img2tweet_tf.batches import shift
from img2tweet_tf.decoding import decode
from img2tweet_tf.models import MODELS
from img2tweet_tf.models.adam import FusedAdam
from img2tweet_tf.models.with_encoder import WithEncoder
from img2tweet_tf.training import compile_captioner, set_seed


def small_cnn():
    """Returns a block with a residual connection and dropout: (4, 6, 5) -> (2, 3, 7)."""
    layers = keras.layers
    features = keras.Input((4, 6, 5))
    x = layers.BatchNormalization()(layers.Conv2D(5, 3, padding="same")(features))
    x = layers.Dropout(0.5)(layers.Add()([features, layers.ReLU()(x)]))
    return keras.Model(features, layers.Conv2D(7, 2, strides=2, activation="relu")(x))


def build(name, shape=(2, 3, 7), **changed):
    set_seed(1)
    return WithEncoder(small_cnn(), MODELS[name](VOCABULARY, shape, **{**SIZES[name], **changed}))


@pytest.fixture(params=MODELS)
def model(request):
    return build(request.param, (2, 3, 7) if MODELS[request.param].reads_grid else (7,))


def batch_of(model, texts=1):
    features, ids = toy_batch(model, texts=texts)
    inputs, targets, weights = shift(ids)
    return {"features": features, "ids": inputs}, targets, weights


@pytest.mark.parametrize("test", [output_rows, texts_together, padding, future_word, step_by_step])
def test_it_keeps_the_contract(model, test):
    test(model)


def test_saved_and_loaded_it_gives_identical_logits(model, tmp_path):
    features, ids = toy_batch(model)
    before = logits(model, features, ids)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(logits(loaded, features, ids), before)
    assert json.dumps(loaded.get_config()) == json.dumps(model.get_config())


@pytest.mark.parametrize("name", MODELS)
def test_one_batch_can_be_overfitted(name):
    plain = {"dropout": 0.0, **({"label_smoothing": 0.0} if name == "transformer" else {})}
    model = build(name, **plain)
    batch = batch_of(model)
    compile_captioner(model, learning_rate=0.01)
    for _ in range(200):
        model.train_on_batch(*batch)
    left = model.evaluate(batch[0], batch[1], 3, 0, batch[2], return_dict=True)
    assert left["nats"] < 0.1


def test_both_parts_train_and_the_statistics_stay(model):
    before = [(variable.path, variable.numpy()) for variable in model.upper.weights]
    words = model.captioner.word_logits.kernel.numpy()
    compile_captioner(model, learning_rate=0.01)
    model.train_on_batch(*batch_of(model))
    changed = {path for (path, old), new in zip(before, model.upper.weights, strict=True) if (old != new.numpy()).any()}
    assert changed == {path for path, _ in before if "moving" not in path and "seed" not in path}
    assert (model.captioner.word_logits.kernel.numpy() != words).any()


@pytest.mark.parametrize("saved", [False, True])
def test_the_encoder_learns_slower(tmp_path, saved):
    model = build("show_attend_tell")
    compile_captioner(model, learning_rate=0.01)
    if saved:
        model.train_on_batch(*batch_of(model))
        model.save(tmp_path / "model.keras")
        model = keras.models.load_model(tmp_path / "model.keras")
        assert isinstance(model.optimizer, FusedAdam)
    before = [variable.numpy() for variable in model.trainable_variables]
    model.train_on_batch(*batch_of(model))
    steps = [np.abs(new - old).max() for old, new in zip(before, model.trainable_variables, strict=True)]
    upper = len(model.upper.trainable_variables)
    assert np.median(steps[:upper]) == pytest.approx(0.001, rel=0.1)  # Adam's first steps: as long as its learning rate
    assert np.median(steps[upper:]) == pytest.approx(0.01, rel=0.1)


def test_losses_and_smoothing_of_the_captioner_count():
    features = {"doubly_stochastic": 5.0, "dropout": 0.0}
    for name, changed in (("show_attend_tell", features), ("transformer", {"label_smoothing": 0.9, "dropout": 0.0})):
        model = build(name, **changed)
        compile_captioner(model)
        logs = model.train_on_batch(*batch_of(model), return_dict=True)
        assert abs(logs["loss"] - logs["nats"]) > 0.01, name


def test_texts_and_attention_come_through():
    model = build("show_attend_tell")
    features, ids = toy_batch(model)
    maps = model.attention(features, ids)
    assert maps.shape[-2:] == (2, 3)
    np.testing.assert_allclose(maps.sum(axis=(-2, -1)), 1, atol=1e-5)
    grid = keras.ops.convert_to_numpy(model.upper(features, training=False))
    here, there = (decode(*both, method="beam", max_length=5) for both in ((model, features), (model.captioner, grid)))
    assert here[0] == there[0]
    np.testing.assert_allclose(here[1], there[1], atol=1e-4)


def test_words_are_set_in_the_captioner(model):
    model.set_embeddings(np.full(model.captioner.embedding.embeddings.shape, 0.5))
    model.set_word_frequencies(np.arange(VOCABULARY))
    assert (model.captioner.embedding.get_weights()[0] == 0.5).all()
    assert np.argmax(model.captioner.word_logits.get_weights()[1]) == VOCABULARY - 1
    assert model.learning_rate() == model.captioner.learning_rate() or model.captioner.name == "transformer"
