"""What every captioner must do, whatever it is made of."""

import numpy as np
import pytest

from img2tweet_tf.backend import keras, tf
from img2tweet_tf.batches import shift
from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.decoding import decode
from img2tweet_tf.models import MODELS, caption_model
from img2tweet_tf.models.caption_model import cross_entropy
from img2tweet_tf.training import compile_captioner, set_seed

VOCABULARY, TIME = 12, 7
SIZES = {
    "glove_lstm": {"embedding_dim": 6, "units": 8, "dropout": 0.5},
    "show_attend_tell": {"embedding_dim": 6, "units": 8, "annotation_dim": 10, "dropout": 0.5},
    "transformer": {"embedding_dim": 6, "d_model": 8, "num_layers": 2, "num_heads": 2, "inner_dim": 16, "dropout": 0.5},
}


@pytest.fixture(params=MODELS)
def model(request):
    set_seed(1)
    kind = MODELS[request.param]
    shape = (2, 3, 5) if kind.reads_grid else (5,)
    return kind(VOCABULARY, shape, **SIZES[request.param])


def toy_batch(model, images=3, texts=2, seed=0):
    random = np.random.default_rng(seed)
    ids = random.integers(4, VOCABULARY, (images * texts, TIME)).astype("int32")
    ids[:, 0] = 1
    return random.normal(size=(images, *model.feature_shape)).astype("float32"), ids


def logits(model, features, ids):
    return keras.ops.convert_to_numpy(model({"features": features, "ids": ids}))


def test_output_has_a_row_for_each_text_and_place(model):
    features, ids = toy_batch(model)
    assert logits(model, features, ids).shape == (6, TIME, VOCABULARY)


def test_texts_of_an_image_stand_together(model):
    features, ids = toy_batch(model, images=2, texts=2)
    alone = logits(model, features[1:], ids[2:])
    np.testing.assert_allclose(logits(model, features, ids)[2:], alone, atol=1e-5)
    assert np.abs(logits(model, features[:1], ids[2:]) - alone).max() > 1e-4, "the image makes no difference"


def test_padding_changes_nothing_before_it(model):
    features, ids = toy_batch(model)
    padded = np.pad(ids, ((0, 0), (0, 4)))
    np.testing.assert_allclose(logits(model, features, padded)[:, :TIME], logits(model, features, ids), atol=1e-5)


def test_a_future_word_leaves_earlier_logits_alone(model):
    features, ids = toy_batch(model)
    changed = ids.copy()
    changed[:, 4] = (ids[:, 4] - 3) % (VOCABULARY - 4) + 4
    before, after = logits(model, features, ids), logits(model, features, changed)
    np.testing.assert_allclose(after[:, :4], before[:, :4], atol=1e-5)
    assert np.abs(after[:, 4:] - before[:, 4:]).max() > 1e-4


def test_saved_and_loaded_it_gives_identical_logits(model, tmp_path):
    features, ids = toy_batch(model)
    before = logits(model, features, ids)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(logits(loaded, features, ids), before)
    assert loaded.get_config() == model.get_config()


def test_one_batch_can_be_overfitted(model):
    plain = {"dropout": 0.0, "label_smoothing": 0.0}
    config = {name: plain.get(name, value) for name, value in model.get_config().items()}
    model = type(model).from_config(config)
    features, ids = toy_batch(model, texts=1)
    inputs, targets, weights = shift(ids)
    compile_captioner(model, learning_rate=0.005)
    for _ in range(300):
        model.train_on_batch({"features": features, "ids": inputs}, targets, weights)
    left = model.evaluate({"features": features, "ids": inputs}, targets, 3, 0, weights, return_dict=True)
    assert left["nats"] < 0.1


def test_step_by_step_it_gives_the_logits_of_training(model):
    features, ids = toy_batch(model)
    memory = model.encode(features)
    state = model.initial_state(memory, 2, TIME)
    for place in range(TIME):
        here, state = model.step(ids[:, place], state, memory)
        np.testing.assert_allclose(here, logits(model, features, ids)[:, place], atol=1e-5)


def test_an_attending_model_looks_at_the_whole_grid_and_not_ahead(model):
    if not model.attends:
        pytest.skip("sees the image as one vector")
    features, ids = toy_batch(model)
    maps = model.attention(features, ids)
    assert maps.shape[:2] == (6, TIME) and maps.shape[-2:] == model.feature_shape[:2]
    np.testing.assert_allclose(maps.sum(axis=(-2, -1)), 1, atol=1e-5)
    changed = ids.copy()
    changed[:, 4] = (ids[:, 4] - 3) % (VOCABULARY - 4) + 4
    np.testing.assert_allclose(model.attention(features, changed)[:, :4], maps[:, :4], atol=1e-5)


def test_attention_finds_its_place_when_the_grid_is_turned(model):
    """Rows and columns of a map are those of the features: it follows a cell that moves."""
    if not model.attends:
        pytest.skip("sees the image as one vector")
    features, ids = toy_batch(model, images=1, texts=1)
    maps = model.attention(features, ids)
    features[0, 0, 2] += 4 * np.random.default_rng(3).normal(size=features.shape[-1]).astype("float32")
    change = np.abs(model.attention(features, ids) - maps).sum(axis=tuple(range(maps.ndim - 2)))
    assert np.unravel_index(change.argmax(), change.shape) == (0, 2)


def test_it_learns_to_use_the_image(model):
    """The swap test: on its own image a text is far likelier than on another's."""
    config = {name: {"dropout": 0.0}.get(name, value) for name, value in model.get_config().items()}
    model = type(model).from_config(config)
    random = np.random.default_rng(0)
    kinds = np.arange(32) % 4
    prototypes = 2 * random.normal(size=(4, *model.feature_shape))
    features = (prototypes[kinds] + random.normal(scale=0.3, size=(32, *model.feature_shape))).astype("float32")
    ids = np.full((32, 4), 1, "int32")
    ids[:, 1], ids[:, 2], ids[:, 3] = 4 + kinds, 8 + random.integers(0, 4, 32), 2
    inputs, targets, weights = shift(ids)
    compile_captioner(model, learning_rate=0.005)
    for _ in range(100):
        model.train_on_batch({"features": features[:24], "ids": inputs[:24]}, targets[:24], weights[:24])
    own, swapped = (
        model.evaluate(
            {"features": of_text, "ids": inputs[24:]}, targets[24:], 8, 0, weights[24:], return_dict=True
        )["nats"]
        for of_text in (features[24:], np.roll(features[24:], 1, axis=0))
    )
    assert own < swapped - 0.5, (own, swapped)


def test_bfloat16_products_lose_nothing_in_long_sums(monkeypatch):
    monkeypatch.setattr(caption_model, "fast_bfloat16", lambda: True)
    random = np.random.default_rng(0)
    sizes = (3000, 6), (6, 7), (7,), (3000, 7)  # inputs, kernel, bias, gradient that comes back
    inputs, kernel, bias, back = (tf.constant(random.uniform(size=size), tf.float32) for size in sizes)

    def gradients(training):
        with tf.GradientTape() as tape:
            tape.watch((inputs, kernel, bias))
            total = tf.reduce_sum(caption_model.product(inputs, kernel, bias, training) * back)
        return tape.gradient(total, (inputs, kernel, bias))

    for low, exact in zip(gradients(True), gradients(False), strict=True):
        np.testing.assert_allclose(low, exact, rtol=0.02)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_is_that_of_tensorflow_with_its_gradient(smoothing):
    random = np.random.default_rng(0)
    logits = tf.constant(random.normal(scale=5, size=(3, 4, 7)), tf.float32)
    ids, weights = random.integers(0, 7, (3, 4)), tf.constant(random.normal(size=(2, 3, 4)), tf.float32)

    def value_and_gradient(function):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            nats, smoothed = function()
            total = tf.reduce_sum(nats * weights[0] + smoothed * weights[1])
        return nats, smoothed, tape.gradient(total, logits)

    def theirs():
        log_shares = tf.nn.log_softmax(logits)
        nats = -tf.gather(log_shares, ids, batch_dims=2)
        return nats, (1 - smoothing) * nats - smoothing * tf.reduce_mean(log_shares, axis=-1)

    ours = value_and_gradient(lambda: cross_entropy(logits, ids, smoothing))
    for mine, other in zip(ours, value_and_gradient(theirs), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-5)


@pytest.mark.parametrize("method", ["greedy", "beam"])
def test_decoding_returns_the_looks_of_the_words_it_wrote(model, method):
    features, _ = toy_batch(model)
    if not model.attends:
        with pytest.raises(Img2TweetError, match="has no attention"):
            decode(model, features, return_attention=True)
        return
    texts, _, maps = decode(model, features, method, max_length=4, return_attention=True)
    assert maps.shape[:2] == (3, max(map(len, texts)) + 1) and maps.shape[-2:] == model.feature_shape[:2]
    for text, looks in zip(texts, maps, strict=True):
        read = model.attention(features[texts.index(text)][None], np.array([[1, *text]], np.int32))[0]
        if texts.count(text) == 1:
            np.testing.assert_allclose(looks[: len(text) + 1], read, atol=1e-5)
        assert not looks[len(text) + 1 :].any()
