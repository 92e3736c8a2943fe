"""The whole way: train, save, load, stop, resume, start from another captioner."""

import json

import numpy as np
import pytest
from conftest import TOY, ToyEncoder, toy_records

from img2tweet_tf import training
from img2tweet_tf.captioner import load_captioner
from img2tweet_tf.console import Img2TweetError
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
