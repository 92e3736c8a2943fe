"""Image-tweet pairs: reading, writing, splitting; and reference sets of images and texts (MNIST, 20 Newsgroups)."""

from img2tweet_tf.datasets.pairs import Pair, Pairs, load_pairs, split_pairs
from img2tweet_tf.datasets.reference import LabelledSet, labelled, load_crisis_tweets, load_mnist, load_newsgroups

__all__ = [
    "LabelledSet", "Pair", "Pairs", "labelled", "load_crisis_tweets", "load_mnist", "load_newsgroups", "load_pairs",
    "split_pairs",
]  # fmt: skip
