"""Tweets to tokens to ids and back: the tokenizer, the vocabulary, and GloVe word vectors."""

from .embedding import Coverage, embedding_matrix
from .glove import load_glove
from .tokenizer import clean, detokenize, is_placeholder, tokenize
from .vocabulary import Vocabulary

__all__ = [
    "Coverage", "Vocabulary", "clean", "detokenize", "embedding_matrix", "is_placeholder", "load_glove", "tokenize",
]  # fmt: skip
