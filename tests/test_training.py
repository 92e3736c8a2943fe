"""Fitting: the loss, the order of things, what a run folder holds, when it stops."""

import json
import math
import os
import warnings
import zipfile

import numpy as np
import pytest

from img2tweet_tf import home
from img2tweet_tf.batches import Examples, make_batches
from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.models import GloVeLSTM
from img2tweet_tf.training import (
    best_epoch,
    compile_captioner,
    fit,
    load_checkpoint,
    nats_per_token,
    overfit,
    restart,
    set_seed,
)

WORDS, TIME = 9, 6


def examples(images, seed):
    random = np.random.default_rng(seed)
    ids = random.integers(4, WORDS, (images, 2, TIME)).astype(np.int32)
    ids[:, :, 0] = 1
    ids[:, 0, 3], ids[:, 0, 4:] = 2, 0  # the first text of each image is shorter
    ids[0, 1] = 0  # and the first image has only one
    return Examples(np.arange(images), ids, [f"p{n}" for n in range(images)])


def gather(rows):
    return np.random.default_rng(7).normal(size=(50, 5)).astype(np.float32)[rows]


@pytest.fixture
def model():
    set_seed(0)
    model = GloVeLSTM(WORDS, (5,), embedding_dim=4, units=8, dropout=0.2)
    compile_captioner(model, learning_rate=0.01)
    return model


def test_the_loss_is_nats_per_real_token(model):
    some = examples(7, 0)
    nats, tokens = 0.0, 0
    for inputs, targets, weights in make_batches(some, gather, 3):
        logits = np.asarray(model(inputs), np.float64)
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        each = -np.take_along_axis(logs, targets.numpy()[..., None], axis=-1)[..., 0]
        nats, tokens = nats + (each * weights.numpy()).sum(), tokens + weights.numpy().sum()
    assert tokens == 7 * 3 + 6 * 5
    assert nats_per_token(model, make_batches(some, gather, 3)) == pytest.approx(nats / tokens, rel=1e-5)
    assert nats_per_token(model, make_batches(some, gather, 2)) == pytest.approx(nats / tokens, rel=1e-5)


def test_a_run_folder_keeps_the_last_and_the_best_epoch(model, tmp_path, capsys):
    shown = []
    history = fit(
        model, examples(8, 0), examples(4, 1), gather, tmp_path, epochs=7, batch_size=4, patience=2, show=shown.append
    )
    assert history == json.loads((tmp_path / "history.json").read_text())
    assert [record["epoch"] for record in history] == list(range(1, len(history) + 1))
    kept = {f"epoch-{epoch}.keras" for epoch in (best_epoch(history), len(history))}
    assert set(os.listdir(tmp_path / "checkpoints")) == kept
    again, same = load_checkpoint(tmp_path)
    assert same == history and int(again.optimizer.iterations) == 2 * len(history)
    assert len(shown) == len(history) == capsys.readouterr().err.count("nats a token")
    best = min(record["val_loss"] for record in history)
    assert nats_per_token(model, make_batches(examples(4, 1), gather, 4)) == pytest.approx(best, rel=1e-5)


def test_it_stops_when_validation_no_longer_falls(model, tmp_path):
    compile_captioner(model, learning_rate=1e-30)  # nothing is learned: the first epoch stays the best
    assert len(fit(model, examples(6, 0), examples(3, 1), gather, tmp_path, epochs=9, batch_size=6, patience=2)) == 3


def test_without_validation_the_training_loss_decides(model, tmp_path):
    none = Examples(np.arange(0), examples(1, 0).ids[:0], [])
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # nor does keras warn of anything
        history = fit(model, examples(6, 0), none, gather, tmp_path, epochs=3, batch_size=6)
    assert [record["val_loss"] for record in history] == [None] * 3
    assert history[best_epoch(history) - 1]["loss"] == min(record["loss"] for record in history)


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_epoch(model, tmp_path):
    history = fit(model, examples(6, 0), examples(3, 1), gather, tmp_path, epochs=1)
    with pytest.raises(Img2TweetError, match="smaller --learning-rate"):
        broken = lambda rows: gather(rows) * math.nan  # noqa: E731
        fit(model, examples(6, 0), examples(3, 1), broken, tmp_path, epochs=2, history=history)
    _, kept = load_checkpoint(tmp_path)
    assert kept == history


@pytest.mark.parametrize(
    "damage", ["no history", "no JSON", "empty history", "no checkpoint", "cut checkpoint", "no model in it"]
)
def test_a_damaged_run_is_one_line(tmp_path, damage):
    history, checkpoint = tmp_path / "history.json", tmp_path / "checkpoints" / "epoch-1.keras"
    checkpoint.parent.mkdir()
    history.write_text('[{"epoch": 1, "loss": 2.0, "val_loss": 2.0, "seconds": 1.0}]')
    with zipfile.ZipFile(checkpoint, "w") as whole:
        whole.writestr("config.json", "x" * 9999)
    {
        "no history": history.unlink,
        "no JSON": lambda: history.write_text("{"),
        "empty history": lambda: history.write_text("[]"),
        "no checkpoint": checkpoint.unlink,
        "no model in it": lambda: None,
        "cut checkpoint": lambda: checkpoint.write_bytes(checkpoint.read_bytes()[:5000]),
    }[damage]()
    with pytest.raises(Img2TweetError, match="no checkpoint to resume from") as caught:
        load_checkpoint(tmp_path)
    assert "\n" not in str(caught.value)


def test_killed_between_checkpoint_and_history_the_epoch_before_counts(model, tmp_path, monkeypatch):
    history = fit(model, examples(6, 0), examples(3, 1), gather, tmp_path, epochs=1)

    write = home.written_whole

    def killed_before_history(path):
        if path.name == "history.json":
            raise KeyboardInterrupt
        return write(path)

    monkeypatch.setattr(home, "written_whole", killed_before_history)
    with pytest.raises(KeyboardInterrupt):
        fit(model, examples(6, 0), examples(3, 1), gather, tmp_path, epochs=2, history=history)
    assert (tmp_path / "checkpoints" / "epoch-2.keras").is_file()
    assert load_checkpoint(tmp_path)[1] == history


def test_seeds_have_a_range():
    for seed in (-1, 2**32):
        with pytest.raises(Img2TweetError, match="seed"):
            set_seed(seed)


def test_a_batch_is_learned_by_heart(model):
    compile_captioner(model, learning_rate=0.02)
    batch = next(iter(make_batches(examples(4, 0), gather, 4)))
    losses = overfit(model, batch, steps=150)
    assert len(losses) == 150 and losses[-1] < losses[0] / 2


def test_a_restarted_captioner_learns_as_a_new_one_by_another_schedule(model):
    model = type(model).from_config({**model.get_config(), "dropout": 0.0})
    compile_captioner(model, learning_rate=0.02)
    batches, start = list(make_batches(examples(8, 0), gather, 4)), model.get_weights()
    first = overfit(model, batches, steps=4)
    restart(model, start)
    assert overfit(model, batches, steps=4) == pytest.approx(first, rel=1e-3)
    restart(model, start)
    still = overfit(model, batches, steps=4, learning_rates=lambda step: 0.0)
    assert still[0] == pytest.approx(still[2], rel=1e-3) and float(model.optimizer.learning_rate) == 0.0
