"""Training the image encoder's last layers with a captioner, the way Keras teaches it: frozen first, then unfrozen.

A captioner learns from cached features first, its encoder frozen. Then both train as one functional model on pixels, at
a tenth of the learning rate. Pictures may be varied, in ways that leave what is said of them true.
"""

import hashlib
import math

import numpy as np
from PIL import Image

from img2tweet_tf.features import Encoder, read_image
from img2tweet_tf.utils.backend import keras
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log

SMALLEST, STEEPEST = 0.85, 3.0  # scale, degrees
RATE = 0.1  # of the captioner's learning rate


def end_to_end(encoder, captioner, n, time):
    """Returns pixels -> encoder -> captioner as one functional model.

    {"image": preprocessed pixels (B, size, size, 3), "ids": (B, n, time)} -> logits (B, n, time, V).
    """
    image = keras.Input((encoder.image_size, encoder.image_size, 3), name="image")
    ids = keras.Input((n, time), dtype="int32", name="ids")
    grid = AsInInference(encoder.model)(image)
    model = keras.Model({"image": image, "ids": ids}, captioner({"image": grid, "ids": ids}), name="end_to_end")
    model.training_defaults = captioner.training_defaults
    return model


class AsInInference(keras.layers.Layer):
    """Runs a network as in inference while it trains, too: batch normalisation keeps the statistics it came with.

    `network(x, training=False)` within a functional model would not: in Keras 3 the `training` of the whole wins.
    """

    def __init__(self, network):
        super().__init__()
        self.network = network

    def call(self, x):
        return self.network(x, training=False)


def unfrozen_copy(encoder, share):
    """Returns an `Encoder` with weights of its own, of which only the last layers train.

    Args:
        encoder: an `Encoder`; it stays as it is.
        share: in 0..1, at most this share of its parameters trains; of the last layer with weights at least.

    Raises:
        Img2TweetError: the encoder is no network of Keras layers.
    """
    if not hasattr(getattr(encoder, "model", None), "layers"):
        raise Img2TweetError(f"encoder {encoder.name} can't be trained: it is no network of Keras layers")
    model = keras.models.clone_model(encoder.model)
    model.set_weights(encoder.model.get_weights())
    left, trained = share * model.count_params(), 0
    for layer in reversed(model.layers):
        left -= layer.count_params()
        layer.trainable = left >= 0 or not trained
        trained += layer.count_params()
    log(f"{encoder.name}: {_trainable(model):,} of its {model.count_params():,} parameters train")
    return Encoder(encoder.name, model, encoder.preprocess, encoder.weights, encoder.source, encoder.trained)


def read_pictures(paths, encoder, version=0):
    """Reads image files for `end_to_end`, each varied as its version number says: float32 (n, size, size, 3)."""
    return encoder.preprocess(np.stack([vary(read_image(path, encoder.image_size), version) for path in paths]))


def vary(image, version):
    """Returns a picture, uint8 (size, size, 3), made smaller, moved and turned a little, as its version number says.

    All of it stays in sight, nothing is mirrored and no colour changes, so what is true of a picture stays true of it:
    what is in it and how many, on which side, at what time of day, what is written there. Its edges are repeated
    around it. The same pixels and the same version give the same result; version 0 is the picture itself.
    """
    if version == 0:
        return image
    size = len(image)
    seed = int.from_bytes(hashlib.sha256(np.ascontiguousarray(image)).digest()[:8])
    random = np.random.default_rng([version, seed])
    angle = math.radians(random.uniform(-STEEPEST, STEEPEST))
    sin, cos = math.sin(angle), math.cos(angle)
    spread = cos + abs(sin)  # side of the upright square around a turned one
    scale = random.uniform(SMALLEST, 1 / spread)
    move = random.uniform(-0.5, 0.5, 2) * (1 - scale * spread) * size
    margin = size // 4  # more than any corner of the result lies outside
    padded = Image.fromarray(np.pad(image, ((margin, margin), (margin, margin), (0, 0)), mode="edge"))
    turn = np.array([[cos, sin], [-sin, cos]]) / scale  # from the result back to the picture, around both centres
    start = size / 2 + margin - turn @ (move + size / 2)
    rows = np.column_stack([turn, start]).ravel().tolist()
    return np.array(padded.transform((size, size), Image.Transform.AFFINE, rows, Image.Resampling.BILINEAR))


def _trainable(model):
    return sum(math.prod(variable.shape) for variable in model.trainable_weights)
