"""Pairs whose image and text can be used: each text cleaned and tokenized once, each image's row looked up once."""

from dataclasses import dataclass

import numpy as np

from img2tweet_tf.datasets.pairs import Pairs, check_target
from img2tweet_tf.text import clean, tokenize
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, report_problems


@dataclass(frozen=True)
class Corpus:
    """Images with their texts, one entry a pair.

    Attributes:
        pairs: `Pairs`.
        rows: int (pairs,), where the image's features are.
        texts: list of lists of str, the raw texts that have words in them.
        tokens: beside `texts`, each as a list of tokens.
    """

    pairs: Pairs
    rows: np.ndarray
    texts: list
    tokens: list

    def __len__(self):
        return len(self.pairs)

    def flat_tokens(self):
        """Returns the tokens of all texts: a list of lists of str."""
        return [tokens for of_pair in self.tokens for tokens in of_pair]


def read_corpus(pairs, features, target):
    """Returns the `Corpus` of the pairs that have features and a text; names or counts those without a text.

    Args:
        pairs: `Pairs`.
        features: `Features` of them.
        target: "tweet" or "caption".

    Raises:
        Img2TweetError: none is left, and why.
    """
    check_target(target)
    key, other = ("text", "caption") if target == "tweet" else ("captions", "tweet")
    with_text = pairs.where(lambda pair: any(pair.texts(target)))
    if not with_text and len(pairs):
        raise Img2TweetError(f'{pairs.name}: no pair has a "{key}"; try the target {other}')
    if len(with_text) < len(pairs):
        log(f'{pairs.name}: {len(pairs) - len(with_text)} of {len(pairs)} pairs have no "{key}"')
    entries, bare = [], []
    for pair in with_text:
        texts = [(text, tokens) for text in pair.texts(target) if (tokens := tokenize(clean(text)))]
        if not texts:
            bare.append(f'{pair.id}: nothing but links and marks in "{pair.texts(target)[0]}"')
        elif features.has(pair.id):
            entries.append((pair, *zip(*texts, strict=True)))
    report_problems(bare, "texts")
    if not entries:
        raise Img2TweetError(f"{pairs.name}: none of {len(pairs)} pairs has a readable image and a text with words")
    kept, texts, tokens = zip(*entries, strict=True)
    rows = features.rows([pair.id for pair in kept])
    kept = Pairs(kept, pairs.folder, pairs.name, pairs.whole)
    return Corpus(kept, rows, list(map(list, texts)), list(map(list, tokens)))
