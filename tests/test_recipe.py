"""The whole way: train, save, load, stop, resume, start from another captioner."""

import json

import numpy as np
import pytest
from conftest import TOY, ToyEncoder, toy_records

from img2tweet_tf import training
from img2tweet_tf.captioner import load_captioner
from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.evaluation import evaluate
from img2tweet_tf.features import extract_features
from img2tweet_tf.pairs import load_pairs
from img2tweet_tf.recipe import train


@pytest.fixture
def toy(toy_world, toy_encoder, data_home, tmp_path):
    """Returns a function that trains on the toy pairs: toy(name of the run, arguments of `train`)."""

    def toy(name="run", data=toy_world[0], **arguments):
        arguments = {"encoder": toy_encoder, "epochs": 2, "watch": 0, **TOY, **arguments}
        return train(data, tmp_path / name, **arguments)

    return toy


@pytest.fixture(scope="module")
def whole(toy_world, tmp_path_factory):
    """Returns (run folder, captioner) of four epochs without a stop."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMG2TWEET_DATA", str(folder / "home"))
        return folder / "run", train(toy_world[0], folder / "run", encoder=ToyEncoder(), epochs=4, watch=0, **TOY)


def losses(captioner_folder):
    history = json.loads((captioner_folder / "history.json").read_text())
    return [(record["loss"], record["val_loss"]) for record in history]


def weights(captioner):
    return captioner.model.get_weights()


def test_a_saved_captioner_writes_the_same_byte_for_byte(toy_world, toy_encoder, data_home):
    data, run, captioner = toy_world
    paths, again = [pair.path for pair in load_pairs(data)], load_captioner(run)
    for decoding in ({}, {"method": "greedy"}, {"beam_width": 2, "max_length": 4}):
        assert again.tweet(paths, **decoding) == captioner.tweet(paths, **decoding)
    grids = np.random.default_rng(0).random((5, *toy_encoder.grid_shape))
    assert np.array_equal(again.write(grids)[1], captioner.write(grids)[1])
    assert (again.decoding, again.training) == (captioner.decoding, captioner.training)
    assert len(set(captioner.tweet(paths))) > 1


def test_same_seed_same_captioner(toy_world, toy, tmp_path):
    first = toy_world[2]  # trained with seed 0 and a glance at some tweets after each epoch, which changes nothing
    second, other = toy("second"), toy("other", seed=1)
    assert losses(toy_world[1]) == losses(tmp_path / "second") != losses(tmp_path / "other")
    assert all(np.array_equal(*both) for both in zip(weights(first), weights(second), strict=True))
    assert not np.array_equal(weights(first)[-1], weights(other)[-1])


def test_a_stop_loses_one_epoch_and_resuming_makes_up_for_it(toy, whole, tmp_path, monkeypatch, capsys):
    measure, calls = training.nats_per_token, []

    def stopped_in_third_epoch(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return measure(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(training, "nats_per_token", stopped_in_third_epoch)
        with pytest.raises(KeyboardInterrupt):
            toy("stopped", epochs=4)
    assert "--resume goes on" in capsys.readouterr().err
    assert losses(tmp_path / "stopped") == losses(whole[0])[:2]
    with pytest.raises(Img2TweetError, match="training did not end"):
        load_captioner(tmp_path / "stopped")
    resumed = toy("stopped", epochs=4, resume=True)
    assert losses(tmp_path / "stopped") == losses(whole[0])
    assert all(np.array_equal(*both) for both in zip(weights(whole[1]), weights(resumed), strict=True))


def test_a_finished_run_goes_on_to_more_epochs(toy, toy_run, whole):
    resumed = toy(toy_run.name, epochs=4, resume=True)
    assert losses(toy_run) == losses(whole[0])
    assert resumed.training["epochs"] == 4 == load_captioner(toy_run).training["epochs"]


@pytest.mark.parametrize("resume", [True, False])
def test_a_stop_in_the_first_epoch_is_no_dead_end(toy, toy_world, toy_run, resume):
    for left in ("history.json", "captioner.json", "model.keras"):
        (toy_run / left).unlink()
    toy(toy_run.name, resume=resume)
    assert losses(toy_run) == losses(toy_world[1])


@pytest.mark.parametrize(
    "change, named",
    [
        ({"seed": 3}, "seed 0, not 3"),
        ({"learning_rate": 0.5}, "learning_rate 0.01, not 0.5"),
        ({"sizes": {}}, "sizes"),
        ({"target": "caption"}, 'target "tweet", not "caption"'),
    ],
)
def test_resuming_under_other_settings_is_refused(toy, toy_run, change, named):
    with pytest.raises(Img2TweetError, match=named) as caught:
        toy(toy_run.name, resume=True, epochs=3, **change)
    assert len(str(caught.value)) < 400


def test_resuming_with_changed_pairs_is_refused(toy, toy_run, toy_world):
    pairs = load_pairs(toy_world[0])
    pairs[3].record["text"] += " !"
    with pytest.raises(Img2TweetError, match="pairs of .* have changed"):
        toy(toy_run.name, data=pairs, resume=True, epochs=3)


def test_a_run_is_not_written_over(toy, toy_run, tmp_path):
    before = (toy_run / "model.keras").read_bytes()
    with pytest.raises(Img2TweetError, match="holds a run already"):
        toy(toy_run.name)
    (tmp_path / "file").touch()
    with pytest.raises(Img2TweetError, match="a file"):
        toy("file")
    with pytest.raises(Img2TweetError, match="no run to resume"):
        toy("nothing", resume=True)
    (toy_run / "run.json").write_text("[5]")
    with pytest.raises(Img2TweetError, match="run.json: damaged"):
        toy(toy_run.name, resume=True)
    assert (toy_run / "model.keras").read_bytes() == before and not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    "arguments, named",
    [
        ({"model": "poet"}, "glove_lstm"),
        ({"target": "poem"}, "tweet, caption"),
        ({"target": "caption"}, "try --target tweet"),
        ({"epochs": 0}, "1 or more"),
        ({"glove": "no-such-vectors"}, "no-such-vectors"),
        ({"min_count": 1000}, "min_count"),
        ({"sizes": {"width": 3}}, 'no size "width"'),
        ({"sizes": {"units": True}}, "for units, got true"),
        ({"sizes": {"units": 1.5}}, "for units, got 1.5"),
        ({"sizes": {"units": -1}}, "units=-1"),
        ({"sizes": {"dropout": 7}}, "rate=7"),
        ({"init": "no-such-run"}, "not a saved captioner"),
    ],
)
def test_what_cannot_be_trained_is_one_line_and_leaves_nothing(toy, tmp_path, arguments, named):
    with pytest.raises(Img2TweetError, match=named) as caught:
        toy(**arguments)
    assert "\n" not in str(caught.value) and not (tmp_path / "run").exists()


def test_a_size_that_the_word_vectors_decide_is_refused(toy, tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("my 1 2 3\ncat 4 5 6\n")
    with pytest.raises(Img2TweetError, match="embedding_dim is 3 with vectors.txt"):
        toy(glove=str(vectors))


def test_nothing_to_train_on_is_said(toy, make_pairs):
    records = [{**record, "split": "test"} for record in toy_records(3)]
    with pytest.raises(Img2TweetError, match="no pair is in its train part"):
        toy(data=make_pairs(records))


def test_a_validation_part_of_no_use_takes_nothing_down(toy, make_pairs, capsys, tmp_path):
    (tmp_path / "vectors.txt").write_text("my 1 2 3\ncat 4 5 6\n")
    records = toy_records(10)
    for record in records:
        if record["split"] == "val":
            record["text"] = "http://t.co/x"
    captioner = toy(data=make_pairs(records), epochs=1, glove=str(tmp_path / "vectors.txt"), sizes={"units": 8})
    assert captioner.model.embedding_dim == 3 and captioner.training["vectors"] == "vectors.txt"
    assert captioner.training["images"] == {"train": 6, "val": 0}
    assert "nothing to validate on" in capsys.readouterr().err


def test_another_captioner_to_start_from(toy, toy_world, toy_run, tmp_path):
    captioner = toy("further", init=str(toy_run), sizes=None, epochs=1, learning_rate=1e-9)
    assert losses(tmp_path / "further")[0][1] == pytest.approx(min(val for _, val in losses(toy_run)), rel=1e-3)
    assert captioner.vocabulary == toy_world[2].vocabulary
    assert captioner.training["vectors"].startswith("from ")
    with pytest.raises(Img2TweetError, match="leave out --set"):
        toy("resized", init=str(toy_run))


SMALL = {
    "train_encoder": 0.8, "augment": 3, "glove": "none", "min_count": 1, "batch_size": 8, "learning_rate": 0.01,
    "epochs": 1, "patience": 9, "watch": 0, "sizes": {"embedding_dim": 8, "units": 16},
}  # fmt: skip


def small_encoder(name="small", weights=None):
    """Stands for `load_encoder`: a CNN of two blocks for images of 16 pixels, always with the same weights."""
    from img2tweet_tf.backend import keras
    from img2tweet_tf.features.encoders import Encoder, _load_given

    layers = keras.layers
    images = keras.Input((16, 16, 3))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, strides=4, padding="same")(images)))
    y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same")(x)))
    model = keras.Model(images, layers.Conv2D(6, 2, strides=2, activation="relu")(layers.Add()([x, y])))
    about, source = _load_given(model, name, weights or "random")
    return Encoder(name, model, lambda pixels: pixels / 128 - 1, about, source)


@pytest.fixture
def trains(toy_world, data_home, tmp_path, monkeypatch):
    """Returns a function that trains with the small encoder: trains(name of the run, arguments of `train`)."""
    monkeypatch.setattr("img2tweet_tf.features.encoders.load_encoder", small_encoder)

    def trains(name="run", **arguments):
        return train(toy_world[0], tmp_path / name, **{"encoder": small_encoder(), **SMALL, **arguments})

    return trains


@pytest.fixture
def paths(toy_world):
    return [pair.path for pair in load_pairs(toy_world[0])]


@pytest.mark.parametrize("model", ["glove_lstm", "show_attend_tell"])
def test_an_encoder_trained_along_is_saved_with_its_captioner(trains, model, paths, tmp_path, toy_world):
    encoder = small_encoder()
    captioner, given = trains(model=model, encoder=encoder), encoder.fingerprint
    again = load_captioner(tmp_path / "run")
    assert again.tweet(paths) == captioner.tweet(paths)
    assert again.encoder.config() == captioner.encoder.config() and again.model.name == model
    assert again.encoder.weights == f"random, seed 0, last blocks trained on {captioner.training['data']}"
    assert again.encoder.fingerprint != given == encoder.fingerprint  # the caller's encoder is not touched
    lower, upper = (
        [(before.numpy() == after.numpy()).all() for before, after in zip(layer.weights, other.weights, strict=True)]
        for layer, other in (
            (encoder.model.layers[place], again.encoder.model.layers[place]) for place in (1, -1)
        )
    )
    assert all(lower) and not any(upper)
    scores = evaluate(tmp_path / "run", toy_world[0])
    assert scores["system"] == model and scores["perplexity"] < 100
    features = extract_features(load_pairs(toy_world[0]), again.encoder)
    assert not again.familiar.strange(features.pooled()).all()


def test_what_was_validated_in_training_is_what_was_saved(trains, tmp_path, toy_world):
    captioner = trains(epochs=3)
    scores = evaluate(load_captioner(tmp_path / "run"), toy_world[0], split="val")
    best = min(val for _, val in losses(tmp_path / "run"))
    assert np.log(scores["perplexity"]) == pytest.approx(best, abs=2e-3)  # features were rounded at another layer
    assert captioner.training["train_encoder"] == 0.8 and captioner.training["augment"] == 3


def test_the_epochs_take_the_versions_in_turn(trains, tmp_path, monkeypatch):
    seen, made = [], training.make_batches

    def watched(examples, gather, batch_size, order_seed=None):
        if order_seed is not None:
            seen.append(gather(examples.rows).tobytes())
        return made(examples, gather, batch_size, order_seed)

    monkeypatch.setattr(training, "make_batches", watched)
    trains(epochs=5)
    assert seen[0] == seen[3] and seen[1] == seen[4] and len(set(seen)) == 3
    seen.clear()
    trains("plain", epochs=2, augment=1)
    assert seen[0] == seen[1]


def test_a_resumed_run_trains_both_as_a_whole_one_does(trains, tmp_path, paths):
    model = "show_attend_tell"
    whole, _ = trains("whole", epochs=3, model=model), trains("stopped", epochs=1, model=model)
    resumed = trains("stopped", epochs=3, model=model, resume=True)
    assert losses(tmp_path / "stopped") == losses(tmp_path / "whole")
    assert all(np.array_equal(*both) for both in zip(weights(whole), weights(resumed), strict=True))
    assert whole.encoder.fingerprint == resumed.encoder.fingerprint
    assert load_captioner(tmp_path / "stopped").tweet(paths) == whole.tweet(paths)
    for change in ({"train_encoder": 0.2}, {"augment": 2}, {"train_encoder": None, "augment": None}):
        with pytest.raises(Img2TweetError, match=next(iter(change))):
            trains("stopped", epochs=4, model=model, resume=True, **change)


def test_a_trained_encoder_can_be_started_from(trains, tmp_path):
    plain = trains("plain", train_encoder=None, augment=None, epochs=2)
    first = trains("first", init=str(tmp_path / "plain"), sizes=None)
    second = trains("second", init=str(tmp_path / "first"), sizes=None)
    kept = trains("kept", init=str(tmp_path / "first"), sizes=None, train_encoder=None, augment=None)
    still = trains("still", init=str(tmp_path / "first"), sizes=None, learning_rate=1e-9)
    assert losses(tmp_path / "still")[0][1] == pytest.approx(losses(tmp_path / "first")[0][1], abs=5e-3)
    assert len({each.encoder.fingerprint for each in (plain, first, second, still)}) == 4
    assert kept.encoder.fingerprint == first.encoder.fingerprint
    assert load_captioner(tmp_path / "kept").encoder.config() == first.encoder.config()
    assert second.encoder.weights.count("last blocks trained") == 2


@pytest.mark.parametrize(
    "change, named",
    [
        ({"train_encoder": 0}, "over 0 and at most 1, got 0"),
        ({"train_encoder": 1.5}, "at most 1, got 1.5"),
        ({"train_encoder": None, "augment": 2}, "add train_encoder"),
        ({"augment": 0}, "1 version of each picture or more"),
        ({"encoder": ToyEncoder()}, "encoder toy can't be trained"),
    ],
)
def test_an_encoder_that_cannot_be_trained_is_one_line(trains, tmp_path, change, named):
    with pytest.raises(Img2TweetError, match=named) as caught:
        trains(**change)
    assert "\n" not in str(caught.value) and not (tmp_path / "run").exists()


def test_a_lost_or_damaged_trained_encoder_is_named(trains, tmp_path):
    trains()
    file = tmp_path / "run" / "encoder.weights.h5"
    whole = file.read_bytes()
    other = small_encoder()
    other.model.save_weights(tmp_path / "other.weights.h5")
    for content, named in (
        (whole[: len(whole) // 2], "encoder.weights.h5: no Keras weights"),
        ((tmp_path / "other.weights.h5").read_bytes(), "encoder small: its weights here .* are not those"),
        (None, "no encoder.weights.h5 in it"),
    ):
        file.unlink() if content is None else file.write_bytes(content)
        with pytest.raises(Img2TweetError, match=named) as caught:
            load_captioner(tmp_path / "run")
        assert "\n" not in str(caught.value)


def test_a_captioner_goes_on_with_new_words(toy_run, toy_encoder, data_home, make_pairs, tmp_path, capsys):
    records = toy_records(30)
    for place, record in enumerate(records):
        record["text"] = record["text"].replace("day", "evening" if place % 2 else "day")
    before = load_captioner(toy_run)
    captioner = train(
        make_pairs(records), tmp_path / "on", encoder="toy", init=str(toy_run), epochs=1, watch=0,
        **{name: value for name, value in TOY.items() if name != "sizes"},
    )  # fmt: skip
    assert captioner.vocabulary.words == [*before.vocabulary.words, "evening"]
    assert captioner.model.vocabulary_size == before.model.vocabulary_size + 1
    assert "1 more are learned" in capsys.readouterr().err
    assert load_captioner(tmp_path / "on").vocabulary == captioner.vocabulary
