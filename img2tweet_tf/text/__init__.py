"""Tweets to tokens to ids and back: tokenizer, vocabulary, GloVe; statistics of tweets, and texts as vectors."""

import importlib

from img2tweet_tf.text.embedding import Coverage, embedding_matrix
from img2tweet_tf.text.glove import load_glove
from img2tweet_tf.text.tokenizer import clean, detokenize, is_placeholder, tokenize
from img2tweet_tf.text.vectors import hashtag_topics, mean_vectors, tf_idf
from img2tweet_tf.text.vocabulary import Vocabulary

__all__ = [
    "STATISTICS", "Coverage", "Vocabulary", "clean", "detokenize", "embedding_matrix", "hashtag_topics",
    "is_placeholder", "load_glove", "mean_vectors", "text_statistics", "tf_idf", "tokenize", "word_growth",
    "word_ranks",
]  # fmt: skip


_STATISTICS = ("STATISTICS", "text_statistics", "word_growth", "word_ranks")


def __getattr__(name):
    if name in _STATISTICS:  # on first use, so that `python -m ....statistics` runs it once
        return getattr(importlib.import_module("img2tweet_tf.text.statistics"), name)
    raise AttributeError(f"module 'img2tweet_tf.text' has no attribute {name!r}")
