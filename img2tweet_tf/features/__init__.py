"""Image -> grid of CNN features: encoders by name, and the on-disk cache. Importing this loads no TensorFlow."""

from img2tweet_tf.features.encoders import Encoder, encoder_from_config, load_encoder
from img2tweet_tf.features.images import image_name, list_images, read_image
from img2tweet_tf.features.store import Features, encode_images, encode_sources, extract_features, read_pixels

__all__ = [
    "Encoder",
    "Features",
    "encode_images",
    "encode_sources",
    "encoder_from_config",
    "extract_features",
    "image_name",
    "list_images",
    "load_encoder",
    "read_image",
    "read_pixels",
]
