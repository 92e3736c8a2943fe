"""A run's folder: what the run was started with, and whether it is resumed under the same settings."""

import hashlib
import json

from img2tweet_tf.context import facts_of
from img2tweet_tf.training.config import TrainConfig
from img2tweet_tf.utils import paths
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log
from img2tweet_tf.utils.settings import settings


def open_run(out, config, pairs, encoder, resume):
    """Checks that a folder can hold a new run, or that the run in it was started under the same settings.

    Args:
        out: `Path` of the folder.
        config: `TrainConfig`.
        pairs: `Pairs` to train on.
        encoder: `Encoder`.
        resume: whether to go on with the run that is there.

    Returns:
        Whether there is an epoch to go on from; and what belongs into the folder's `run.json` once training begins.

    Raises:
        Img2TweetError: it would write over a run, or resume one under other settings.
    """
    paths.check_folder(out)
    now = {"data": pairs.name, "data_digest": digest(pairs, config.context), "encoder": encoder.config()}
    now |= _kept(config)
    now = json.loads(json.dumps(now))
    begun = (out / "history.json").exists() or (out / "captioner.json").exists()
    if not resume:
        if begun:
            raise Img2TweetError(f"{out}: holds a run already; resume it, or name another folder")
        return False, now
    if not begun:
        log(f"{out}: no epoch was done in it; starts from the beginning")
        return False, now
    try:
        before = _kept(TrainConfig())  # what a setting was before there was one
        before |= json.loads((out / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError) as error:
        raise Img2TweetError(f"{out}/run.json: damaged ({error}); name a new folder") from None
    for name, value in now.items():
        if before.get(name) != value:
            was = f"was started with {name} {_shown(before.get(name))}, not {_shown(value)}"
            was = f"the pairs of {pairs.name} have changed since it was started" if name == "data_digest" else was
            raise Img2TweetError(f"{out}: {was}; resume it as it was started, or name a new folder")
    return True, now


def digest(pairs, context="none"):
    """Returns a hex digest of what a run learns from: ids, images' names, texts and splits, and facts of a context."""
    keys = ("id", "image", "text", "captions", "split")
    lines = (json.dumps([*map(pair.record.get, keys), *facts_of(pair, context)]) + "\n" for pair in pairs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _kept(config):
    """Returns the settings under which a run must be resumed; the encoder stands in run.json with its weights."""
    may_change = {name for name, of in settings(TrainConfig).items() if of.metadata.get("may_change")}
    kept = {name: value for name, value in config.to_json().items() if name not in may_change | {"encoder"}}
    return kept | ({"epochs": config.epochs} if config.decay else {})  # the rate of every batch follows from them


def _shown(value):
    """Returns a setting as one short text; an encoder's is its name and weights."""
    encoder = isinstance(value, dict) and {"name", "weights"} <= value.keys()
    return f"{value['name']} ({value['weights']})" if encoder else json.dumps(value, ensure_ascii=False)
