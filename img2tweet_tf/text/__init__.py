"""Tweets to tokens to ids and back: tokenizer, vocabulary, word vectors."""

from img2tweet_tf.text.embedding import Coverage, embedding_matrix
from img2tweet_tf.text.glove import load_glove
from img2tweet_tf.text.known_texts import KnownTexts
from img2tweet_tf.text.tokenizer import clean, detokenize, is_placeholder, tokenize, without_marks
from img2tweet_tf.text.vocabulary import Vocabulary

__all__ = [
    "Coverage", "KnownTexts", "Vocabulary", "clean", "detokenize", "embedding_matrix", "is_placeholder", "load_glove",
    "tokenize", "without_marks",
]  # fmt: skip
