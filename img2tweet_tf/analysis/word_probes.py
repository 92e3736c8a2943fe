"""How much of a text an image can tell at all: a linear probe for each word.

Asked of pooled image features by ridge regression, cross-validated: do texts with this word have other images than
texts without it? The same with images shuffled among texts says what chance looks like.
"""

from collections import Counter

import numpy as np
import regex

from img2tweet_tf.analysis.probes import compressed_images, wins
from img2tweet_tf.text import tokenize
from img2tweet_tf.utils.errors import Img2TweetError

_WORD = regex.compile(r"#?[\p{L}\p{N}_']*\p{L}[\p{L}\p{N}_']*")
FOLDS, STRENGTH, LEAST = 5, 30.0, 15


def probe_words(texts, images, least=LEAST, seed=0):
    """Probes every word that stands in `least` texts or more.

    Args:
        texts: list of raw strings, one for each image.
        images: (n, channels) pooled features, in the order of texts.
        least: number of texts; a word that all but fewer than `least` have is left out, too.
        seed: int, of folds and shuffling.

    Returns:
        list of dicts, best first: "word", "texts" (that have it), "auc" (0..1; 0.5 is chance: the share of pairs, one
        text with the word and one without, in which the probe scores the former's image higher, within folds) and
        "shuffled", the same with images shuffled.

    Raises:
        Img2TweetError: as many texts as images are expected, and a word in enough of them.
    """
    if len(texts) != len(images):
        raise Img2TweetError(f"probe_words: {len(texts)} texts and {len(images)} images")
    found = [{token.lower() for token in tokenize(text)} for text in texts]
    counts = Counter(word for words in found for word in words if _WORD.fullmatch(word))
    words = sorted(word for word, count in counts.items() if least <= count <= len(texts) - least)
    if not words:
        raise Img2TweetError(f"probe_words: no word stands in {least} of {len(texts)} texts or more")
    has = np.array([[word in each for word in words] for each in found])
    images = compressed_images(np.asarray(images, np.float32), seed)
    shuffled = images[np.random.default_rng(seed).permutation(len(images))]
    auc, chance = _auc(images, has, seed), _auc(shuffled, has, seed)
    rows = [
        {"word": word, "texts": counts[word], "auc": float(a), "shuffled": float(b)}
        for word, a, b in zip(words, auc, chance, strict=True)
    ]
    return sorted(rows, key=lambda row: -row["auc"])


def visible_share(rows, level=0.95):
    """Returns what share of words is told better than `level` of words are by shuffled images; by chance 1 - level."""
    threshold = np.quantile([row["shuffled"] for row in rows], level)
    return float(np.mean([row["auc"] > threshold for row in rows]))


def _auc(images, has, seed):
    """Returns the cross-validated AUC (words,) of each column of `has` (n, words)."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import KFold

    right, total = np.zeros(has.shape[1]), np.zeros(has.shape[1])
    for train, test in KFold(FOLDS, shuffle=True, random_state=seed).split(images):
        scores = Ridge(STRENGTH).fit(images[train], has[train].astype(np.float32)).predict(images[test])
        for word in range(has.shape[1]):
            won = wins(scores[:, word], has[test, word])
            right[word] += won.sum()
            total[word] += won.size
    return right / np.maximum(total, 1)
