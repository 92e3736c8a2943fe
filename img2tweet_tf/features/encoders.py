"""Image encoders by name: pixels -> grid of CNN features. Each owns its size, its preprocessing and its weights.

`efficientnet_lite0` (7 x 7 x 1280 at 224 pixels), `inception_v3` (8 x 8 x 2048 at 299 pixels), and any other backbone
of keras.applications by its name.
"""

import hashlib
import math
import os
import sys
import warnings
from pathlib import Path

import numpy as np

from img2tweet_tf.features.images import RESIZING
from img2tweet_tf.utils.downloads import bounded_downloads
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log
from img2tweet_tf.utils.paths import data_home

LITE0 = "efficientnet_lite0"
INCEPTION = "inception_v3"
RANDOM = "random"

# Pixels a side that the ImageNet weights were trained with, by name without underscores; 224 for all others.
_SIZES = {
    "inceptionv3": 299,
    "xception": 299,
    "inceptionresnetv2": 299,
    "nasnetlarge": 331,
    "efficientnetb1": 240,
    "efficientnetb2": 260,
    "efficientnetb3": 300,
    "efficientnetb4": 380,
    "efficientnetb5": 456,
    "efficientnetb6": 528,
    "efficientnetb7": 600,
    "efficientnetv2b1": 240,
    "efficientnetv2b2": 260,
    "efficientnetv2b3": 300,
    "efficientnetv2s": 384,
    "efficientnetv2m": 480,
    "efficientnetv2l": 480,
}


def load_encoder(name="auto", weights=None):
    """Loads an image encoder.

    Args:
        name: `efficientnet_lite0`, `inception_v3`, a backbone of keras.applications (case and underscores don't
            matter), or `auto`: inception_v3 where its ImageNet weights are there or can be downloaded, else
            efficientnet_lite0; a line says which and why.
        weights: "imagenet" or None: the file `weights/<name>_notop.weights.h5` of the data home if it is there, else
            what keras.applications has or downloads (efficientnet_lite0: its package's). Or a Keras weights file. Or
            "random", always the same numbers, for tests.

    Raises:
        Img2TweetError: no such encoder, or its weights cannot be had.
    """
    wanted = _plain(name)
    weights = None if str(weights) == "imagenet" else weights
    if wanted == "auto":
        return _load_auto(weights)
    if wanted == _plain(LITE0):
        return _load_lite0(weights)
    return _load_keras_application(wanted, name, weights)


def encoder_from_config(config, weights=None):
    """Loads the encoder that `Encoder.config` described, with the very same weights.

    Args:
        config: that dict.
        weights: a Keras weights file to use instead; of an encoder that was trained with a captioner it must be the
            file in that captioner's folder.

    Raises:
        Img2TweetError: the weights cannot be had, or are not those that the config was written with.
    """
    trained = config.get("trained", False)
    if weights is not None and not trained:
        return load_encoder(config["name"], weights)
    source = config["source"] if weights is None else weights
    if source not in (None, RANDOM) and not Path(source).is_file():
        source = data_home() / "weights" / Path(source).name
    encoder = load_encoder(config["name"], source)
    if encoder.fingerprint != config["fingerprint"]:
        raise Img2TweetError(
            f"encoder {config['name']}: its weights here ({encoder.weights}) are not those it was used with "
            f"({config['weights']}); name the right file"
        )
    if trained:
        encoder.weights, encoder.source, encoder.trained = config["weights"], config["source"], True
    return encoder


class Encoder:
    """A CNN without its classifier, with the preprocessing its weights expect.

    Attributes:
        name: of `load_encoder`.
        weights: what the weights are, for people.
        model: `keras.Model`, preprocessed images (batch, size, size, 3) -> grid (batch, rows, cols, channels); it may
            be trained.
        image_size: pixels a side.
        grid_shape: (rows, cols, channels).
        trained: whether its weights were trained further, so that they can be had from its captioner's folder only.
    """

    def __init__(self, name, model, preprocess, weights, source=None, trained=False):
        self.name, self.model, self.weights, self.source, self.trained = name, model, weights, source, trained
        self.image_size = model.input_shape[1]
        self.grid_shape = tuple(model.output_shape[1:])
        self._preprocess = preprocess
        self._compiled = None

    def __repr__(self):
        grid = " x ".join(map(str, self.grid_shape))
        return f"Encoder({self.name}, {grid} at {self.image_size} pixels, weights: {self.weights})"

    def preprocess(self, images):
        """Turns uint8 images (n, size, size, 3) into float32 inputs of the network, of the same shape."""
        return np.asarray(self._preprocess(np.array(images, np.float32)), np.float32)

    def encode(self, images):
        """Turns uint8 images (n, size, size, 3) into float32 grids (n, rows, cols, channels)."""
        size = self.image_size
        if np.shape(images)[1:] != (size, size, 3):
            raise Img2TweetError(f"{self.name}: expected images (n, {size}, {size}, 3), got {np.shape(images)}")
        if self._compiled is None:
            self._compiled = _compile(self.model)
        return self._compiled(self.preprocess(images))

    @property
    def fingerprint(self):
        """Hex digest of the name, the preprocessing and the weights as they are now: equal means equal features."""
        digest = hashlib.sha256(f"{self.name}|{self.image_size}|{RESIZING}".encode())
        for variable in self.model.weights:
            digest.update(f"|{variable.shape}|".encode())
            digest.update(np.ascontiguousarray(variable.numpy()))
        return digest.hexdigest()

    def config(self):
        """Returns what `encoder_from_config` needs, as a dict for JSON."""
        return {
            "name": self.name,
            "weights": self.weights,
            "source": self.source,
            "fingerprint": self.fingerprint,
            "image_size": self.image_size,
            "resizing": RESIZING,
            "grid_shape": list(self.grid_shape),
            **({"trained": True} if self.trained else {}),
        }


def _load_auto(weights):
    if weights is not None:
        raise Img2TweetError(f"encoder auto chooses its own weights; to use {weights}, name the encoder it belongs to")
    try:
        encoder = load_encoder(INCEPTION)
        log(f"encoder auto: {INCEPTION}, {encoder.weights}")
    except Img2TweetError as error:
        encoder = load_encoder(LITE0)
        log(f"encoder auto: {LITE0}, {encoder.weights}, because: {error}")
    return encoder


def _load_lite0(weights):
    from img2tweet_tf.features import efficientnet_lite0 as lite0

    model = lite0.efficientnet_lite0()
    source = None
    if weights is None:
        lite0.load_published_weights(model)
        description = f"ImageNet, {lite0.PACKAGE.replace('==', ' ')}"
    else:
        description, source = _load_given(model, LITE0, weights)
    return Encoder(LITE0, model, lite0.preprocess_input, description, source)


def _load_keras_application(wanted, name, weights):
    builders = _keras_applications()
    if wanted not in builders:
        known = ", ".join([LITE0, INCEPTION, "resnet50", "mobilenetv2", "efficientnetv2b0", "convnexttiny"])
        raise Img2TweetError(f"no encoder is called {name!r}; known: auto, {known}, ... (all of keras.applications)")
    build = builders[wanted]
    name = INCEPTION if wanted == _plain(INCEPTION) else wanted
    size = _SIZES.get(wanted, 224)
    at_home = data_home() / "weights" / f"{name}_notop.weights.h5"
    source = None
    if weights is None and not at_home.is_file():
        model, description = _build_with_imagenet(build, name, size), "ImageNet, keras.applications"
    else:
        model = build(include_top=False, weights=None, input_shape=(size, size, 3))
        description, source = _load_given(model, name, at_home if weights is None else weights)
        source = None if weights is None else source
    return Encoder(name, model, sys.modules[build.__module__].preprocess_input, description, source)


def _build_with_imagenet(build, name, size):
    what = f"ImageNet weights of {name}"
    try:
        with bounded_downloads(what):
            return build(include_top=False, weights="imagenet", input_shape=(size, size, 3))
    except Img2TweetError:
        raise
    except Exception as error:  # keras raises bare exceptions when a download breaks off or its hash is wrong
        raise Img2TweetError(f"{what} could not be loaded ({_one_line(error)}); give a file by weights=") from None


def _load_given(model, name, weights):
    """Fills a model from a file or with random numbers. Returns the description and the source for `config`."""
    if str(weights) == RANDOM:
        _randomize(model)
        log(f"encoder {name}: random weights; its features mean nothing")
        return "random, seed 0", RANDOM
    path = Path(os.path.expanduser(weights)).absolute()
    if not path.is_file():
        raise Img2TweetError(f"encoder {name}: no weights file {path}")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", ".*(skipping|could not be loaded|freshly)")  # half-loaded is not loaded
            model.load_weights(path)
    except Exception as error:  # h5py and keras raise errors of many kinds on files that don't fit
        raise Img2TweetError(f"{path}: no Keras weights of {name} without classifier ({_one_line(error)})") from None
    return f"file {path.name}", str(path)


def _randomize(model):
    """Draws every kernel anew (He et al. 2015), the same ones each time; other weights keep their starting values."""
    rng = np.random.default_rng(0)
    for variable in model.weights:
        if len(variable.shape) > 1:
            depthwise = "depthwise" in variable.path
            fan_in = math.prod(variable.shape[:2] if depthwise else variable.shape[:-1])
            variable.assign(rng.normal(0, math.sqrt(2 / fan_in), variable.shape).astype(np.float32))


def _compile(model):
    """Compiles inference, array to array, for batches of any length. Without XLA: on a CPU it is 20 times slower."""
    from img2tweet_tf.utils.backend import tf

    function = tf.function(lambda inputs: model(inputs, training=False))
    graph = function.get_concrete_function(tf.TensorSpec((None, *model.input_shape[1:]), tf.float32))
    return lambda images: graph(tf.constant(images)).numpy()


def _keras_applications():
    from img2tweet_tf.utils.backend import keras

    builders = {}
    for name, build in vars(keras.applications).items():
        if name[0].isupper() and callable(build):
            builders[_plain(name)] = build
    return builders


def _plain(name):
    return str(name).lower().replace("_", "").replace("-", "")


def _one_line(error):
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."
