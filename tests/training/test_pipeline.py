"""The whole way: train, save, load, stop, resume, start from another captioner."""

import json

import numpy as np
import pytest
from conftest import TOY, ToyEncoder, toy_records, without_tracing

from img2tweet_tf import text
from img2tweet_tf.captioner import load_captioner
from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.models import MODELS
from img2tweet_tf.training import compile_captioner, corpus, pipeline, train
from img2tweet_tf.training.callbacks import ExactResume
from img2tweet_tf.utils.errors import Img2TweetError

SIZES = {
    "glove_lstm": {"embedding_dim": 8, "units": 16},
    "show_attend_tell": {"embedding_dim": 8, "units": 8, "annotation_dim": 8},
    "transformer": {"embedding_dim": 8, "d_model": 8, "num_layers": 1, "num_heads": 2, "inner_dim": 16},
    "show_and_tell": {"embedding_dim": 8, "units": 16},
}


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
        without_tracing(patch)
        return folder / "run", train(toy_world[0], folder / "run", encoder=ToyEncoder(), epochs=4, watch=0, **TOY)


def history_in(folder):
    """Returns the history in a run folder without what no two runs share, the seconds."""
    history = json.loads((folder / "history.json").read_text())
    return [{name: value for name, value in record.items() if name != "seconds"} for record in history]


def same_weights(captioner, other):
    both = zip(captioner.model.get_weights(), other.model.get_weights(), strict=True)
    return all(np.array_equal(weight, its) for weight, its in both)


def test_a_saved_captioner_writes_the_same_byte_for_byte(toy_world, toy_encoder, data_home):
    data, run, captioner = toy_world
    paths, again = [pair.path for pair in load_pairs(data)], load_captioner(run)
    for decoding in ({}, {"method": "greedy"}, {"beam_width": 2, "max_length": 4}):
        assert again.tweet(paths, **decoding) == captioner.tweet(paths, **decoding)
    grids = np.random.default_rng(0).random((5, *toy_encoder.grid_shape))
    assert np.array_equal(again.write(grids)[1], captioner.write(grids)[1])
    assert (again.decoding, again.training) == (captioner.decoding, captioner.training)
    assert len(set(captioner.tweet(paths))) > 1


@pytest.mark.parametrize("name", MODELS)
def test_every_captioner_can_be_trained_and_loaded(toy, tmp_path, name):
    captioner = toy(model=name, sizes=SIZES[name], epochs=1)
    again = load_captioner(tmp_path / "run")
    assert same_weights(captioner, again) and again.model.name == name
    (record,), about = json.loads((tmp_path / "run" / "history.json").read_text()), again.training
    assert about["images"] == {"train": 18, "val": 6} and about["texts"] == 18
    assert (about["model"], about["seed"], about["vectors"], about["drawn"]) == (name, 0, "random", False)
    assert about["words"] == len(again.vocabulary) and about["parameters"] == again.model.count_params()
    assert about["epochs"] == 1 and about["best"] == record
    assert again.model.sizes["product_dtype"] == "float32", "it was trained here, and writes anywhere"


@pytest.mark.parametrize("wanted", [True, False])
def test_products_are_of_bfloat16_while_training_only_and_only_if_wanted(toy, tmp_path, monkeypatch, wanted):
    used, fit = [], pipeline.fit

    def watched(captioner, *others):
        used.append(captioner.model.sizes["product_dtype"])
        return fit(captioner, *others)

    monkeypatch.setattr(pipeline, "fit", watched)
    monkeypatch.setattr(pipeline, "product_dtype", lambda: "mixed_bfloat16")  # as where the processor has it
    captioner = toy(epochs=1, bfloat16=wanted)
    assert used == ["mixed_bfloat16" if wanted else "float32"]
    assert captioner.model.sizes["product_dtype"] == "float32"
    assert same_weights(captioner, load_captioner(tmp_path / "run"))


def test_traced_or_not_training_is_the_same(toy_world, toy_encoder, data_home, tmp_path):
    train(toy_world[0], tmp_path / "run", encoder=toy_encoder, epochs=2, watch=0, **TOY)
    for record, same in zip(history_in(tmp_path / "run"), history_in(toy_world[1]), strict=True):
        assert record == pytest.approx(same, rel=1e-4)


def test_same_seed_same_captioner(toy_world, toy, tmp_path):
    first = toy_world[2]  # trained with seed 0 and a glance at some tweets after each epoch, which changes nothing
    second, other = toy("second"), toy("other", seed=1)
    assert history_in(toy_world[1]) == history_in(tmp_path / "second") != history_in(tmp_path / "other")
    assert same_weights(first, second) and not same_weights(first, other)


def test_each_text_is_cleaned_and_tokenized_once_on_its_way(toy, monkeypatch, toy_world):
    """From the pairs to the batches: not again for the vocabulary, the lengths or the ids."""
    seen = []
    for module in (corpus, text.vocabulary):
        for name in ("clean", "tokenize"):
            function = getattr(module, name)
            monkeypatch.setattr(
                module, name, lambda text, name=name, function=function: seen.append((name, text)) or function(text)
            )
    toy(epochs=1)
    texts = sorted(pair.record["text"] for pair in load_pairs(toy_world[0]) if pair.split != "test")
    assert sorted(text for name, text in seen if name == "tokenize") == texts
    assert sorted(text for name, text in seen if name == "clean") == texts


def test_a_stop_loses_one_epoch_and_resuming_makes_up_for_it(toy, whole, tmp_path, monkeypatch, capsys):
    def stopped_in_third_epoch(callback, batch, logs=None):
        if callback.epoch == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ExactResume, "on_train_batch_end", stopped_in_third_epoch, raising=False)
        with pytest.raises(KeyboardInterrupt):
            toy("stopped", epochs=4)
    assert "--resume (resume=True) goes on" in capsys.readouterr().err
    assert history_in(tmp_path / "stopped") == history_in(whole[0])[:2]
    with pytest.raises(Img2TweetError, match="training did not end"):
        load_captioner(tmp_path / "stopped")
    resumed = toy("stopped", epochs=4, resume=True)
    assert history_in(tmp_path / "stopped") == history_in(whole[0]) and same_weights(whole[1], resumed)


@pytest.mark.parametrize("resume", [True, False])
def test_a_stop_before_training_is_no_dead_end_and_says_how_to_go_on(toy, tmp_path, monkeypatch, capsys, resume):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "read_examples", stopped)  # while features are extracted
        with pytest.raises(KeyboardInterrupt):
            toy()
    says = capsys.readouterr().err
    assert "stopped; the same again with --resume (resume=True) goes on" in says and not (tmp_path / "run").exists()
    assert len(toy(epochs=1, resume=resume).tweet([])) == 0


def test_a_full_disk_is_named_by_the_run(toy, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError("Can't synchronously write data (no space left on device)")  # as HDF5 says it

    monkeypatch.setattr(pipeline, "fit", full)
    with pytest.raises(OSError) as caught:
        toy("full")
    assert caught.value.filename == str(tmp_path / "full") and "no space left" in caught.value.strerror


def test_a_finished_run_goes_on_to_more_epochs(toy, toy_run, whole):
    resumed = toy(toy_run.name, epochs=4, resume=True)
    assert history_in(toy_run) == history_in(whole[0]) and same_weights(whole[1], resumed)
    assert resumed.training["epochs"] == 4 == load_captioner(toy_run).training["epochs"]


def test_a_run_with_decay_ends_at_rate_zero_and_has_no_more_epochs(toy, toy_world, tmp_path, monkeypatch):
    models = []

    def kept(*given):
        models.append(compile_captioner(*given))
        return models[-1]

    monkeypatch.setattr("img2tweet_tf.training.fit.compile_captioner", kept)
    toy("decay", epochs=2, decay=True)
    rates = [float(models[0].optimizer._learning_rate(step)) for step in range(7)]  # three batches an epoch
    assert rates[5] > 0 and rates[6] == pytest.approx(0, abs=1e-9)
    assert history_in(tmp_path / "decay") != history_in(toy_world[1])
    with pytest.raises(Img2TweetError, match="was started with epochs 2, not 4"):
        toy("decay", epochs=4, decay=True, resume=True)


def test_a_run_of_before_a_setting_goes_on_with_its_default(toy, toy_run):
    about = json.loads((toy_run / "run.json").read_text())
    del about["decay"]
    (toy_run / "run.json").write_text(json.dumps(about))
    assert toy(toy_run.name, epochs=3, resume=True).training["epochs"] == 3


@pytest.mark.parametrize("resume", [True, False])
def test_a_stop_in_the_first_epoch_is_no_dead_end(toy, toy_world, toy_run, resume):
    for left in ("history.json", "captioner.json", "model.keras"):
        (toy_run / left).unlink()
    toy(toy_run.name, resume=resume)
    assert history_in(toy_run) == history_in(toy_world[1])


@pytest.mark.parametrize(
    "change, named",
    [
        ({"seed": 3}, "seed 0, not 3"),
        ({"learning_rate": 0.5}, "learning_rate 0.01, not 0.5"),
        ({"warmup_steps": 5}, "warmup_steps null, not 5"),
        ({"decay": True}, "decay false, not true"),
        ({"label_smoothing": 0.1}, "label_smoothing null, not 0.1"),
        ({"batch_size": 4}, "batch_size 8, not 4"),
        ({"sizes": {}}, "sizes"),
        ({"bfloat16": False}, "bfloat16 true, not false"),
        ({"target": "caption"}, 'target "tweet", not "caption"'),
    ],
)
def test_resuming_under_other_settings_is_refused(toy, toy_run, change, named):
    with pytest.raises(Img2TweetError, match=named) as caught:
        toy(toy_run.name, resume=True, epochs=3, **change)
    assert len(str(caught.value)) < 400 and "\n" not in str(caught.value)


def test_resuming_with_another_encoder_is_refused(toy, toy_run, toy_encoder):
    toy_encoder.fingerprint = "0" * 64
    with pytest.raises(Img2TweetError, match=r"encoder toy \(none\), not toy \(none\)"):
        toy(toy_run.name, resume=True, epochs=3)


def test_resuming_with_changed_pairs_is_refused(toy, toy_run, toy_world):
    pairs = load_pairs(toy_world[0])
    pairs[3].record["text"] += " !"
    with pytest.raises(Img2TweetError, match="pairs of .* have changed"):
        toy(toy_run.name, data=pairs, resume=True, epochs=3)


def test_resuming_with_changed_facts_is_refused(toy, toy_world):
    pairs = load_pairs(toy_world[0])
    for pair in pairs:
        pair.record["context"] = {"city": {"value": "Lisbon", "visible": False}}
    toy("told", data=pairs, context="facts")
    pairs[3].record["context"]["city"]["value"] = "Porto"
    with pytest.raises(Img2TweetError, match="pairs of .* have changed"):
        toy("told", data=pairs, context="facts", resume=True, epochs=3)


def test_a_run_is_not_written_over(toy, toy_run, tmp_path):
    before = (toy_run / "model.keras").read_bytes()
    with pytest.raises(Img2TweetError, match="holds a run already"):
        toy(toy_run.name)
    (tmp_path / "file").touch()
    with pytest.raises(Img2TweetError, match="a file"):
        toy("file")
    (toy_run / "run.json").write_text("[5]")
    with pytest.raises(Img2TweetError, match="run.json: damaged"):
        toy(toy_run.name, resume=True)
    assert (toy_run / "model.keras").read_bytes() == before


@pytest.mark.parametrize(
    "arguments, named",
    [
        ({"model": "poet"}, "glove_lstm"),
        ({"target": "poem"}, "tweet, caption"),
        ({"target": "caption"}, "try the target tweet"),
        ({"epochs": 0}, "epochs: expected a whole number from 1, got 0"),
        ({"peak_rate": 1}, "no setting peak_rate .there are: model, target, "),
        ({"glove": "no-such-vectors"}, "no-such-vectors"),
        ({"min_count": 1000}, "min_count"),
        ({"sizes": {"width": 3}}, 'no size "width"'),
        ({"sizes": {"units": True}}, "for units, got true"),
        ({"sizes": {"units": 1.5}}, "for units, got 1.5"),
        ({"sizes": {"units": -1}}, "units=-1"),
        ({"sizes": {"dropout": 7}}, "rate=7"),
        ({"encoder": None, "init": "no-such-run", "sizes": {}}, "not a saved captioner"),
        ({"encoder": "toy", "init": "no-such-run"}, "init: brings its encoder"),
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
    assert captioner.model.sizes["embedding_dim"] == 3 and captioner.training["vectors"] == "vectors.txt"
    assert captioner.training["images"] == {"train": 6, "val": 0}
    assert "nothing to validate on" in capsys.readouterr().err


def test_texts_of_a_few_images_are_shown_after_each_epoch(toy, capsys, toy_world):
    toy(epochs=1, watch=2)
    shown = [line for line in capsys.readouterr().err.splitlines() if line.startswith("  p")]
    val = [pair.id for pair in load_pairs(toy_world[0]) if pair.split == "val"]
    assert [line.split(":")[0].strip() for line in shown] == val[:2]


def test_another_captioner_to_start_from(toy, toy_world, toy_run, tmp_path):
    start = {"init": str(toy_run), "encoder": None}
    captioner = toy("further", sizes={}, epochs=1, learning_rate=1e-9, **start)
    best = min(record["val_cross_entropy"] for record in history_in(toy_run))
    assert history_in(tmp_path / "further")[0]["val_cross_entropy"] == pytest.approx(best, rel=1e-3)
    assert captioner.vocabulary == toy_world[2].vocabulary
    assert captioner.training["vectors"] == f"from {toy_world[2].training['data']}"
    assert captioner.training["init"] == str(toy_run)
    with pytest.raises(Img2TweetError, match="leave out sizes"):
        toy("resized", **start)
    with pytest.raises(Img2TweetError, match="glove_lstm of init"):
        toy("another", model="transformer", sizes={}, **start)


def test_a_captioner_goes_on_with_new_words(toy, toy_run, make_pairs, tmp_path, capsys):
    records = toy_records(30)
    for place, record in enumerate(records):
        record["text"] = record["text"].replace("day", "evening" if place % 2 else "day")
    before = load_captioner(toy_run)
    captioner = toy("on", data=make_pairs(records), encoder=None, init=str(toy_run), epochs=1, sizes={})
    assert captioner.vocabulary.words == [*before.vocabulary.words, "evening"]
    assert captioner.model.sizes["vocabulary_size"] == before.model.sizes["vocabulary_size"] + 1
    assert "1 more are learned" in capsys.readouterr().err
    assert load_captioner(tmp_path / "on").vocabulary == captioner.vocabulary
