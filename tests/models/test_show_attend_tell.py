"""ShowAttendTell against the paper's formulas, in a loop of Keras's GRU cell with the same weights."""

import numpy as np
import pytest
from test_captioners import GRID, TIME, build, logits, toy_batch

from img2tweet_tf.utils.backend import keras

layers = keras.layers


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


def dense(layer, x):
    """Returns x W + b by the weights of a Dense layer, without its activation."""
    kernel, *bias = layer.get_weights()
    return x @ kernel + sum(bias)


@pytest.fixture
def model():
    """With numbers drawn where Keras starts from zeros and ones, so that nothing is hidden by them."""
    model = build("show_attend_tell")
    random = np.random.default_rng(3)
    model.set_weights([random.normal(scale=0.5, size=weight.shape) for weight in model.get_weights()])
    return model


def by_the_paper(model, image, ids):
    """Reads one text (T,) on one image, word by word: logits (T, V) and attention (T, L)."""
    projected = image.reshape(-1, GRID[-1]) @ model.annotate.product.get_weights()[0]
    norm = layers.LayerNormalization()
    norm.build(projected.shape)
    norm.set_weights(model.image_norm.get_weights())
    a = np.maximum(np.array(norm(projected)), 0)
    keys = a @ model.attention_keys.product.get_weights()[0]
    cell = layers.GRUCell(model.gru.units)
    h = np.tanh(dense(model.init_state, a.mean(axis=0)))
    cell.build((None, 6 + a.shape[1]))
    cell.set_weights(model.gru.get_weights())
    rows, looks = [], []
    for word in ids:
        embedded = model.embedding.get_weights()[0][word]
        alpha = softmax(dense(model.attention.score, np.tanh(dense(model.attention.query, h) + keys))[:, 0])
        z = sigmoid(dense(model.gate, h)) * (alpha @ a)
        h = np.array(cell(np.concatenate([embedded, z])[None], [h[None].astype("float32")])[0][0])
        deep = np.tanh(dense(model.deep_output, np.concatenate([embedded, h, z])))
        rows.append(deep @ model.word_logits.product.get_weights()[0] + model.word_logits.bias.numpy())
        looks.append(alpha)
    return np.array(rows), np.array(looks)


def test_the_forward_pass_is_that_of_the_formulas(model):
    batch = toy_batch()
    made = logits(model, batch)
    for image in range(3):
        for text in range(2):
            expected, _ = by_the_paper(model, batch["image"][image], batch["ids"][image, text])
            np.testing.assert_allclose(made[image, text], expected, atol=1e-4)


def test_a_step_looks_where_the_formulas_look(model):
    batch = toy_batch(images=1, texts=1)
    memory = model.encode(batch["image"])
    state = model.initial_state(memory, 1)
    _, looks = by_the_paper(model, batch["image"][0], batch["ids"][0, 0])
    for place in range(TIME):
        _, state, weights = model.step(batch["ids"][:, :, place], state, memory)
        np.testing.assert_allclose(weights[0, 0], looks[place], atol=1e-5)


def test_coverage_asks_that_each_cell_is_looked_at_once_a_text(model):
    """Eq. 14, over the words of each text: not its padding, nor the look after its end."""
    model = type(model).from_config({**model.get_config(), "dropout": 0.0, "coverage_weight": 3.0})
    batch = toy_batch(images=2)
    batch["ids"][0, 1, 3:] = 2, 0, 0
    logits(model, batch)
    assert not model.losses, "reading alone costs nothing"
    model(batch, training=True)
    (loss,) = model.losses
    costs = []
    for image in range(2):
        for ids in batch["ids"][image]:
            _, looks = by_the_paper(model, batch["image"][image], ids)
            costs += ((1 - looks[ids != 0][: (ids[ids != 0] != 2).sum()].sum(axis=0)) ** 2).tolist()
    assert float(loss) == pytest.approx(3.0 * np.mean(costs), rel=1e-4)


def test_without_its_weight_coverage_is_left_out(model):
    model = type(model).from_config({**model.get_config(), "coverage_weight": 0.0})
    model(toy_batch(), training=True)
    assert model.losses == []


def test_dropout_takes_whole_channels_of_the_grid():
    model, batch = build("show_attend_tell", annotation_dim=GRID[-1]), toy_batch(images=1)
    dropped = np.array(model.image_dropout(batch["image"].reshape(1, -1, GRID[-1]), training=True))
    gone = dropped == 0
    assert gone.any() and (gone.all(axis=1) == gone.any(axis=1)).all()
