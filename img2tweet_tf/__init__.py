"""img2tweet: write the tweet that a person would have posted with an image.

The names below are the package's public face; each is imported from its module when it is first used, so that
`import img2tweet_tf` prints nothing, asks the network for nothing, and does not wait for TensorFlow.
"""

import importlib

_MODULES = {
    "load_pairs": "datasets",
    "split_pairs": "datasets",
    "make_sample": "sample",
    "load_encoder": "features",
    "extract_features": "features",
    "Vocabulary": "text",
    "load_glove": "text",
    "GloVeLSTM": "models",
    "ShowAttendTell": "models",
    "ShowAndTell": "models",
    "TransformerCaptioner": "models",
    "TrainConfig": "training",
    "decode": "generation",
    "Captioner": "captioner",
    "load_captioner": "captioner",
    "train": "training",
    "evaluate": "evaluation",
    "run_folder": "utils.paths",
    "Img2TweetError": "utils.errors",
}
__all__ = list(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module 'img2tweet_tf' has no attribute {name!r}")
    return getattr(importlib.import_module(f"img2tweet_tf.{_MODULES[name]}"), name)


def __dir__():
    return __all__
