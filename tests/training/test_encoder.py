"""Training the image encoder's last layers with a captioner, and pictures that vary without becoming untrue."""

import json

import numpy as np
import pytest
from conftest import ToyEncoder, without_tracing

from img2tweet_tf.captioner import load_captioner
from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.evaluation import evaluate
from img2tweet_tf.features import Encoder, extract_features, load_encoder
from img2tweet_tf.features.encoders import _load_given
from img2tweet_tf.models import MODELS, GloVeLSTM
from img2tweet_tf.training import fit as fit_module
from img2tweet_tf.training import new_captioner, train
from img2tweet_tf.training.encoder import end_to_end, read_pictures, unfrozen_copy, vary
from img2tweet_tf.utils.backend import keras
from img2tweet_tf.utils.errors import Img2TweetError

SIZES = {
    "glove_lstm": {"embedding_dim": 8, "units": 16},
    "show_attend_tell": {"embedding_dim": 8, "units": 16, "annotation_dim": 8},
    "show_and_tell": {"embedding_dim": 8, "units": 16},
}
SETTINGS = {"glove": "none", "min_count": 1, "batch_size": 8, "epochs": 1, "patience": 9, "watch": 0}


def small_encoder(name="small", weights=None):
    """Stands for `load_encoder`: a CNN of two blocks for images of 16 pixels, always with the same weights."""
    layers = keras.layers
    images = keras.Input((16, 16, 3))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, strides=4, padding="same")(images)))
    y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same")(x)))
    model = keras.Model(images, layers.Conv2D(6, 2, strides=2, activation="relu")(layers.Add()([x, y])))
    about, source = _load_given(model, name, weights or "random")
    return Encoder(name, model, lambda pixels: pixels / 128 - 1, about, source)


@pytest.fixture(scope="module")
def lite0():
    return load_encoder("efficientnet_lite0")


@pytest.fixture(scope="module")
def frozen(toy_world, tmp_path_factory):
    """Returns run folders of captioners by name, trained for two epochs on the features of the small encoder."""
    root = tmp_path_factory.mktemp("frozen")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMG2TWEET_DATA", str(root / "home"))
        without_tracing(patch)
        for name, sizes in SIZES.items():
            settings = {**SETTINGS, "epochs": 2, "learning_rate": 0.01, "model": name, "sizes": sizes}
            train(toy_world[0], root / name, encoder=small_encoder(), **settings)
    return {name: root / name for name in SIZES}


@pytest.fixture
def further(toy_world, frozen, data_home, tmp_path, monkeypatch):
    """Returns a function that trains a frozen captioner and its encoder: further(name of the run, settings)."""
    monkeypatch.setattr("img2tweet_tf.features.encoders.load_encoder", small_encoder)
    without_tracing(monkeypatch)

    def further(run="run", **changed):
        model = changed.get("model", "glove_lstm")
        given = {"model": model, "init": str(frozen[model]), "train_encoder": 0.8, "augment": True, **SETTINGS}
        return train(toy_world[0], tmp_path / run, **{**given, "learning_rate": 0.01, **changed})

    return further


@pytest.fixture
def paths(toy_world):
    return [pair.path for pair in load_pairs(toy_world[0])]


def history_in(folder):
    """Returns the history in a run folder without what no two runs share, the seconds."""
    history = json.loads((folder / "history.json").read_text())
    return [{name: value for name, value in record.items() if name != "seconds"} for record in history]


def same_weights(model, other):
    return all(np.array_equal(*both) for both in zip(model.get_weights(), other.get_weights(), strict=True))


def test_end_to_end_is_the_encoder_then_the_captioner(paths):
    encoder, captioner = small_encoder(), new_captioner(GloVeLSTM, (2, 2, 6), vocabulary_size=9, **SIZES["glove_lstm"])
    ids = np.random.default_rng(0).integers(4, 9, (3, 2, 5))
    pictures = read_pictures(paths[:3], encoder)
    whole = end_to_end(encoder, captioner, n=2, time=5)
    features = encoder.model(pictures)
    np.testing.assert_allclose(
        whole({"image": pictures, "ids": ids}), captioner({"image": features, "ids": ids}), atol=1e-5
    )
    before = [weight.numpy() for weight in encoder.model.weights]
    whole({"image": pictures, "ids": ids}, training=True)
    for weight, same in zip(encoder.model.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), same)  # batch normalisation has kept its statistics


@pytest.mark.parametrize("share, first", [(1, 1), (0.8, 2), (0.2, 8), (0.001, 8)])
def test_the_share_says_how_many_of_the_last_layers_train(share, first):
    layers = unfrozen_copy(small_encoder(), share).model.layers
    trained = [place for place, layer in enumerate(layers) if layer.trainable and layer.weights]
    assert min(trained) == first
    assert trained == [place for place, layer in enumerate(layers) if layer.weights and place >= first]


def test_of_a_real_encoder_at_most_the_share_trains(lite0, capsys):
    for share in (0.45, 0.15):
        model = unfrozen_copy(lite0, share).model
        trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
        assert 0.1 * share < trained / model.count_params() <= share
        assert f"{trained:,} of its {model.count_params():,} parameters train" in capsys.readouterr().err


def test_a_copy_trains_and_the_given_encoder_stays(lite0):
    before, size = lite0.fingerprint, lite0.image_size
    images = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), np.uint8)
    copy = unfrozen_copy(lite0, 0.4)
    assert copy.fingerprint == before and copy.config() == lite0.config()
    np.testing.assert_array_equal(copy.encode(images), lite0.encode(images))
    copy.model.trainable_weights[-1].assign_add(keras.ops.ones_like(copy.model.trainable_weights[-1]))
    assert np.abs(copy.encode(images) - lite0.encode(images)).max() > 0.1
    assert copy.fingerprint != before == lite0.fingerprint


@pytest.mark.parametrize("name", SIZES)
def test_only_the_last_layers_change_and_all_is_saved_with_the_captioner(further, name, paths, tmp_path, toy_world):
    encoder, captioner = small_encoder(), further(model=name)
    again = load_captioner(tmp_path / "run")
    greedy = {"method": "greedy", "max_length": 4}  # the loop that compiles fastest
    assert again.tweet(paths, **greedy) == captioner.tweet(paths, **greedy)
    assert again.encoder.config() == captioner.encoder.config() and again.model.name == name
    assert again.encoder.weights == f"random, seed 0, last layers trained on {captioner.training['data']}"
    for place, (layer, other) in enumerate(zip(encoder.model.layers, again.encoder.model.layers, strict=True)):
        for before, after in zip(layer.weights, other.weights, strict=True):
            stays = place == 1 or "moving" in before.path  # the first convolution, and statistics anywhere
            assert (before.numpy() == after.numpy()).all() == stays, before.path
    scores = evaluate(tmp_path / "run", toy_world[0])
    assert scores["system"] == name and scores["perplexity"] < 100
    features = extract_features(load_pairs(toy_world[0]), again.encoder)
    assert not again.feature_distribution.is_outside(features.pooled()).all()


def test_what_was_validated_in_training_is_what_was_saved(further, tmp_path, toy_world):
    captioner = further(epochs=3)
    scores = evaluate(load_captioner(tmp_path / "run"), toy_world[0], split="val")
    best = min(record["val_cross_entropy"] for record in history_in(tmp_path / "run"))
    assert np.log(scores["perplexity"]) == pytest.approx(best, abs=2e-3)  # features are kept as float16
    assert captioner.training["train_encoder"] == 0.8 and captioner.training["augment"] is True


@pytest.mark.parametrize("augment", [True, False])
def test_pictures_vary_anew_in_each_epoch_of_training_only(further, monkeypatch, augment):
    seen = {}

    def watched(paths, encoder, version=0):
        if len(paths) > 1:  # one alone is read for its shape
            seen.setdefault(version, set()).update(paths)
        return read_pictures(paths, encoder, version)

    monkeypatch.setattr(fit_module, "read_pictures", watched)
    further(epochs=3, augment=augment)
    assert set(seen) == ({0, 1, 2} if augment else {0})
    assert len(seen[0]) == 24 and len(seen.get(1, seen[0])) == (18 if augment else 24), "18 to train, 6 to validate"


@pytest.mark.parametrize(
    "given, expected", [({"learning_rate": None}, 1e-4), ({"learning_rate": 0.003}, 0.003)], ids=["default", "given"]
)
def test_both_learn_ten_times_slower_than_the_captioner_did(further, monkeypatch, given, expected):
    rates, compiled = [], fit_module.compile_captioner

    def watched(model, learning_rate, *others):
        rates.append(learning_rate)
        return compiled(model, learning_rate, *others)

    monkeypatch.setattr(fit_module, "compile_captioner", watched)
    further(**given)
    assert rates == pytest.approx([expected]) and MODELS["glove_lstm"].training_defaults["learning_rate"] == 1e-3


def test_a_resumed_run_trains_both_as_a_whole_one_does(further, tmp_path):
    whole, _ = further("whole", epochs=3), further("stopped", epochs=1)
    resumed = further("stopped", epochs=3, resume=True)
    assert history_in(tmp_path / "stopped") == history_in(tmp_path / "whole")
    assert same_weights(whole.model, resumed.model)
    assert whole.encoder.fingerprint == resumed.encoder.fingerprint
    for change in ({"train_encoder": 0.2}, {"augment": False}, {"train_encoder": None, "augment": False}):
        with pytest.raises(Img2TweetError, match=next(iter(change))):
            further("stopped", epochs=4, resume=True, **change)


def test_a_trained_encoder_can_be_started_from(further, tmp_path):
    first = further("first")
    on = {"init": str(tmp_path / "first")}
    second, still = further("second", **on), further("still", learning_rate=1e-9, **on)
    kept = further("kept", train_encoder=None, augment=False, **on)
    assert history_in(tmp_path / "still")[0]["val_cross_entropy"] == pytest.approx(
        history_in(tmp_path / "first")[0]["val_cross_entropy"], abs=5e-3
    )
    assert len({small_encoder().fingerprint, first.encoder.fingerprint, second.encoder.fingerprint}) == 3
    assert kept.encoder.fingerprint == first.encoder.fingerprint != still.encoder.fingerprint
    assert load_captioner(tmp_path / "kept").encoder.config() == first.encoder.config()
    assert second.encoder.weights.count("last layers trained") == 2


@pytest.mark.parametrize(
    "change, named",
    [
        ({"train_encoder": 0}, "train_encoder: expected a number over 0, at most 1, got 0"),
        ({"train_encoder": 1.5}, "got 1.5"),
        ({"train_encoder": None}, "only with train_encoder"),
        ({"init": None}, "name its run by init"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_leaves_nothing(further, tmp_path, change, named):
    with pytest.raises(Img2TweetError, match=named) as caught:
        further(**change)
    assert "\n" not in str(caught.value) and not (tmp_path / "run").exists()


def test_an_encoder_without_layers_is_refused():
    with pytest.raises(Img2TweetError, match="encoder toy can't be trained"):
        unfrozen_copy(ToyEncoder(), 0.4)


def test_a_lost_or_damaged_trained_encoder_is_named(further, tmp_path):
    further()
    file = tmp_path / "run" / "encoder.weights.h5"
    whole = file.read_bytes()
    small_encoder().model.save_weights(tmp_path / "other.weights.h5")
    for content, named in (
        (whole[: len(whole) // 2], "encoder.weights.h5: no Keras weights"),
        ((tmp_path / "other.weights.h5").read_bytes(), "encoder small: its weights here .* are not those"),
        (None, "no encoder.weights.h5 in it"),
    ):
        file.unlink() if content is None else file.write_bytes(content)
        with pytest.raises(Img2TweetError, match=named) as caught:
            load_captioner(tmp_path / "run")
        assert "\n" not in str(caught.value)


def picture(size=64):
    """Returns grey with a red, a green, a blue and a white corner of a quarter of its sides, in that order."""
    image = np.full((size, size, 3), 90, np.uint8)
    side = size // 4
    image[:side, :side], image[:side, -side:] = (255, 0, 0), (0, 255, 0)
    image[-side:, :side], image[-side:, -side:] = (0, 0, 255), (255, 255, 255)
    return image


def centre(image, colour):
    """Returns the mean (row, column) of the pixels near a colour, as shares of the sides."""
    near = np.abs(image.astype(int) - colour).max(axis=-1) < 60
    return np.argwhere(near).mean(axis=0) / len(image)


def test_what_is_true_of_a_picture_stays_true():
    image = picture()
    for version in range(1, 30):
        varied = vary(image, version)
        assert varied.shape == image.shape and varied.dtype == np.uint8
        corners = [centre(varied, colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))]
        assert [tuple(corner > 0.5) for corner in corners] == [(0, 0), (0, 1), (1, 0), (1, 1)]  # nothing is mirrored
        assert set(np.unique(varied[28:36, 28:36])) == {90}  # no colour is changed
        tilt = np.degrees(np.arctan2(*(corners[1] - corners[0])))
        assert abs(tilt) < 5  # 3, and what the pixels' size and the repeated edges add


def test_no_part_of_the_picture_is_lost():
    image = np.full((64, 64, 3), 90, np.uint8)
    image[0], image[-1], image[:, 0], image[:, -1] = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
    for version in range(1, 30):
        varied = vary(image, version).astype(int)
        for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)):
            seen = (np.abs(varied - colour).max(axis=-1) < 90).sum()
            assert seen > 20, (version, colour)


def test_versions_differ_and_are_always_the_same():
    image, other = picture(), 255 - picture()
    assert vary(image, 0) is image
    varied = [vary(image, version).tobytes() for version in range(5)]
    assert len(set(varied)) == 5 and varied == [vary(image.copy(), version).tobytes() for version in range(5)]
    assert (255 - vary(other, 1)).tobytes() != varied[1]  # another picture moves in another way


def test_pictures_are_read_as_the_encoder_wants_them(paths):
    encoder = small_encoder()
    plain, varied, again = (read_pictures(paths[:4], encoder, version) for version in (0, 1, 1))
    assert plain.shape == (4, 16, 16, 3) and plain.dtype == np.float32 and -1 <= plain.min() < 0 < plain.max() <= 1
    assert not np.array_equal(plain, varied) and np.array_equal(varied, again)
