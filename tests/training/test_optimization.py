"""The loss is nats per real token, the learning rate is what was asked for, and a seed decides everything drawn."""

import numpy as np
import pytest

from img2tweet_tf.models import MODELS, GloVeLSTM
from img2tweet_tf.training import WarmUp, compile_captioner, make_batches, new_captioner, set_seed
from img2tweet_tf.training.optimization import SmoothedCrossentropy, cross_entropy_loss
from img2tweet_tf.utils.backend import keras
from img2tweet_tf.utils.errors import Img2TweetError

WORDS, TIME, GRID = 9, 6, (2, 2, 5)


def toy_ids(images, seed=0):
    ids = np.random.default_rng(seed).integers(4, WORDS, (images, 2, TIME)).astype(np.int32)
    ids[:, :, 0] = 1
    ids[:, 0, 3], ids[:, 0, 4:] = 2, 0  # the first text of each image is shorter
    ids[0, 1] = 0  # and the first image has only one
    return ids


def read_images(places):
    return np.random.default_rng(7).normal(size=(50, *GRID)).astype(np.float32)[places]


@pytest.fixture(scope="module")
def model():
    set_seed(0)
    sizes = {"embedding_dim": 4, "units": 8, "dropout": 0.2}
    return compile_captioner(new_captioner(GloVeLSTM, GRID, vocabulary_size=WORDS, **sizes))


def some_logits(*shape):
    return np.random.default_rng(0).normal(scale=3, size=(*shape, WORDS)).astype("float32")


def test_the_loss_is_nats_per_real_token(model):
    nats, tokens, ids = 0.0, 0, toy_ids(7)
    for inputs, targets, weights in make_batches(ids, read_images, 3):
        logits = np.asarray(model(inputs), np.float64)
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        each = -np.take_along_axis(logs, targets.numpy()[..., None], axis=-1)[..., 0] * weights.numpy()
        logs = model.test_on_batch(inputs, targets, weights, return_dict=True)
        assert logs["loss"] == pytest.approx(each.sum() / weights.numpy().sum(), rel=1e-5)
        model.reset_metrics()
        nats, tokens = nats + each.sum(), tokens + weights.numpy().sum()
    assert tokens == 7 * 3 + 6 * 5
    for batch_size in (3, 2):  # the batches are of different sizes, and of different numbers of tokens
        logs = model.evaluate(make_batches(ids, read_images, batch_size), verbose=0, return_dict=True)
        assert logs["cross_entropy"] == pytest.approx(nats / tokens, rel=1e-5)


def test_what_padding_would_be_costs_nothing(model):
    ids = toy_ids(4)
    inputs, targets, weights = next(iter(make_batches(ids, read_images, 4)))
    logits = np.array(model(inputs))
    before = float(cross_entropy_loss()(targets, logits, weights))
    logits[weights.numpy() == 0] = 1000 * np.arange(WORDS)
    assert float(cross_entropy_loss()(targets, logits, weights)) == pytest.approx(before, rel=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_smoothing_is_that_of_keras_for_one_hot_targets(smoothing):
    logits, ids = some_logits(3, 2, 4), np.random.default_rng(1).integers(0, WORDS, (3, 2, 4))
    weights = np.random.default_rng(2).integers(0, 2, (3, 2, 4)).astype("float32")
    theirs = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing, reduction="mean_with_sample_weight"
    )
    one_hot = np.eye(WORDS, dtype="float32")[ids]
    ours = SmoothedCrossentropy(smoothing)
    assert float(ours(ids, logits, weights)) == pytest.approx(float(theirs(one_hot, logits, weights)), rel=1e-5)
    np.testing.assert_allclose(ours.call(ids, logits), theirs.call(one_hot, logits), rtol=1e-4)
    again = keras.losses.deserialize(keras.losses.serialize(ours))
    assert (again.smoothing, again.reduction) == (smoothing, "mean_with_sample_weight")


def test_without_smoothing_it_is_the_plain_cross_entropy():
    logits, ids = some_logits(3, 2, 4), np.random.default_rng(1).integers(0, WORDS, (3, 2, 4))
    assert float(SmoothedCrossentropy(0.0)(ids, logits)) == pytest.approx(float(cross_entropy_loss()(ids, logits)))


def test_a_warm_up_rises_in_a_line_to_its_peak_and_falls_with_the_root():
    rate = WarmUp(0.01, 100)
    rates = [float(rate(step)) for step in range(1000)]
    assert rates[0] == pytest.approx(0.0001) and rates[49] == pytest.approx(0.005)
    assert max(rates) == rates[99] == pytest.approx(0.01)
    assert rates[399] == pytest.approx(0.005), "after four times as many steps, half"
    assert WarmUp.from_config(rate.get_config()).get_config() == {"peak": 0.01, "steps": 100}


@pytest.mark.parametrize("warmup", [0, 20])
def test_with_decay_the_rate_falls_along_half_a_cosine_to_zero(warmup):
    rate = compile_captioner(GloVeLSTM(WORDS), 0.01, warmup, decay_steps=100).optimizer._learning_rate
    rates = np.array([float(rate(step)) for step in range(101)])
    through = (np.arange(101 - warmup)) / (100 - warmup)
    np.testing.assert_allclose(rates[:warmup], 0.01 * np.arange(warmup) / 20, rtol=1e-5)
    np.testing.assert_allclose(rates[warmup:], 0.005 * (1 + np.cos(np.pi * through)), rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("name", MODELS)
def test_a_captioner_is_compiled_with_what_it_trains_well_with(name):
    model = MODELS[name](WORDS)
    own = {"warmup_steps": 0, "label_smoothing": 0.0} | model.training_defaults
    optimizer = compile_captioner(model).optimizer
    peak = own["warmup_steps"] - 1 if own["warmup_steps"] else 0
    optimizer.iterations.assign(peak)
    assert float(optimizer.learning_rate) == pytest.approx(own["learning_rate"])
    assert isinstance(optimizer, keras.optimizers.Adam) and optimizer.global_clipnorm == 5.0
    assert getattr(model.loss, "smoothing", 0.0) == own["label_smoothing"]


def test_what_is_given_counts_more():
    model = compile_captioner(MODELS["transformer"](WORDS), learning_rate=0.5, warmup_steps=0, label_smoothing=0.0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.5) and not hasattr(model.loss, "smoothing")
    model = compile_captioner(GloVeLSTM(WORDS), learning_rate=0.5, warmup_steps=4, label_smoothing=0.3)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.125) and model.loss.smoothing == 0.3


def test_a_seed_decides_what_is_drawn():
    drawn = []
    for seed in (3, 3, 4):
        set_seed(seed)
        drawn.append((np.random.rand(), float(keras.random.normal(())), keras.layers.Dense(1)))
        drawn[-1][2].build((None, 1))
    first, again, other = ((number, tensor, float(layer.kernel[0, 0])) for number, tensor, layer in drawn)
    assert first == again and all(one != two for one, two in zip(first, other, strict=True))


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_have_a_range(seed):
    with pytest.raises(Img2TweetError, match=f"from 0 to 4294967295, got {seed}"):
        set_seed(seed)
