"""Encoder, vocabulary, model and decoding in one saved thing: image in, tweet out.

A saved captioner is a folder of `model.keras`, `vocabulary.json`, `captioner.json` (encoder, decoding defaults, the
fields of facts it knows, versions, a summary of the training), `training_texts.npy` (hashes of the texts it was trained
on) and, where the encoder was trained with the model, `encoder.weights.h5`. It needs nothing else, and no training
code, to write. A README.md says what its texts are.
"""

import json
import platform
import zipfile
from importlib import metadata
from pathlib import Path

import h5py
import numpy as np

from img2tweet_tf.context import ContextReader, barred, given_facts, read_facts
from img2tweet_tf.features.out_of_distribution import FeatureDistribution
from img2tweet_tf.generation import decode, make_decoding, report_idle
from img2tweet_tf.text import KnownTexts, Vocabulary, without_marks
from img2tweet_tf.utils import paths
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, report_problems

FORMAT = 1
MOST = 1000  # that a size may be which is no dimension of an array, such as the longest text
_ENCODER_FILE, _TEXTS_FILE = "encoder.weights.h5", "training_texts.npy"
_PACKAGES = ("tensorflow", "keras", "numpy")
NOTICE = """\
# {}

A captioner of img2tweet. Its tweets are invented: they may say false things about real people, places and events, also
where facts were given to it. Mark them as generated, and do not post them as if a person had written them.
"""
_KEYS = {
    "encoder": {"name", "source", "weights", "fingerprint"},
    "decoding": set(),
    "training": set(),
}


class Captioner:
    """Writes tweets for images.

    Args:
        model: a captioner of `models`.
        vocabulary: the `Vocabulary` it was trained with.
        encoder: the `Encoder` whose features it reads.
        decoding: dict of options of `generation.Decoding`, the defaults of writing.
        training: dict, what it was trained on and how (data, target, seed, epochs, ...); JSON.
        feature_distribution: `FeatureDistribution` of its training images; None: no out-of-distribution check.
        context: the `ContextReader` of a captioner that reads facts of the world, None of one that does not.
        known_texts: the `KnownTexts` it was trained on; None: it can't avoid copies.
    """

    def __init__(
        self, model, vocabulary, encoder, decoding, training, feature_distribution=None, context=None, known_texts=None
    ):
        self.model, self.vocabulary, self.encoder, self.context = model, vocabulary, encoder, context
        self.decoding, self.training, self.feature_distribution = dict(decoding), dict(training), feature_distribution
        self.known_texts = known_texts

    def __repr__(self):
        images = self.training.get("images", {}).get("train", 0)
        trained = f"trained on {images:,} images of {self.training.get('data')}"
        return f"Captioner({self.model.name}, {len(self.vocabulary):,} words, {self.encoder.name}, {trained})"

    def tweet(
        self, images, account=None, context=None, supported_only=False, return_log_probabilities=False, **decoding
    ):
        """Writes a tweet for an image, or a list of tweets for several.

        Args:
            images: a path, a file's bytes, a PIL image, or a uint8 array (rows, columns, 3); a folder, which stands for
                its image files in the order of their names; or a list of these.
            account: who posts, such as "@ines_elsewhere"; one that was not in the training is possible, too.
            context: what is known of the world, a dict of field and value such as `{"city": "Lisbon", "score": "2-1"}`,
                or a JSON file of it.
            supported_only: whether to write no name, number, place or date that no fact supports.
            return_log_probabilities: whether to return the natural logarithm of each tweet's probability, too.
            decoding: options of `generation.Decoding` that replace this captioner's defaults, such as
                `method="nucleus", top_p=0.9, several=5`.

        Returns:
            str for one image; for a folder or a list a list of str, None for an image that can't be read (it is named).
            With `several` over 1 a list of tweets stands in the place of each. With `return_log_probabilities` a second
            value of the same form, float in the place of each str.

        Raises:
            Img2TweetError: no image can be read, or `images` or an option is none of these.
        """
        from img2tweet_tf.features import encode_sources, image_name, list_images

        report_idle(decoding, self.decoding_of(decoding))
        facts = self.facts(account, context)
        files = list_images(images)
        grids, problems = encode_sources(files, self.encoder)
        read = [place for place in range(len(files)) if place not in problems]
        if problems and not read:
            more = f" (nor can {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise Img2TweetError(problems[0] + more)
        report_problems(list(problems.values()), "images", limit=len(problems))
        grids = grids[read].astype(np.float16)  # as the features it was trained on were stored
        self.warn_if_out_of_distribution(grids, [image_name(files[place]) for place in read])
        one = bool(files) and files[0] is images
        texts, log_probabilities = self.write(grids, [facts] * len(read), supported_only, **decoding)
        found = []
        for written in (texts, log_probabilities.tolist()):
            of_image = dict(zip(read, written, strict=True))
            made = [of_image.get(place) for place in range(len(files))]
            found.append(made[0] if one else made)
        return tuple(found) if return_log_probabilities else found[0]

    def decoding_of(self, given):
        """Returns the `Decoding` of options given (a dict), and this captioner's own for those that are not."""
        made = make_decoding(given, self.decoding)
        if made.rerank and (self.feature_distribution is None or self.feature_distribution.mean is None):
            raise Img2TweetError("rerank: this captioner has saved no mean image; train it again")
        if made.avoid_copies and self.known_texts is None:
            raise Img2TweetError("avoid_copies: this captioner has saved no training texts; train it again")
        return made

    def facts(self, account=None, context=None):
        """Returns the facts that a user gives, a list of (field, value), see `tweet`."""
        if self.context is None and (account is not None or context is not None):
            raise Img2TweetError('this captioner reads no facts; train one with a context, such as context="facts"')
        if not isinstance(account, (str, type(None))):
            raise Img2TweetError(f"account: expected a name such as @ines_elsewhere, got {type(account).__name__}")
        facts = [("account", account)] if account else []
        if isinstance(context, (str, Path)):
            return facts + read_facts(context)
        return facts if context is None else facts + given_facts(context)

    def write(self, grids, facts=None, supported_only=False, first=0, **decoding):
        """Writes texts from features (images, rows, cols, channels): (list of str, log-probabilities (images,)).

        Args:
            facts: for each image a list of (field, value), read by a captioner with context; None: nothing is known.
            supported_only: whether to write no name, number, place or date that no fact supports.
            first: the place of the first image where these are a part of several; draws depend on it.
            decoding: options of `generation.Decoding`. With `several` over 1 each image has a list of texts, and
                the log-probabilities are (images, several).
        """
        chosen = self.decoding_of(decoding)
        facts, arrays, own = facts or [[]] * len(grids), None, [()] * len(grids)
        if self.context:
            arrays, own = self.context.read(facts, self.vocabulary)
        ids, log_probabilities = decode(
            self.model, grids, chosen, facts=arrays, first=first,
            barred=barred(facts, self.vocabulary) if supported_only else None,
            mean_image=self.feature_distribution.mean if chosen.rerank else None,
            is_copy=lambda image, text: self.own_words(self.vocabulary.decode(text, own[image])) in self.known_texts,
        )  # fmt: skip
        texts = []
        for of_image, words in zip(ids, own, strict=True):
            several = of_image if chosen.several > 1 else [of_image]
            several = [self.vocabulary.decode(text, words) for text in several]
            texts.append(several if chosen.several > 1 else several[0])
        return texts, log_probabilities

    def own_words(self, text):
        """Returns a text as it is compared with training texts: without hashtags and mentions, where these are told."""
        return without_marks(text) if self.context and self.context.kind == "typed" else text

    def warn_if_out_of_distribution(self, grids, names):
        """Says in one line if images look unlike anything this captioner was trained on."""
        if self.feature_distribution is None or not len(grids):
            return
        pooled = grids.astype(np.float32).mean(axis=(1, 2))
        outside = [
            Path(name).name
            for name, odd in zip(names, self.feature_distribution.is_outside(pooled), strict=True)
            if odd
        ]
        if outside:
            more = f" and {len(outside) - 1} more image" + ("s" if len(outside) > 2 else "")
            which = outside[0] + (more if len(outside) > 1 else "")
            known = f"pictures like those of {self.training.get('data', 'its training')}"
            knows = "drawn scenes" if self.training.get("drawn") else known
            log(f"{which}: unlike all that this captioner was trained on; it only knows {knows}")

    def save(self, folder):
        """Saves this captioner as a folder, whole or not at all; other files in an existing folder stay."""
        about = {
            "format": FORMAT,
            "encoder": self.encoder.config(),
            "decoding": self.decoding,
            "training": self.training,
            "context": self.context.to_json() if self.context else None,
            "feature_distribution": self.feature_distribution.to_json() if self.feature_distribution else None,
            "known_texts": None if self.known_texts is None else len(self.known_texts),
            "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in _PACKAGES}},
        }
        with paths.atomic_files(folder) as fresh:
            self.model.save(fresh / "model.keras", include_optimizer=False)
            if about["encoder"].get("trained"):
                self.encoder.model.save_weights(fresh / _ENCODER_FILE)
            if self.known_texts is not None:
                self.known_texts.save(fresh / _TEXTS_FILE)
            self.vocabulary.save(fresh / "vocabulary.json")
            paths.write_json(fresh / "captioner.json", about)
            (fresh / "README.md").write_text(NOTICE.format(self), encoding="utf-8")


def load_captioner(folder):
    """Loads a saved captioner; it writes the same tweets, byte for byte, as before saving.

    Raises:
        Img2TweetError: the folder isn't a saved captioner, or a part of it can't be read.
    """
    if not isinstance(folder, (str, Path)):
        raise Img2TweetError(f"expected the folder of a saved captioner, got {type(folder).__name__}")
    folder = Path(folder)
    missing = [name for name in ("captioner.json", "vocabulary.json", "model.keras") if not (folder / name).is_file()]
    if missing:
        unfinished = "; its training did not end, resume it" if (folder / "history.json").is_file() else ""
        raise Img2TweetError(f"{folder}: not a saved captioner (no {missing[0]} in it){unfinished}")
    about = _read_about(folder / "captioner.json")
    encoder_file = folder / _ENCODER_FILE if about["encoder"].get("trained") else None
    texts_file = folder / _TEXTS_FILE if about["known_texts"] is not None else None
    for file in (encoder_file, texts_file):
        if file and not file.is_file():
            raise Img2TweetError(f"{folder}: not a whole captioner (no {file.name} in it)")
    vocabulary = Vocabulary.load(folder / "vocabulary.json")
    model = _load_model(folder / "model.keras")

    from img2tweet_tf.features import encoder_from_config

    try:
        encoder = encoder_from_config(about["encoder"], weights=encoder_file)
        saved = about["feature_distribution"]
        feature_distribution = FeatureDistribution.from_json(saved) if saved else None
        context = ContextReader.from_json(about["context"]) if about["context"] else None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Img2TweetError(f"{folder}/captioner.json: damaged ({type(error).__name__}: {error})") from None
    size, channels = model.sizes["vocabulary_size"], model.get_build_config()["input_shape"]["image"][-1]
    if (len(vocabulary), encoder.grid_shape[-1]) != (size, channels):
        ours, its = f"{len(vocabulary)} words and {encoder.grid_shape[-1]}", f"{size} and {channels}"
        raise Img2TweetError(f"{folder}: parts of different captioners ({ours} features; model.keras expects {its})")
    sizes = context.sizes() if context else {"num_fields": 0, "num_accounts": 0}
    if any(model.sizes[name] != size for name, size in sizes.items()):
        raise Img2TweetError(f"{folder}: parts of different captioners (their facts are not the same)")
    decoding, training = about["decoding"], about["training"]
    known = _load_known_texts(texts_file) if texts_file else None
    return Captioner(model, vocabulary, encoder, decoding, training, feature_distribution, context, known)


def _read_about(file):
    """Returns the dict in captioner.json after a look at its format and its keys."""
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Img2TweetError(f"{file}: damaged ({error})") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        came = about.get("format") if isinstance(about, dict) else type(about).__name__
        raise Img2TweetError(f"{file}: expected a captioner of format {FORMAT}, got {came}; train it again")
    for name, needed in _KEYS.items():
        if not isinstance(about.get(name), dict) or not needed <= about[name].keys():
            wanted = f"an object with {', '.join(sorted(needed))}" if needed else "an object"
            raise Img2TweetError(f'{file}: damaged; expected "{name}" to be {wanted}')
    try:
        make_decoding(about["decoding"])
    except Img2TweetError as error:
        raise Img2TweetError(f"{file}: {error}") from None
    return {"feature_distribution": None, "context": None, "known_texts": None, **about}


def _load_known_texts(file):
    """Returns the `KnownTexts` of a saved captioner."""
    try:
        return KnownTexts.load(file)
    except (OSError, ValueError, EOFError) as error:
        raise Img2TweetError(f"{file}: damaged ({error})") from None


def _check_sizes(file):
    """Raises ValueError where a network's config asks for more than its weights file holds, before any is built."""
    with zipfile.ZipFile(file) as parts, parts.open("model.weights.h5") as weights:
        config = json.loads(parts.read("config.json"))["config"]
        shapes = []
        h5py.File(weights).visititems(lambda _, item: shapes.append(getattr(item, "shape", ())))
    dimensions = {size for shape in shapes for size in shape}
    for name, size in config.items():
        if type(size) is int and size > (len(shapes) if name == "num_layers" else MOST) and size not in dimensions:
            raise ValueError(f"{name} is {size:,}, and no array of its weights is of that size")


def _load_model(file):
    """Returns the captioner's network, as saved."""
    from img2tweet_tf import models
    from img2tweet_tf.utils.backend import keras

    try:
        if not zipfile.is_zipfile(file):
            raise ValueError("not a whole .keras file")
        _check_sizes(file)
        model = keras.models.load_model(file, compile=False)
    except Exception as error:  # zipfile, h5py and keras raise errors of many kinds on damaged files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise Img2TweetError(f"{file}: no model that can be loaded ({reason[:300]})") from None
    if not isinstance(model, tuple(models.MODELS.values())):
        raise Img2TweetError(f"{file}: a {type(model).__name__}, no captioner")
    return model
