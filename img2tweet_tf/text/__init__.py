"""Tweets to tokens to ids and back: the tokenizer, the vocabulary, GloVe word vectors; and statistics of tweets."""

import importlib

from img2tweet_tf.text.embedding import Coverage, embedding_matrix
from img2tweet_tf.text.glove import load_glove
from img2tweet_tf.text.tokenizer import clean, detokenize, is_placeholder, tokenize
from img2tweet_tf.text.vocabulary import Vocabulary

__all__ = [
    "STATISTICS", "Coverage", "Vocabulary", "clean", "detokenize", "embedding_matrix", "is_placeholder", "load_glove",
    "text_statistics", "tokenize",
]  # fmt: skip


def __getattr__(name):
    if name in ("STATISTICS", "text_statistics"):  # on first use, so that `python -m ....statistics` runs it once
        return getattr(importlib.import_module("img2tweet_tf.text.statistics"), name)
    raise AttributeError(f"module 'img2tweet_tf.text' has no attribute {name!r}")
