"""Captions among the tweets of a training, so that the captioner does not forget what images show."""

from dataclasses import dataclass

import numpy as np

from img2tweet_tf.features import Features, extract_features
from img2tweet_tf.training.batches import make_batches, make_ids
from img2tweet_tf.training.corpus import read_corpus

CAPTIONING = "@caption"  # who posts the captions, where a captioner reads who posts: it must know which text is wanted


@dataclass
class Captions:
    """Captions to be mixed in: `rows` (captions,) of their images in `features`, `ids` (captions, n, time), `facts`.

    Each caption stands for itself, as the one text of its image. Of the world it is told that `CAPTIONING` posts.
    """

    features: Features
    rows: np.ndarray
    ids: np.ndarray
    facts: dict | None


def read_captions(pairs, encoder, vocabulary, n, time, reader=None):
    """Returns the `Captions` of pairs, ids of a shape (n, time) for each.

    Args:
        pairs: `Pairs`.
        encoder: `Encoder`.
        vocabulary: the captioner's `Vocabulary`.
        reader: the `ContextReader` of a captioner with context.
    """
    features = extract_features(pairs, encoder)
    corpus = read_corpus(pairs, features, "caption")
    rows = np.repeat(corpus.rows, [len(texts) for texts in corpus.tokens])
    ids = make_ids([[tokens] for tokens in corpus.flat_tokens()], vocabulary, time, n)
    facts = reader.read([[("account", CAPTIONING)]] * len(rows), vocabulary)[0] if reader else None
    return Captions(features, rows, ids, facts)


def mixed_batches(examples, share, batch_size, order):
    """Returns batches of all train texts and, in each pass, of other captions: as many as make a share of its texts.

    Args:
        examples: `Examples` with `captions`.
        share: in 0..1, exclusive.
        batch_size: texts a batch.
        order: function from a count to the places 0 to count - 1 in the order of a pass.
    """
    ids, captions = examples.ids["train"], examples.captions
    count, more = len(ids), round(len(ids) * share / (1 - share))
    facts = examples.facts["train"] and {
        name: np.concatenate([array, captions.facts[name]]) for name, array in examples.facts["train"].items()
    }

    def places():
        chosen = np.concatenate([np.arange(count), count + np.resize(order(len(captions.ids)), more)])
        return chosen[order(len(chosen))]

    def read_images(places):
        grids = np.empty((len(places), *captions.features.grid_shape), np.float32)
        own = places < count
        grids[own] = examples.features.grid(examples.train.rows[places[own]], np.float32)
        grids[~own] = captions.features.grid(captions.rows[places[~own] - count], np.float32)
        return grids

    return make_batches(np.concatenate([ids, captions.ids]), read_images, batch_size, places, facts, count + more)
