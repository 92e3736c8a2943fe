"""What every captioner must do, whatever it is made of."""

import numpy as np
import pytest
from conftest import without_tracing

from img2tweet_tf.generation import decode, token_nats
from img2tweet_tf.models import MODELS, model_class
from img2tweet_tf.models.projection import Projection
from img2tweet_tf.training import new_captioner, set_seed, shift
from img2tweet_tf.utils.backend import keras, tf
from img2tweet_tf.utils.errors import Img2TweetError

VOCABULARY, TIME, GRID = 12, 6, (2, 3, 5)
SIZES = {
    "glove_lstm": {"embedding_dim": 6, "units": 8, "dropout": 0.5},
    "show_attend_tell": {"embedding_dim": 6, "units": 8, "annotation_dim": 10, "dropout": 0.5},
    "transformer": {"embedding_dim": 6, "d_model": 8, "num_layers": 2, "num_heads": 2, "inner_dim": 16, "dropout": 0.5},
    "show_and_tell": {"embedding_dim": 6, "units": 8, "dropout": 0.5},
}
WITHOUT_ATTENTION = ("glove_lstm", "show_and_tell")
SEVERAL = {"transformer": (2, 2)}  # layers and heads of those whose attention has several


def build(name, **changed):
    set_seed(1)
    return new_captioner(MODELS[name], GRID, vocabulary_size=VOCABULARY, **{**SIZES[name], **changed})


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    return build(request.param)


@pytest.fixture(params=MODELS)
def plain(request):
    return build_plain(request.param)


def build_plain(name, **changed):
    """Returns a captioner without dropout, of one block where it has blocks."""
    return build(name, dropout=0.0, **({"num_layers": 1} if name == "transformer" else {}), **changed)


def toy_batch(images=3, texts=2, seed=0):
    random = np.random.default_rng(seed)
    ids = random.integers(4, VOCABULARY, (images, texts, TIME)).astype("int32")
    ids[..., 0] = 1
    return {"image": random.normal(size=(images, *GRID)).astype("float32"), "ids": ids}


def logits(model, batch, **changed):
    return keras.ops.convert_to_numpy(model({**batch, **changed}))


def with_another_word(ids, place):
    changed = ids.copy()
    changed[..., place] = (ids[..., place] - 3) % (VOCABULARY - 4) + 4
    return changed


def read_by_steps(model, batch):
    """Returns logits (B, N, T, V) and attention (B, N, T, ...), None where there is none, by `step`."""
    memory = model.encode_all(batch)
    state, turns = model.initial_state(memory, batch["ids"].shape[1]), []
    for place in range(batch["ids"].shape[2]):
        here, state, attention = model.step(batch["ids"][:, :, place], state, memory)
        turns.append((here, attention))
    here, attention = zip(*turns, strict=True)
    return np.stack(here, axis=2), None if attention[0] is None else np.stack(attention, axis=2)


def compiled(model):
    model.compile(
        keras.optimizers.Adam(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight"),
        weighted_metrics=[keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="nats")],
    )
    return model


def fit_again_and_again(model, inputs, targets, weights, times):
    batches = tf.data.Dataset.from_tensors((inputs, targets, weights)).repeat(times)
    model.fit(batches, shuffle=False, verbose=0)


def nats(model, inputs, targets, weights):
    model.run_eagerly = True  # one batch does not pay for tracing
    return model.evaluate(inputs, targets, sample_weight=weights, verbose=0, return_dict=True)["nats"]


def test_there_are_logits_for_each_text_and_place(model):
    batch = toy_batch()
    assert logits(model, batch).shape == (3, 2, TIME, VOCABULARY)
    assert model.sizes["vocabulary_size"] == VOCABULARY


def test_a_text_is_read_on_its_own_image_alone(model):
    batch = toy_batch()
    together, second = logits(model, batch), {name: values[1:2] for name, values in batch.items()}
    np.testing.assert_allclose(logits(model, second), together[1:2], atol=1e-5)
    np.testing.assert_allclose(logits(model, second, ids=second["ids"][:, 1:]), together[1:2, 1:], atol=1e-5)
    elsewhere = logits(model, second, image=batch["image"][:1])
    assert np.abs(elsewhere - together[1:2]).max() > 1e-4, "the image makes no difference"


def test_padding_changes_nothing_before_it(model):
    batch = toy_batch()
    padded = np.pad(batch["ids"], ((0, 0), (0, 0), (0, 4)))
    np.testing.assert_allclose(logits(model, batch, ids=padded)[:, :, :TIME], logits(model, batch), atol=1e-5)


def test_a_future_token_leaves_earlier_logits_alone(model):
    check_future(model, toy_batch(), atol=1e-5)


def check_future(model, batch, atol):
    before, after = logits(model, batch), logits(model, batch, ids=with_another_word(batch["ids"], 3))
    np.testing.assert_allclose(after[:, :, :3], before[:, :, :3], atol=atol)
    assert np.abs(after[:, :, 3:] - before[:, :, 3:]).max() > 1e-4


def test_saved_and_loaded_it_gives_identical_logits(model, tmp_path):
    check_saving(model, toy_batch(), tmp_path)


def check_saving(model, batch, tmp_path):
    before = logits(model, batch)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(logits(loaded, batch), before)
    assert type(loaded) is type(model) and loaded.get_config() == model.get_config()


def test_one_batch_can_be_overfitted(plain):
    check_overfitting(plain, toy_batch(texts=1))


def check_overfitting(plain, batch):
    ids, targets, weights = shift(batch["ids"])
    inputs = {**batch, "ids": ids}
    compiled(plain)
    fit_again_and_again(plain, inputs, targets, weights, times=150)
    assert nats(plain, inputs, targets, weights) < 0.1


def test_step_by_step_it_gives_the_logits_of_training(model):
    batch = toy_batch()
    np.testing.assert_allclose(read_by_steps(model, batch)[0], logits(model, batch), atol=1e-5)


def test_attention_is_spread_over_the_cells_and_looks_at_no_later_word(model):
    batch = toy_batch()
    _, maps = read_by_steps(model, batch)
    if model.name in WITHOUT_ATTENTION:
        assert maps is None
        return
    assert maps.shape == (3, 2, TIME, *SEVERAL.get(model.name, ()), 6)
    np.testing.assert_allclose(maps.sum(axis=-1), 1, atol=1e-5)
    assert (maps > 0).all()
    _, after = read_by_steps(model, {**batch, "ids": with_another_word(batch["ids"], 3)})
    np.testing.assert_allclose(after[:, :, :3], maps[:, :, :3], atol=1e-5)


def test_it_learns_to_use_the_image(plain):
    """The swap test: on its own image a text is far likelier than on another's."""
    random = np.random.default_rng(0)
    kinds = np.arange(32) % 4
    prototypes = 2 * random.normal(size=(4, *GRID))
    images = (prototypes[kinds] + random.normal(scale=0.3, size=(32, *GRID))).astype("float32")
    ids = np.full((32, 1, 4), 1, "int32")
    ids[:, 0, 1], ids[:, 0, 2], ids[:, 0, 3] = 4 + kinds, 8 + random.integers(0, 4, 32), 2
    inputs, targets, weights = shift(ids)
    compiled(plain)
    known, new = slice(24), slice(24, 32)
    fit_again_and_again(plain, {"image": images[known], "ids": inputs[known]}, targets[known], weights[known], 60)
    own, swapped = (
        nats(plain, {"image": seen, "ids": inputs[new]}, targets[new], weights[new])
        for seen in (images[new], np.roll(images[new], 1, axis=0))
    )
    assert own < swapped - 0.5, (own, swapped)


@pytest.mark.parametrize("name", MODELS)
def test_bfloat16_products_give_float32_logits_that_are_close(name):
    exact, fast = build(name), build(name, product_dtype="mixed_bfloat16")
    fast.set_weights(exact.get_weights())
    assert {weight.dtype for weight in fast.trainable_weights} == {"float32"}
    batch = toy_batch()
    assert fast(batch).dtype == "float32"
    np.testing.assert_allclose(logits(fast, batch), logits(exact, batch), atol=0.05)
    assert np.abs(logits(fast, batch) - logits(exact, batch)).max() > 0


def test_the_gradient_of_a_bias_loses_nothing_in_long_sums():
    """The sum of 3,000 ones, added one by one in bfloat16, would stop at 256."""
    layer = Projection(7, product_dtype="mixed_bfloat16")
    inputs = np.random.default_rng(0).uniform(size=(3000, 6)).astype("float32")
    layer.build(inputs.shape)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(inputs))
    kernel, bias = tape.gradient(total, [layer.product.kernel.value, layer.bias.value])
    np.testing.assert_array_equal(bias, np.full(7, 3000.0))
    np.testing.assert_allclose(kernel, np.repeat(inputs.sum(axis=0)[:, None], 7, axis=1), rtol=0.02)


def test_a_projection_is_a_dense_layer():
    inputs = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    for use_bias in (True, False):
        layer, dense = Projection(5, use_bias=use_bias), keras.layers.Dense(5, use_bias=use_bias)
        layer(inputs), dense(inputs)
        weights = [np.random.default_rng(1).normal(size=weight.shape) for weight in dense.get_weights()]
        dense.set_weights(weights)
        layer.product.kernel.assign(weights[0])
        if use_bias:
            layer.bias.assign(weights[1])
        assert len(layer.weights) == len(weights)
        np.testing.assert_allclose(layer(inputs), dense(inputs), atol=1e-6)
        assert Projection.from_config(layer.get_config()).get_config() == layer.get_config()


def test_a_text_that_was_drawn_is_as_likely_as_reading_it_says(model, monkeypatch):
    without_tracing(monkeypatch)
    image, options = toy_batch()["image"], {"temperature": 1.5, "max_length": TIME - 1}
    texts, log_probabilities = decode(model, image, "nucleus", several=4, **options)
    ids = np.zeros((3, 4, TIME + 1), "int32")
    for row, of_image in zip(ids, texts, strict=True):
        for its, text in zip(row, of_image, strict=True):
            its[: len(text) + 2] = [1, *text, 2]
    nats = token_nats(model, {"image": image}, ids) * (ids[..., 1:] != 0)
    np.testing.assert_allclose(log_probabilities, -nats.sum(axis=-1), atol=1e-4)
    mean = image.mean(axis=(0, 1, 2))
    best, _ = decode(model, image, "nucleus", rerank=0.5, candidates=4, mean_image=mean, **options)
    assert all(text in of_image for text, of_image in zip(best, texts, strict=True))


def test_a_model_that_does_not_exist_is_named():
    with pytest.raises(Img2TweetError, match=f'unknown model "poet" .*{", ".join(MODELS)}'):
        model_class("poet")
