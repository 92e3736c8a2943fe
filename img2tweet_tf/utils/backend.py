"""Keras and TensorFlow, imported here once, without the lines TensorFlow prints at its start."""

import contextlib
import functools
import os
import sys
from pathlib import Path


@contextlib.contextmanager
def _silent_start():
    """Sends what C++ prints to standard error into nothing: those lines come before any logging level is heard."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


with _silent_start():
    import keras
    import tensorflow as tf

tf.get_logger().setLevel("ERROR")  # else it warns of every further captioner that a notebook compiles

__all__ = ["fast_bfloat16", "keras", "product_dtype", "tf"]


@functools.cache
def fast_bfloat16():
    """Whether the processor multiplies matrices of bfloat16 natively and there is no GPU (Linux; elsewhere no)."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return ("avx512_bf16" in flags or "amx_bf16" in flags) and not tf.config.list_physical_devices("GPU")


def product_dtype():
    """Returns the dtype policy of the captioners' large products: "mixed_bfloat16" where that is faster.

    The environment variable IMG2TWEET_BFLOAT16=0 makes it "float32" everywhere.
    """
    return "mixed_bfloat16" if os.environ.get("IMG2TWEET_BFLOAT16") != "0" and fast_bfloat16() else "float32"
