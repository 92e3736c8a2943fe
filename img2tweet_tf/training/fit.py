"""Fitting a captioner to its examples: one `model.fit`, by callbacks that keep, stop, resume and show."""

import sys

import numpy as np

from img2tweet_tf.context import facts_of
from img2tweet_tf.features import encode_sources
from img2tweet_tf.training.batches import make_batches
from img2tweet_tf.training.callbacks import ExactResume, ShowEpoch, StopBetweenBatches
from img2tweet_tf.training.encoder import RATE, end_to_end, read_pictures
from img2tweet_tf.training.mixing import mixed_batches
from img2tweet_tf.training.optimization import compile_captioner
from img2tweet_tf.utils.backend import keras
from img2tweet_tf.utils.errors import Img2TweetError


def fit(captioner, examples, out, config, resume=False):
    """Trains until the validation loss no longer falls, or for `config.epochs`.

    Args:
        captioner: `Captioner`, left with the weights of its best epoch.
        examples: `Examples`.
        out: run folder, see `callbacks`.
        config: `TrainConfig`. With `train_encoder` the captioner's encoder trains, too.
        resume: whether to go on from the last epoch in the run folder.

    Returns:
        list of dicts, one an epoch: epoch, seconds, and Keras's logs: loss, cross_entropy (nats per token), val_...
    """
    monitor = "val_cross_entropy" if examples.val else "cross_entropy"
    best = out / "checkpoints" / "best.weights.h5"
    best.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = keras.callbacks.ModelCheckpoint(
        str(best), monitor=monitor, mode="min", save_best_only=True, save_weights_only=True
    )
    stopping = keras.callbacks.EarlyStopping(monitor=monitor, mode="min", patience=config.patience)
    state = ExactResume(out, config.seed, (checkpoint, stopping))
    train, val = _batches(captioner.encoder, examples, config, state)
    network = _compiled(captioner, examples, config, len(train))
    if resume:
        state.restore(network)
    if state.waited() < config.patience:
        with StopBetweenBatches() as stop:
            network.fit(
                train, validation_data=val, initial_epoch=len(state.history), epochs=config.epochs, shuffle=False,
                verbose=int(sys.stdout.isatty()),
                callbacks=[checkpoint, stopping, state, _watch(captioner, examples, config), stop],
            )  # fmt: skip
    try:
        network.load_weights(best)
    except Exception as error:  # h5py and keras raise errors of many kinds on damaged files
        raise Img2TweetError(f"{best}: damaged ({' '.join(str(error).split())[:300]}); name a new folder") from None
    return state.history


def _compiled(captioner, examples, config, batches):
    """Returns what is fitted, in epochs of so many batches: the captioner's network, or that behind the encoder."""
    network, rate = captioner.model, config.learning_rate
    if config.train_encoder is not None:
        rate = RATE * network.training_defaults["learning_rate"] if rate is None else rate
        _, n, time = examples.ids["train"].shape
        network = end_to_end(captioner.encoder, network, n, time - 1)
    decay_steps = config.epochs * batches if config.decay else None
    return compile_captioner(network, rate, config.warmup_steps, config.label_smoothing, decay_steps)


def _batches(encoder, examples, config, state):
    """Returns the batches of the train part, in another order each epoch, and of the val part (None without one)."""

    def readers(corpus, varied):
        if config.train_encoder is None:
            return lambda places: examples.features.grid(corpus.rows[places], np.float32)
        paths = np.array([str(pair.path) for pair in corpus.pairs])
        return lambda places: read_pictures(paths[places], encoder, state.epoch if varied else 0)

    if examples.captions:
        train = mixed_batches(examples, config.captions_share, config.batch_size, state.order)
    else:
        train = make_batches(
            examples.ids["train"], readers(examples.train, config.augment), config.batch_size,
            order=lambda: state.order(len(examples.train)), facts=examples.facts["train"],
        )  # fmt: skip
    if examples.val is None:
        return train, None
    val = readers(examples.val, False)
    return train, make_batches(examples.ids["val"], val, config.batch_size, facts=examples.facts["val"])


def _watch(captioner, examples, config):
    """Returns the callback that shows the epochs, and writes texts for a few validation images."""
    corpus = examples.val or examples.train
    pairs, rows = corpus.pairs[: config.watch], corpus.rows[: config.watch]
    told = [facts_of(pair, config.context) for pair in pairs]

    def write():
        if not len(pairs):
            return []
        if config.train_encoder is None:
            grids = examples.features.grid(rows)
        else:
            grids, _ = encode_sources([pair.path for pair in pairs], captioner.encoder)
        return captioner.write(grids, told)[0]

    return ShowEpoch(write, [pair.id for pair in pairs], figures=not sys.stdout.isatty())
