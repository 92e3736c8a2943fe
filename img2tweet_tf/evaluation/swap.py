"""The swap test: how much likelier are people's words on their own image than on another one of the set?

What a text gains from its image is what the captioner has learned to see. The rest of its score is knowing how people
write. Gains are in nats for each word: 0.69 makes a word twice as likely.
"""

from dataclasses import dataclass

import numpy as np

from img2tweet_tf.batches import gatherer, shift, usable_pairs, worded_texts
from img2tweet_tf.evaluation.bootstrap import bootstrap_interval
from img2tweet_tf.text import Vocabulary


@dataclass
class Swap:
    """What images tell of texts.

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


def swap_test(captioner, pairs, features, target="tweet", samples=2000, batch_size=32):
    """Reads the first text of each pair on its own image and on that of the pair half the set further on.

    Args:
        captioner: a `Captioner`.
        pairs: `Pairs`, such as the test part.
        features: `Features` of them, of the captioner's encoder.
        target: which text is read, "tweet" or "caption".

    Returns:
        `Swap`.
    """
    pairs = usable_pairs(pairs, features, target)
    texts = [its_texts[0] for its_texts in worded_texts(pairs, target)]
    vocabulary, model = captioner.vocabulary, captioner.model
    rows = features.rows([pair.id for pair in pairs])
    others = np.roll(rows, -(len(rows) // 2))
    ids = vocabulary.encode_batch(texts, max(len(vocabulary.encode(text)) for text in texts))
    inputs, targets, weights = shift(ids)
    gather = gatherer(model, features)
    own, swapped = (_nats(model, gather, seen, inputs, targets, batch_size) for seen in (rows, others))
    gains = (swapped - own) * weights
    words = [[*(vocabulary.words[word] for word in row if word > Vocabulary.END), "(end)"] for row in targets]
    mean_gains = gains.sum(axis=1) / weights.sum(axis=1)
    return Swap(
        words=words,
        gains=[row[: len(its_words)] for row, its_words in zip(gains, words, strict=True)],
        pair_ids=[pair.id for pair in pairs],
        own=float((own * weights).sum() / weights.sum()),
        swapped=float((swapped * weights).sum() / weights.sum()),
        gain=bootstrap_interval({"length": mean_gains}, "length", samples),
    )


def _nats(model, gather, rows, inputs, targets, batch_size):
    """Returns the nats (texts, time) of target ids (texts, time) on the images in rows (texts,)."""
    from img2tweet_tf.models.caption_model import cross_entropy

    parts = []
    for start in range(0, len(rows), batch_size):
        part = slice(start, start + batch_size)
        logits = model({"features": gather(rows[part]), "ids": inputs[part]})
        parts.append(np.array(cross_entropy(logits, targets[part])[0], np.float64))
    return np.concatenate(parts)
