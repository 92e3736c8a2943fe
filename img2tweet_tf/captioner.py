"""Encoder, vocabulary, model and decoding in one saved thing: image in, tweet out.

A saved captioner is a folder of `model.keras`, `vocabulary.json` and `captioner.json` (encoder, decoding defaults,
versions, a summary of the training). It needs nothing else, and no training code, to write.
"""

import json
import platform
from importlib import metadata
from pathlib import Path

import numpy as np

from img2tweet_tf import home
from img2tweet_tf.console import Img2TweetError, notice, report_problems
from img2tweet_tf.decoding import decode
from img2tweet_tf.familiar import Familiar
from img2tweet_tf.text import Vocabulary

FORMAT = 1
_PACKAGES = ("tensorflow", "keras", "numpy")


class Captioner:
    """Writes tweets for images.

    Args:
        model: a captioner of `models`.
        vocabulary: the `Vocabulary` it was trained with.
        encoder: the `Encoder` whose features it reads.
        decoding: dict of defaults for `decoding.decode`: method, max_length, beam_width, length_power.
        training: dict, what it was trained on and how (data, target, seed, epochs, ...); JSON.
        familiar: `Familiar`, what the features of its training images look like; None to leave that unchecked.
    """

    def __init__(self, model, vocabulary, encoder, decoding, training, familiar=None):
        self.model, self.vocabulary, self.encoder = model, vocabulary, encoder
        self.decoding, self.training, self.familiar = dict(decoding), dict(training), familiar

    def tweet(self, images, **decoding):
        """Writes a tweet for an image, or a list of tweets for a list of images.

        Args:
            images: a path, or a list of paths.
            decoding: options of `decoding.decode` that replace this captioner's defaults.

        Returns:
            str for one path; for a list a list of str, None for an image that can't be read (it is named).

        Raises:
            Img2TweetError: no image can be read.
        """
        from img2tweet_tf.features import encode_paths

        paths = [images] if isinstance(images, (str, Path)) else list(images)
        grids, problems = encode_paths(paths, self.encoder)
        read = [place for place in range(len(paths)) if place not in problems]
        if problems and not read:
            more = f" (nor can {len(problems) - 1} more images)" if len(problems) > 1 else ""
            raise Img2TweetError(problems[0] + more)
        report_problems(list(problems.values()), "images")
        grids = grids[read].astype(np.float16)  # as the features it was trained on were stored
        self.warn_if_strange(grids, [paths[place] for place in read])
        texts = dict(zip(read, self.write(grids, **decoding)[0], strict=True))
        tweets = [texts.get(place) for place in range(len(paths))]
        return tweets[0] if isinstance(images, (str, Path)) else tweets

    def write(self, grids, **decoding):
        """Writes texts from features (images, rows, cols, channels): (list of str, log-probabilities (images,))."""
        ids, log_probabilities = decode(self.model, self.model.fitting(grids), **{**self.decoding, **decoding})
        return [self.vocabulary.decode(row) for row in ids], log_probabilities

    def warn_if_strange(self, grids, names):
        """Says in one line if images look unlike anything this captioner was trained on."""
        if self.familiar is None or not len(grids):
            return
        strange = [
            Path(name).name
            for name, odd in zip(names, self.familiar.strange(grids.astype(np.float32).mean(axis=(1, 2))), strict=True)
            if odd
        ]
        if strange:
            which = strange[0] if len(strange) == 1 else f"{strange[0]} and {len(strange) - 1} more images"
            knows = "drawn scenes" if self.training.get("drawn") else f"pictures like those of {self.training['data']}"
            notice(f"{which}: unlike all that this captioner was trained on; it only knows {knows}")

    def save(self, folder):
        """Saves this captioner as a folder, whole or not at all; other files in an existing folder stay."""
        folder = Path(folder)
        about = {
            "format": FORMAT,
            "encoder": self.encoder.config(),
            "decoding": self.decoding,
            "training": self.training,
            "familiar": self.familiar.to_json() if self.familiar else None,
            "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in _PACKAGES}},
        }
        with home.written_whole(folder / "model.keras") as fresh:
            self.model.save(fresh, include_optimizer=False)
        self.vocabulary.save(folder / "vocabulary.json")
        with home.written_whole(folder / "captioner.json") as fresh:
            fresh.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load_captioner(folder):
    """Loads a saved captioner; it writes the same tweets, byte for byte, as before saving.

    Raises:
        Img2TweetError: the folder isn't a saved captioner, or a part of it can't be read.
    """
    from img2tweet_tf import models  # noqa: F401 (registers the captioners with keras)
    from img2tweet_tf.backend import keras
    from img2tweet_tf.features import encoder_from_config

    folder = Path(folder)
    missing = [name for name in ("captioner.json", "vocabulary.json", "model.keras") if not (folder / name).is_file()]
    if missing:
        unfinished = "; its training did not end, train --resume it" if (folder / "history.json").is_file() else ""
        raise Img2TweetError(f"{folder}: not a saved captioner (no {missing[0]} in it){unfinished}")
    try:
        about = json.loads((folder / "captioner.json").read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']}, expected {FORMAT}")
        model = keras.models.load_model(folder / "model.keras", compile=False)
        vocabulary = Vocabulary.load(folder / "vocabulary.json")
        encoder = encoder_from_config(about["encoder"])
        familiar = Familiar.from_json(about["familiar"]) if about["familiar"] else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Img2TweetError(f"{folder}: a damaged captioner ({reason})") from None
    return Captioner(model, vocabulary, encoder, about["decoding"], about["training"], familiar)
