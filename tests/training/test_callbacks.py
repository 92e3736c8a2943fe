"""What happens after each epoch: the best weights are kept, it stops in time, and a stopped run goes on exactly."""

import contextlib
import json
import math
import signal
import threading
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import TOY, ToyEncoder, toy_records, without_tracing, write_toy_pairs

from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.training import TrainConfig, compile_captioner, make_batches, new_captioner, set_seed, train
from img2tweet_tf.training.callbacks import ExactResume, ShowEpoch, StopBetweenBatches, best_record
from img2tweet_tf.training.examples import read_examples
from img2tweet_tf.training.fit import fit
from img2tweet_tf.utils import paths
from img2tweet_tf.utils.backend import keras
from img2tweet_tf.utils.errors import Img2TweetError

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="tests")
class Bigrams(keras.Model):
    """A captioner as small as can be: it knows the last word and the image's mean, and has dropout."""

    training_defaults = {"learning_rate": 0.05}

    def __init__(self, vocabulary_size, **kwargs):
        super().__init__(**kwargs)
        self.embedding = layers.Embedding(vocabulary_size, 4)
        self.image_dense = layers.Dense(4)
        self.dropout = layers.Dropout(0.5)
        self.word_logits = layers.Dense(vocabulary_size)

    def call(self, inputs, training=False):
        image = self.image_dense(ops.mean(inputs["image"], axis=(1, 2)))[:, None, None]
        return self.word_logits(self.dropout(self.embedding(inputs["ids"]) + image, training=training))


@pytest.fixture(autouse=True)
def untraced(monkeypatch):
    without_tracing(monkeypatch)


@pytest.fixture
def examples(make_pairs, data_home, capsys):
    made = read_examples(load_pairs(make_pairs(toy_records(15))), ToyEncoder(), TrainConfig(min_count=1))
    capsys.readouterr()
    return made


@pytest.fixture
def fitted(examples, tmp_path):
    """Returns a function that fits a new captioner in a run folder: settings -> (captioner, history)."""

    def fitted(folder="run", resume=False, **changed):
        config = TrainConfig(**{"batch_size": 4, "epochs": 3, "watch": 0, "patience": 99, **changed})
        set_seed(config.seed)
        model = new_captioner(Bigrams, ToyEncoder.grid_shape, vocabulary_size=len(examples.vocabulary))
        writes = lambda grids, facts: (["a text"] * len(grids), 0)  # noqa: E731
        captioner = SimpleNamespace(model=model, encoder=ToyEncoder(), write=writes)
        return captioner, fit(captioner, examples, tmp_path / folder, config, resume)

    return fitted


def history_in(folder):
    """Returns the history in a run folder without what no two runs share, the seconds."""
    history = json.loads((folder / "history.json").read_text())
    return [{name: value for name, value in record.items() if name != "seconds"} for record in history]


def cross_entropy(model, examples, part):
    corpus = getattr(examples, part)
    batches = make_batches(examples.ids[part], lambda places: examples.features.grid(corpus.rows[places], "f4"), 4)
    return compile_captioner(model).evaluate(batches, verbose=0, return_dict=True)["cross_entropy"]


def test_a_run_folder_keeps_the_best_weights_and_the_last_state(fitted, examples, tmp_path):
    captioner, history = fitted(epochs=6, learning_rate=0.3)
    assert history == json.loads((tmp_path / "run" / "history.json").read_text())
    assert [record["epoch"] for record in history] == [1, 2, 3, 4, 5, 6]
    assert history[0].keys() == {"epoch", "loss", "cross_entropy", "val_loss", "val_cross_entropy", "seconds"}
    files = {file.name for file in (tmp_path / "run" / "checkpoints").iterdir()}
    assert files == {"best.weights.h5", "epoch-6.weights.h5"}
    best = min(record["val_cross_entropy"] for record in history)
    assert best < history[-1]["val_cross_entropy"], "for this test the last epoch must not be the best"
    assert cross_entropy(captioner.model, examples, "val") == pytest.approx(best, rel=1e-5)


def test_it_stops_when_validation_no_longer_falls(fitted):
    _, history = fitted(epochs=9, patience=2, learning_rate=1e-30)  # nothing is learned: the first epoch stays the best
    assert len(history) == 3


def test_without_validation_the_training_loss_decides(fitted, examples):
    examples.val = None
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # nor does keras warn of anything
        _, history = fitted()
    assert history[0].keys() == {"epoch", "loss", "cross_entropy", "seconds"}
    assert best_record(history)["cross_entropy"] == min(record["cross_entropy"] for record in history)


def test_the_best_epoch_is_the_first_of_the_lowest_cross_entropy():
    history = [
        {"epoch": epoch, "cross_entropy": -epoch, "val_loss": -epoch, "val_cross_entropy": nats}
        for epoch, nats in enumerate([3.0, 1.0, 1.0])
    ]
    assert best_record(history)["epoch"] == 1
    assert best_record([{"epoch": 0, "cross_entropy": 2.0}, {"epoch": 1, "cross_entropy": 1.0}])["epoch"] == 1


def test_a_loss_that_is_no_number_is_one_line_and_keeps_the_last_epoch(fitted, examples, tmp_path, monkeypatch):
    fitted(epochs=1)
    before = history_in(tmp_path / "run")
    with monkeypatch.context() as patch:
        grid = examples.features.grid
        patch.setattr(examples.features, "grid", lambda rows, dtype=None: grid(rows, dtype) * math.nan)
        with pytest.raises(Img2TweetError, match="epoch 2: .* smaller learning rate") as caught:
            fitted(resume=True, epochs=2)
    assert "\n" not in str(caught.value) and history_in(tmp_path / "run") == before
    assert len(fitted(resume=True, epochs=2)[1]) == 2, "from there it goes on"


def orders(seed, epochs, count=20):
    state = ExactResume("nowhere", seed)
    made = []
    for state.epoch in range(epochs):
        made.append(state.order(count).tolist())
        assert made[-1] == state.order(count).tolist()
    return made


def test_images_come_in_another_order_each_epoch_and_by_each_seed():
    first, second, third = orders(seed=0, epochs=3)
    assert sorted(first) == sorted(second) == list(range(20))
    assert len({tuple(order) for order in (first, second, third, *orders(seed=1, epochs=3))}) == 6
    assert orders(seed=0, epochs=3) == [first, second, third]


def test_training_follows_that_order(fitted, examples, monkeypatch):
    read, grid = [], examples.features.grid
    monkeypatch.setattr(examples.features, "grid", lambda rows, dtype: read.append(list(rows)) or grid(rows, dtype))
    examples.val = None
    fitted(epochs=2, seed=3, batch_size=3)
    rows = examples.train.rows
    expected = [rows[order[at : at + 3]].tolist() for order in orders(3, 2, len(rows)) for at in (0, 3, 6)]
    assert len(rows) == 9 and read[-6:] == expected


@pytest.mark.parametrize(
    "damage", ["no history", "no JSON", "empty history", "strange history", "no state", "cut state", "no weights in it"]
)
def test_a_damaged_run_is_one_line(fitted, tmp_path, damage):
    history = tmp_path / "run" / "history.json"
    state = tmp_path / "run" / "checkpoints" / "epoch-1.weights.h5"
    state.parent.mkdir(parents=True)
    if damage == "cut state":
        fitted(epochs=1)
    else:
        history.write_text('[{"epoch": 1, "loss": 2.0, "cross_entropy": 2.0, "seconds": 1.0}]')
        state.write_text("x" * 9999)
    {
        "no history": history.unlink,
        "no JSON": lambda: history.write_text("{"),
        "empty history": lambda: history.write_text("[]"),
        "strange history": lambda: history.write_text('[{"epoch": 1}]'),
        "no state": state.unlink,
        "cut state": lambda: state.write_bytes(state.read_bytes()[:5000]),
        "no weights in it": lambda: None,
    }[damage]()
    with pytest.raises(Img2TweetError, match="no state to resume from .*; name a new folder") as caught:
        fitted(resume=True)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_damaged_weights_of_the_best_epoch_are_one_line(fitted, tmp_path, damage):
    fitted(epochs=1)
    best = tmp_path / "run" / "checkpoints" / "best.weights.h5"
    content = best.read_bytes()
    best.unlink() if damage == "gone" else best.write_bytes(content[: len(content) // 2])
    with pytest.raises(Img2TweetError, match="best.weights.h5: damaged .*; name a new folder") as caught:
        fitted(resume=True, epochs=1)
    assert "\n" not in str(caught.value)


def test_a_run_that_had_stopped_early_stays_stopped_and_goes_on_with_more_patience(fitted, tmp_path):
    still = {"learning_rate": 1e-30, "epochs": 9}
    fitted(patience=2, **still)
    before = history_in(tmp_path / "run")
    assert len(fitted(resume=True, patience=2, **still)[1]) == 3 and history_in(tmp_path / "run") == before
    assert len(fitted(resume=True, patience=4, **still)[1]) == 5


def test_how_long_it_has_waited_is_remembered(fitted):
    still = {"learning_rate": 1e-30, "patience": 3}
    fitted(epochs=2, **still)
    assert len(fitted(resume=True, epochs=9, **still)[1]) == 4


def test_the_best_epoch_before_a_stop_stays_the_best(fitted):
    whole, history = fitted("whole", epochs=6, learning_rate=0.3)
    best = best_record(history)["epoch"]
    assert best < 6, "for this test the last epoch must not be the best"
    fitted(epochs=best, learning_rate=0.3)
    resumed, _ = fitted(resume=True, epochs=6, learning_rate=0.3)
    for weight, same in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(same, weight)


def test_each_epoch_prints_its_figures_and_texts(fitted, examples, capsys):
    _, history = fitted(epochs=2, watch=2)
    names = [pair.id for pair in examples.val.pairs[:2]]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6 and lines[1:3] == [f"  {name}: a text" for name in names]
    for line, record in zip(lines[::3], history, strict=True):
        figures = f"cross-entropy {record['cross_entropy']:.3f}, validation {record['val_cross_entropy']:.3f}"
        assert line == f"epoch {record['epoch']}/2: {figures}"


def test_beside_a_progress_bar_an_epoch_prints_texts_alone(capsys):
    ShowEpoch(lambda: ["one"], ["p"], figures=False).on_epoch_end(0, {})
    assert capsys.readouterr().err == "  p: one\n"


class Moments:
    """Counts the moments at which training may be killed, and kills it at one: batches, and all that is written."""

    def __init__(self, patch):
        self.passed, self.last, self.killed = 0, math.inf, []
        patch.setattr(ExactResume, "on_train_batch_end", lambda *_, **__: self.may_end("batch"), raising=False)
        self.patch_weights(patch)
        self.patch_files(patch)

    def stop_after(self, more):
        self.last = self.passed + more

    def may_end(self, where):
        self.passed += 1
        if self.passed == self.last:
            self.killed.append(where)
            raise KeyboardInterrupt

    def patch_weights(self, patch):
        save = keras.Model.save_weights

        def save_weights(model, path, **options):
            self.may_end("before weights")
            save(model, path, **options)
            content = Path(path).read_bytes()
            Path(path).write_bytes(content[: len(content) // 2])
            self.may_end("half of the weights")
            Path(path).write_bytes(content)
            self.may_end("after weights")

        patch.setattr(keras.Model, "save_weights", save_weights)

    def patch_files(self, patch):
        atomic_write, unlink = paths.atomic_write, Path.unlink

        @contextlib.contextmanager
        def written(path):
            with atomic_write(path) as fresh:
                yield fresh
                self.may_end(f"before {Path(path).name} has its name")
            self.may_end(f"after {Path(path).name}")

        patch.setattr(paths, "atomic_write", written)
        patch.setattr(Path, "unlink", lambda path, **options: self.may_end("old state") or unlink(path, **options))


class Interrupted(keras.callbacks.Callback):
    """Interrupts the second batch, `times` times over; `ended` counts the batches that came to their end."""

    def __init__(self, times):
        super().__init__()
        self.times, self.ended = times, 0

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)

    def on_train_batch_end(self, batch, logs=None):
        self.ended += 1


@pytest.fixture
def interruptible():
    """Lets interrupts raise, also where the tests run in the background of a shell, which ignores them there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("times", "ended"), [(1, 2), (2, 1)])
def test_an_interrupt_waits_for_the_end_of_the_batch_and_a_second_one_does_not(times, ended, interruptible):
    model = keras.Sequential([layers.Dense(1)])
    model.compile(loss="mse")
    interrupted, x = Interrupted(times), np.zeros((4, 1))
    with pytest.raises(KeyboardInterrupt), StopBetweenBatches() as stop:
        model.fit(x, x, batch_size=1, verbose=0, callbacks=[interrupted, stop])
    assert interrupted.ended == ended
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_interrupts_that_are_ignored_or_come_to_another_thread_stay_as_they_are():
    def look():
        with StopBetweenBatches():
            seen.append(signal.getsignal(signal.SIGINT))

    seen = []
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        look()
    finally:
        signal.signal(signal.SIGINT, before)
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_IGN, before]


CAPTIONERS = {
    "glove_lstm": {"embedding_dim": 4, "units": 8, "dropout": 0.4},
    "show_attend_tell": {"embedding_dim": 4, "units": 8, "annotation_dim": 8, "dropout": 0.4},
    "transformer": {
        "embedding_dim": 4, "d_model": 8, "num_layers": 1, "num_heads": 2, "inner_dim": 8, "dropout": 0.4
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "times", "epochs"), [("glove_lstm", 5, 4), ("show_attend_tell", 3, 3), ("transformer", 2, 2)]
)
def test_a_run_killed_at_random_moments_ends_as_one_that_never_was(
    name, times, epochs, tmp_path, data_home, monkeypatch
):
    without_tracing(monkeypatch)
    records = toy_records(12)
    for record in records:
        record["text"] = " ".join(record["text"].split()[:2])
    data = write_toy_pairs(tmp_path / "pairs", records)
    settings = {**TOY, "model": name, "sizes": CAPTIONERS[name], "batch_size": 4, "epochs": epochs, "patience": 99}

    def run(folder, **more):
        return train(data, tmp_path / folder, encoder=ToyEncoder(), watch=0, **settings, **more)

    whole, random = run("whole"), np.random.default_rng(0)
    with monkeypatch.context() as patch:
        moments = Moments(patch)
        for _ in range(times):
            moments.stop_after(random.integers(1, 20))
            with pytest.raises(KeyboardInterrupt):
                run("killed", resume=(tmp_path / "killed" / "run.json").exists())
        assert len(set(moments.killed)) > 1, moments.killed
    resumed = run("killed", resume=True)
    assert history_in(tmp_path / "killed") == history_in(tmp_path / "whole")
    for weight, same in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(same, weight)
