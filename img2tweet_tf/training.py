"""Fitting a captioner: masked loss, a checkpoint and some tweets after each epoch, early stopping, resuming.

A run folder holds `history.json`, a record an epoch, and `checkpoints/epoch-N.keras` of the last and of the best epoch.
The history is written after its checkpoint, so that stopping at any moment loses at most the epoch under way.
"""

import json
import time
import zipfile
from pathlib import Path

import numpy as np

from img2tweet_tf import home
from img2tweet_tf.batches import make_batches
from img2tweet_tf.console import Img2TweetError, notice, progress


def set_seed(seed):
    """Seeds Python, numpy and TensorFlow, and makes TensorFlow's operations repeatable on the same machine."""
    if not 0 <= seed < 2**32:
        raise Img2TweetError(f"expected a seed from 0 to {2**32 - 1}, got {seed}")
    from img2tweet_tf.backend import keras, tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def compile_captioner(model, learning_rate=None, clip_norm=5.0):
    """Compiles a captioner with Adam at a learning rate, by default the model's own, a number or a schedule.

    The loss is the model's, in nats per real token: padding weighs 0, the mean is over the rest.
    """
    learning_rate = model.learning_rate() if learning_rate is None else learning_rate
    optimizer = model.make_optimizer(learning_rate, global_clipnorm=clip_norm)
    optimizer.build(model.trainable_variables)  # else the first batch is traced twice
    # Without XLA: on two cores it made training slower, by 4 to 6 times with an LSTM.
    model.compile(optimizer, loss=None, jit_compile=False)


def nats_per_token(model, batches):
    """Returns the mean loss of a compiled captioner over all real tokens of `batches`; exp of it is the perplexity."""
    return float(model.evaluate(batches, verbose=0, return_dict=True)["nats"])


def overfit(model, batch, steps=100, learning_rates=None):
    """Fits one batch, or a few in turn, again and again: a captioner that can't learn them by heart is broken.

    Args:
        model: compiled captioner; it is changed.
        batch: ({"features", "ids"}, targets, weights), as `make_batches` gives them, or a list of such.
        steps: how many batches are fitted in all.
        learning_rates: function from the step, from 0, to the learning rate, for a model compiled with a number.

    Returns:
        list of the loss in nats per token, dropout on, at each step.
    """
    batches, losses = batch if isinstance(batch, list) else [batch], []
    for step in range(steps):
        if learning_rates:
            model.optimizer.learning_rate = float(learning_rates(step))
        model.reset_metrics()
        losses.append(float(model.train_on_batch(*batches[step % len(batches)], return_dict=True)["nats"]))
    return losses


def restart(model, weights):
    """Puts a compiled captioner back to `weights` (of `get_weights`) and its optimizer to where optimizers start.

    What was compiled is kept, so another schedule can be tried without tracing a deep model anew.
    """
    model.set_weights(weights)
    for variable in model.optimizer.variables:
        if not variable.path.endswith("learning_rate"):
            variable.assign(variable * 0)


def load_checkpoint(out):
    """Returns (compiled model, history) of the last epoch in a run folder; `Img2TweetError` if there is none."""
    from img2tweet_tf.backend import keras

    try:
        history = json.loads((Path(out) / "history.json").read_text(encoding="utf-8"))
        file = _checkpoint(out, history[-1]["epoch"])
        if not zipfile.is_zipfile(file):
            raise ValueError(f"{file.name} is missing or cut short")
        model = keras.models.load_model(file)
        best_epoch(history)
    except Exception as error:  # zipfile, h5py and keras raise errors of many kinds on damaged files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise Img2TweetError(f"{out}: no checkpoint to resume from ({reason}); name a new --out") from None
    return model, history


def fit(
    model, train, val, gather, out, *,
    epochs=20, batch_size=32, patience=3, seed=0, history=(), show=None, versions=None,
):  # fmt: skip
    """Trains a compiled captioner until `epochs`, or until the validation loss has not fallen for `patience` epochs.

    Args:
        model: compiled captioner; left with the weights of its best epoch.
        train, val: `Examples`. Without val examples the training loss decides which epoch is best.
        gather: function from rows to features, see `make_batches`.
        out: run folder.
        epochs, batch_size, patience, seed: numbers; the seed decides the order of the batches.
        history: what `load_checkpoint` returned with the model, to go on from there.
        show: function called with the model after each epoch, to print some tweets.
        versions: list of functions like `gather`, of which epoch e trains with the one at e modulo their number; by
            default all train with `gather`. Validation is always with `gather`.

    Returns:
        list of dicts, one an epoch: epoch, loss and val_loss (nats per token), seconds.
    """
    history = list(history)
    versions = versions or [gather]
    val_batches = make_batches(val, gather, batch_size) if len(val) else None
    for epoch in range(len(history) + 1, epochs + 1):
        if history and len(history) - best_epoch(history) >= patience:
            break
        started = time.perf_counter()
        _seed_dropout(model, seed, epoch)
        batches = make_batches(train, versions[epoch % len(versions)], batch_size, order_seed=[seed, epoch])
        loss = _one_pass(model, batches, f"epoch {epoch}/{epochs}")
        val_loss = nats_per_token(model, val_batches) if val_batches else None
        if not np.isfinite([loss, val_loss or 0.0]).all():
            raise Img2TweetError(f"epoch {epoch}: the loss is no number any more; try a smaller --learning-rate")
        seconds = round(time.perf_counter() - started, 2)
        history.append({"epoch": epoch, "loss": loss, "val_loss": val_loss, "seconds": seconds})
        _save_checkpoint(model, out, history)
        heard = "" if val_loss is None else f", validation {val_loss:.3f}"
        notice(f"epoch {epoch}/{epochs}: loss {loss:.3f}{heard} nats a token, {seconds:.0f} s")
        if show:
            show(model)
    model.load_weights(_checkpoint(out, best_epoch(history)))
    return history


def best_epoch(history):
    """Returns the number, from 1, of the epoch with the lowest validation loss (training loss where there is none)."""

    def judged(record):
        return record["loss"] if record["val_loss"] is None else record["val_loss"]

    return min(history, key=judged)["epoch"]


def _one_pass(model, batches, label):
    """Fits one pass over the batches; returns its mean loss over tokens."""
    from img2tweet_tf.backend import keras

    with progress(None, label, total=int(batches.cardinality()), unit="batch") as bar:

        def after_batch(batch, logs):
            bar.set_postfix(loss=f"{logs['nats']:.3f}", refresh=False)
            bar.update()

        after_each = keras.callbacks.LambdaCallback(on_train_batch_end=after_batch)
        logs = model.fit(batches, verbose=0, shuffle=False, callbacks=[after_each])
    return float(logs.history["nats"][0])


def _seed_dropout(model, seed, epoch):
    """Sets what dropout draws from: keras does not save that, and a resumed run must draw as a whole one does."""
    states = [variable for variable in model.variables if "seed_generator" in variable.path]
    for place, state in enumerate(states):
        start = np.random.default_rng([seed, epoch, place]).integers(2**31)
        state.assign(np.array([start, 0]))


def _checkpoint(out, epoch):
    return Path(out) / "checkpoints" / f"epoch-{epoch}.keras"


def _save_checkpoint(model, out, history):
    """Saves model and optimizer of this epoch; keeps the best epoch's beside it and drops the others."""
    with home.written_whole(_checkpoint(out, history[-1]["epoch"])) as fresh:
        model.save(fresh)
    home.write_json(Path(out) / "history.json", history)
    keep = {_checkpoint(out, history[-1]["epoch"]), _checkpoint(out, best_epoch(history))}
    for file in (Path(out) / "checkpoints").glob("epoch-*.keras"):
        if file not in keep:
            file.unlink()
