"""From a pairs folder to a saved captioner: settings, batches, loss, callbacks, and `train`, which joins them.

Training is Keras's: `compile_captioner(model)`, then `model.fit(make_batches(...), ...)`.
"""

import importlib

_FILES = {
    "Corpus": "corpus", "read_corpus": "corpus",
    "TrainConfig": "config",
    "make_batches": "batches", "make_ids": "batches", "shift": "batches", "word_counts": "batches",
    "WarmUp": "optimization", "compile_captioner": "optimization", "set_seed": "optimization",
    "new_captioner": "initialization",
    "train": "pipeline",
}  # fmt: skip
__all__ = list(_FILES)


def __getattr__(name):  # on first use: reading a config or a corpus waits for no TensorFlow
    if name not in _FILES:
        raise AttributeError(f"module 'img2tweet_tf.training' has no attribute {name!r}")
    return getattr(importlib.import_module(f"img2tweet_tf.training.{_FILES[name]}"), name)
