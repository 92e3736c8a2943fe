"""The swap test: how much more likely is a reference text given its own image than given another image of the set?

The difference of log-likelihoods is what the captioner reads from the image; the rest of its score is knowing how
people write. It is in nats per token: at 0.69 a token is twice as likely.
"""

from dataclasses import dataclass

import numpy as np

from img2tweet_tf.evaluation.bootstrap import bootstrap_interval
from img2tweet_tf.evaluation.likelihood import corpus_nats
from img2tweet_tf.text import Vocabulary
from img2tweet_tf.training import make_ids, read_corpus, shift


@dataclass
class Swap:
    """Log-likelihoods of reference texts given their own image and another one.

    `words` list (texts) of lists of str, the last of each "(end)"; `gains` list (texts) of float arrays beside them;
    `pair_ids` list (texts). `own` and `swapped` are mean nats a word on the right and on the wrong image; `gain` is the
    `Interval` of the mean over texts of their difference a word.
    """

    words: list
    gains: list
    pair_ids: list
    own: float
    swapped: float
    gain: tuple


def swap_test(captioner, pairs, features, target="tweet", samples=2000):
    """Reads the first text of each pair on its own image and on that of the pair half the set further on.

    Args:
        captioner: a `Captioner`.
        pairs: `Pairs`, such as the test part.
        features: `Features` of them, of the captioner's encoder.
        target: which text is read, "tweet" or "caption".

    Returns:
        `Swap`.
    """
    corpus, vocabulary = read_corpus(pairs, features, target), captioner.vocabulary
    length = max(len(texts[0]) for texts in corpus.tokens) + 2
    ids = make_ids(corpus.tokens, vocabulary, length, n=1)
    _, targets, weights = shift(ids)
    rows = np.concatenate([corpus.rows, np.roll(corpus.rows, -(len(corpus) // 2))])
    nats = corpus_nats(captioner, features, rows, np.tile(ids, (2, 1, 1)))[:, 0]
    own, swapped, targets, weights = nats[: len(corpus)], nats[len(corpus) :], targets[:, 0], weights[:, 0]
    gains = (swapped - own) * weights
    words = [[*(vocabulary.words[word] for word in row if word > Vocabulary.END), "(end)"] for row in targets]
    mean_gains = gains.sum(axis=1) / weights.sum(axis=1)
    return Swap(
        words=words,
        gains=[row[: len(its_words)] for row, its_words in zip(gains, words, strict=True)],
        pair_ids=[pair.id for pair in corpus.pairs],
        own=float((own * weights).sum() / weights.sum()),
        swapped=float((swapped * weights).sum() / weights.sum()),
        gain=bootstrap_interval({"length": mean_gains}, "length", samples),
    )
