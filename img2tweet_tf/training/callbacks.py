"""What `fit` does after each epoch: keeps the best weights, stops in time, lets a stopped run go on, writes texts.

A run folder holds `history.json`, a record an epoch, and in `checkpoints/` the weights of the best epoch and the state
(weights and optimizer) of the last. The history is written last and names the state that belongs to it, so stopping at
any moment loses at most the epoch under way.
"""

import json
import signal
import threading
import time
from pathlib import Path

import numpy as np

from img2tweet_tf.utils import paths
from img2tweet_tf.utils.backend import keras
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log


class ExactResume(keras.callbacks.Callback):
    """Lets a stopped run go on as if it had never stopped: with the same seed the weights come out the same.

    Keras's own `BackupAndRestore` brings back weights, optimizer and epoch. It forgets what `EarlyStopping` and
    `ModelCheckpoint` have seen, what dropout draws and in which order images come, and is left with half a file when it
    is killed while it writes. Here all that follows from the history, the seed and the number of the epoch.

    Args:
        out: run folder.
        seed: int.
        others: the `EarlyStopping` and `ModelCheckpoint` of the same `fit`, which come before this one.
    """

    def __init__(self, out, seed, others=()):
        super().__init__()
        self.out, self.seed, self.others = Path(out), seed, others
        self.history, self.epoch = [], 0

    def restore(self, model):
        """Puts a compiled model into the state of the last epoch in the run folder.

        Raises:
            Img2TweetError: there is none, or it is damaged.
        """
        try:
            history = json.loads((self.out / "history.json").read_text(encoding="utf-8"))
            best_record(history)
            model.load_weights(self._state(len(history)))
        except Exception as error:  # h5py and keras raise errors of many kinds on damaged files
            reason = " ".join(str(error).split()) or type(error).__name__
            raise Img2TweetError(f"{self.out}: no state to resume from ({reason[:300]}); name a new folder") from None
        self.history = history

    def waited(self):
        """Returns for how many epochs the validation loss has not fallen."""
        return len(self.history) - best_record(self.history)["epoch"] if self.history else 0

    def order(self, count):
        """Returns the places 0 to count - 1 in the order of this epoch."""
        return np.random.default_rng([self.seed, self.epoch]).permutation(count)

    def on_train_begin(self, logs=None):
        if self.history:
            for callback in self.others:  # they begin each `fit` anew
                callback.best = best_record(self.history)[callback.monitor]
                callback.wait = self.waited()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.started = epoch, time.perf_counter()
        draws = (variable for variable in self.model.variables if "seed_generator" in variable.path)
        for place, variable in enumerate(draws):  # keras does not save what dropout draws from
            variable.assign(np.array([np.random.default_rng([self.seed, epoch, place]).integers(2**31), 0]))

    def on_epoch_end(self, epoch, logs=None):
        record = {"epoch": epoch + 1, **{name: float(value) for name, value in sorted((logs or {}).items())}}
        record["seconds"] = round(time.perf_counter() - self.started, 2)
        if not np.isfinite(list(record.values())).all():
            raise Img2TweetError(f"epoch {epoch + 1}: the loss is no number any more; try a smaller learning rate")
        with paths.atomic_write(self._state(epoch + 1)) as fresh:
            self.model.save_weights(fresh)
        self.history = [*self.history, record]
        paths.write_json(self.out / "history.json", self.history)
        for file in self._state(0).parent.glob("epoch-*.weights.h5"):
            if file != self._state(epoch + 1):
                file.unlink()

    def _state(self, epoch):
        return self.out / "checkpoints" / f"epoch-{epoch}.weights.h5"


class ShowEpoch(keras.callbacks.Callback):
    """Prints after each epoch its cross-entropy, and what the captioner writes for a few images.

    Args:
        write: function without arguments that returns a list of str.
        names: list of str, of the images.
        figures: whether to print the cross-entropy, which Keras's progress bar shows as well.
    """

    def __init__(self, write, names, figures=True):
        super().__init__()
        self.write, self.names, self.figures = write, names, figures

    def on_epoch_end(self, epoch, logs=None):
        lines = [f"  {name}: {text}" for name, text in zip(self.names, self.write(), strict=True)]
        if self.figures:
            validation = f", validation {logs['val_cross_entropy']:.3f}" if "val_cross_entropy" in logs else ""
            figures = f"epoch {epoch + 1}/{self.params['epochs']}: cross-entropy {logs['cross_entropy']:.3f}"
            lines = [figures + validation + lines[0]] if len(lines) == 1 else [figures + validation, *lines]
        for line in lines:
            log(line)


class StopBetweenBatches(keras.callbacks.Callback):
    """Within its `with` block, lets an interrupt (Ctrl+C) wait for the end of the batch; a second one does not wait.

    Python would raise `KeyboardInterrupt` wherever the main thread is, and inside TensorFlow that can end in
    "free(): invalid pointer" instead of a stopped run. Nothing changes where interrupts are ignored or handled already.
    """

    def __enter__(self):
        self.asked = False
        in_main = threading.current_thread() is threading.main_thread()  # only there can handlers be set
        self.handles = in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if self.handles:
            signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *error):
        if self.handles:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _ask(self, number, frame):
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def on_train_batch_end(self, batch, logs=None):
        if self.asked:
            raise KeyboardInterrupt

    on_test_batch_end = on_epoch_end = on_train_batch_end


def best_record(history):
    """Returns the record of the epoch with the lowest cross-entropy, on validation images where there are any."""
    name = "val_cross_entropy" if "val_cross_entropy" in history[0] else "cross_entropy"
    return min(history, key=lambda record: record[name])
