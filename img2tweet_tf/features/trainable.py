"""Training an encoder's last blocks: where to cut it in two, and pictures that vary without becoming untrue.

The lower part stays as it is, so its outputs are cached like any features; the upper part trains with a captioner. What
varies is settled beforehand: a picture has a few versions, each cached too, and the epochs take turns.
"""

import hashlib
import math

import numpy as np
from PIL import Image

from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.features.encoders import Encoder

SHARE = 0.4  # of the parameters; one or two blocks of most backbones
VERSIONS = 4
SMALLEST, STEEPEST = 0.85, 3.0  # scale, degrees
_VARYING = "smaller, moved, turned, edges repeated, version 1"  # part of the cache keys of versions


def trainable_copy(encoder):
    """Returns an `Encoder` with the same weights in variables of its own: training it leaves the given one as it is.

    Raises:
        Img2TweetError: the encoder is no network of Keras layers.
    """
    from img2tweet_tf.backend import keras

    model = keras.models.clone_model(_network(encoder))
    model.set_weights(encoder.model.get_weights())
    return Encoder(encoder.name, model, encoder.preprocess, encoder.weights, encoder.source, encoder.trained)


def split_encoder(encoder, share=SHARE):
    """Cuts an encoder in two at a layer whose output is all that the rest needs: no connection goes past it.

    Of all such layers it is the first with at most `share` of the parameters above it; where none has that few, the
    last with a kernel above it.

    Args:
        encoder: an `Encoder`.
        share: over 0, at most 1; 1 leaves nothing but the preprocessing below.

    Returns:
        `(lower, upper)`: an `Encoder` up to the cut, whose `grid_shape` is the shape there, and a `keras.Model` from
        there to the encoder's grid. Both are made of the encoder's own layers: what trains one trains the encoder.

    Raises:
        Img2TweetError: a share out of range, or an encoder that is no network of Keras layers.
    """
    from img2tweet_tf.backend import keras

    network = _network(encoder)
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share <= 1:
        raise Img2TweetError(f"expected a share of the encoder over 0 and at most 1, got {share}")
    cuts = _cuts(network)
    most = share * network.count_params()
    place, tensor = next(((place, tensor) for place, tensor, above in cuts if above <= most), cuts[-1][:2])
    below = keras.Model(network.input, tensor)
    lower = Encoder(f"{encoder.name}_to_{place}", below, encoder.preprocess, encoder.weights, encoder.source)
    return lower, keras.Model(tensor, network.output, name=f"{encoder.name}_upper")


class Version:
    """Stands for an `Encoder` in `extract_features`: the same encoder, of version `number` of every picture.

    Version 0 is the picture as it is; see `vary` for the others.
    """

    def __init__(self, encoder, number):
        self.encoder, self.number = encoder, number
        self.name = f"{encoder.name}_version_{number}"
        self.image_size, self.grid_shape = encoder.image_size, encoder.grid_shape

    def encode(self, images):
        """Turns uint8 images (n, size, size, 3) into float32 grids (n, rows, cols, channels)."""
        return self.encoder.encode(np.stack([vary(image, self.number) for image in images]))

    @property
    def fingerprint(self):
        """Hex digest: equal means equal features."""
        varying = f"{self.encoder.fingerprint}|{_VARYING}|{SMALLEST}|{STEEPEST}|{self.number}"
        return hashlib.sha256(varying.encode()).hexdigest()


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


def _network(encoder):
    """Returns an encoder's graph of Keras layers."""
    model = getattr(encoder, "model", None)
    if not hasattr(model, "operations"):
        raise Img2TweetError(f"encoder {encoder.name} can't be trained: it is no network of Keras layers")
    return model


def _cuts(network):
    """Returns (number of the layer, its output, parameters above it) wherever one tensor is all that goes on.

    Layers come in an order in which each follows its inputs, so a cut is a place in that order that all but one of the
    tensors made before it don't reach. Cuts without a kernel (a weight of two dimensions or more) above are left out.
    """
    from img2tweet_tf.backend import keras

    layers = network.operations
    last_use = {id(tensor): len(layers) for tensor in keras.tree.flatten(network.output)}
    for place in reversed(range(1, len(layers))):
        for tensor in keras.tree.flatten(layers[place].input):
            last_use.setdefault(id(tensor), place)
    weights = [getattr(layer, "weights", []) for layer in layers]
    cuts, under_way = [], {}
    for place, layer in enumerate(layers):
        under_way.update({id(tensor): tensor for tensor in keras.tree.flatten(layer.output)})
        under_way = {name: tensor for name, tensor in under_way.items() if last_use[name] > place}
        above = [variable for its_weights in weights[place + 1 :] for variable in its_weights]
        if len(under_way) == 1 and any(len(variable.shape) > 1 for variable in above):
            cuts.append((place, next(iter(under_way.values())), sum(math.prod(each.shape) for each in above)))
    return cuts
