"""The pointing game: when a captioner writes the name of an object, does it look at that object?

A caption's word is judged if it names an object of the image whose box is known; of a name of several words the last.
The model reads the reference caption, and the peak of its attention before that word is a hit if the centre
of the peak's cell lies in a box of an object of that name. Images are stretched whole to the encoder's square, so cell
(r, c) covers [c / cols, (c + 1) / cols] of the width. Among equal peaks one is drawn: a flat map scores as chance does.
A rate is the mean over images of the share of an image's words that hit; intervals are over images.

The baselines play the same game without the word: where this model looks in this image on average ("image map"), where
it looks on average in all images ("mean map"), the cell that is inside most boxes of the training images ("box prior"),
and a random cell ("chance"). "ceiling" is what a perfect look would score: some boxes hold the centre of no cell.

Source: Zhang et al. 2016, "Top-down neural attention by excitation backprop", section 4.2, here without its margin of
15 pixels and with the mean over images in place of that over categories.
"""

from dataclasses import dataclass

import numpy as np

from img2tweet_tf.datasets.pairs import split_pairs
from img2tweet_tf.evaluation.bootstrap import bootstrap_interval, paired_bootstrap
from img2tweet_tf.evaluation.evaluate import split_part
from img2tweet_tf.evaluation.named_objects import (
    Finder,
    box_prior,
    boxes_of,
    cells_inside,
    literal_nouns,
    objects_of,
    sample_nouns,
)
from img2tweet_tf.generation import attention_maps
from img2tweet_tf.training import read_corpus
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, progress

_MEAN = "length"  # one of the bootstrap's metrics that are a plain mean over images


@dataclass
class NamedAttention:
    """Where a model looks when it writes names of objects.

    `maps` float (words, rows, cols) or (words, layers, heads, rows, cols); `inside` bool (words, rows, cols): cells
    whose centre is in a box of what the word names; `images` int (words,), counted from 0; `overall` float (images,
    rows, cols): the mean over all words of an image's texts, those that name nothing too, and over layers and heads.
    """

    maps: np.ndarray
    inside: np.ndarray
    images: np.ndarray
    overall: np.ndarray


def pointing_game(
    captioner, pairs, features, *, split="test", target="caption", texts=5, nouns=None, samples=2000, seed=0
):
    """Plays the pointing game on the images of a split.

    Args:
        captioner: a `Captioner` whose model attends; all that is read of it is `model` and `vocabulary`.
        pairs: `Pairs` with "objects", all parts; the train part gives the box prior.
        features: `Features` of the split, of the captioner's encoder.
        split: "train", "val", "test" or "all".
        target: which texts the model reads, "caption" or "tweet".
        texts: of each image at most so many.
        nouns: dict of lower-case phrase -> name of the objects it stands for, "" where it stands for none ("train
            station"); None takes the sample world's own, or of other pairs each name itself and its plural.
        samples, seed: of the bootstrap; `seed` also divides the images for "best head".

    Returns:
        list of dicts, see `pointing_rows`.

    Raises:
        Img2TweetError: the model does not attend, or no word of the texts names an object.
    """
    part = split_part(pairs, split)
    if nouns is None:
        names = {found["name"] for pair in pairs for found in objects_of(pair)}
        nouns = sample_nouns() if pairs.is_sample else literal_nouns(names)
    attended = attention_at_names(captioner, part, features, nouns, target, texts)
    train = split_pairs(pairs)["train"]
    prior = box_prior(train, attended.inside.shape[1:])
    return pointing_rows(attended, prior if prior.any() else None, captioner.model.name, samples, seed)


def pointing_rows(attended, prior=None, system="model", samples=2000, seed=0):
    """Scores attention at the names of objects.

    Args:
        attended: `NamedAttention`.
        prior: float (rows, cols), how many training boxes hold a cell; None leaves "box prior" out.
        system: the model's name.
        samples, seed: see `pointing_game`.

    Returns:
        list of dicts: "system", "method" (what points), "rate" in 0..1 with the ends "low" and "high" of its 95 %
        interval, "images" and "words" judged. "method" is "attention" (over layers and heads the mean), then the
        baselines, whose rows hold also "gain", "gain_low" and "gain_high": attention minus baseline, paired by image;
        then "ceiling". Of a model with layers and heads also "layer" (mean over its heads) with its number "layer",
        from 1, and "best head" with "layer" and "head": chosen by its rate on one random half of the images
        ("rate_where_chosen"), scored on the other half, where all heads together score "rate_of_mean".
    """
    several = attended.maps.ndim == 5
    attention = attended.maps.mean(axis=(1, 2)) if several else attended.maps
    tally = _Tally(attended.images, system, samples, seed)
    shares = tally.shares(_hits(attention, attended.inside))
    grid = attended.inside.shape[1:]
    baselines = {
        "image map": attended.overall[attended.images],
        "mean map": attended.overall.mean(axis=0),
        **({} if prior is None else {"box prior": prior}),
        "chance": np.ones(grid),
    }
    rows = [tally.row("attention", shares)]
    for name, maps in baselines.items():
        without = tally.shares(_hits(np.broadcast_to(maps, attended.inside.shape), attended.inside))
        gain = paired_bootstrap({_MEAN: shares}, {_MEAN: without}, _MEAN, samples, seed)
        rows.append(tally.row(name, without) | dict(zip(("gain", "gain_low", "gain_high"), gain, strict=True)))
    rows.append(tally.row("ceiling", tally.shares(attended.inside.any(axis=(1, 2)).astype(float))))
    if several:
        for number, of_layer in enumerate(np.moveaxis(attended.maps.mean(axis=2), 1, 0), 1):
            rows.append(tally.row("layer", tally.shares(_hits(of_layer, attended.inside))) | {"layer": number})
        rows += _best_head(attended, shares, tally, seed)
    return rows


def attention_at_names(captioner, pairs, features, nouns, target="caption", texts=5, batch_size=16):
    """Returns the `NamedAttention` of a captioner that reads the references; for arguments see `pointing_game`.

    Words that the vocabulary lacks, and images none of whose words names an object that can be seen, are left out.
    """
    model, vocabulary = captioner.model, captioner.vocabulary
    corpus, finder = read_corpus(pairs, features, target), Finder(nouns)
    examples, unknown = [], 0
    for pair, image, its_texts, tokens in zip(corpus.pairs, corpus.rows, corpus.texts, corpus.tokens, strict=True):
        boxes, ids, words = boxes_of(pair), [vocabulary.encode(text) for text in tokens[:texts]], []
        for row, text in enumerate(its_texts[:texts]):
            named = [(row, place, boxes[name]) for place, name in finder.find(text) if name in boxes]
            known = [word for word in named if ids[row][word[1] + 1] != vocabulary.UNK]
            unknown += len(named) - len(known)
            words += known
        if words:
            examples.append((image, ids, words))
    if unknown:
        log(f"pointing game: {unknown} names of objects left out, {model.name} does not know the word")
    if len(examples) < len(corpus):
        left = len(corpus) - len(examples)
        log(f"pointing game: {left} of {len(corpus)} images left out, no word names an object")
    if not examples:
        raise Img2TweetError(f'{pairs.name}: no {target} names an object of its image (the "objects" of pairs.jsonl)')
    return _read(model, examples, features, batch_size)


class _Tally:
    """Makes rows from hits of words: `images` says which image each word is of."""

    def __init__(self, images, system, samples, seed):
        self.images, self.system, self.bootstrap = images, system, {"samples": samples, "seed": seed}

    def shares(self, hits):
        """Returns the share of hits of each image (images,)."""
        return np.bincount(self.images, hits) / np.bincount(self.images)

    def row(self, method, shares, words=None):
        value, low, high = bootstrap_interval({_MEAN: shares}, _MEAN, **self.bootstrap)
        row = {"system": self.system, "method": method, "rate": value, "low": low, "high": high}
        return {**row, "images": len(shares), "words": len(self.images) if words is None else words}


def _read(model, examples, features, batch_size):
    """Runs the model over examples (row, ids of its texts, words) and keeps the attention before each word."""
    most = max(len(ids) for _, ids, _ in examples)
    time = max(len(row) for _, ids, _ in examples for row in ids)
    maps, inside, images, overall = [], [], [], []
    for start in progress(range(0, len(examples), batch_size), "attention maps", unit="batch"):
        batch = examples[start : start + batch_size]
        ids = np.zeros((len(batch), most, time), np.int32)
        for image, (_, texts, _) in enumerate(batch):
            for row, text in enumerate(texts):
                ids[image, row, : len(text)] = text
        weights = attention_maps(model, features.grid([row for row, _, _ in batch]), ids)
        for image, (_, texts, words) in enumerate(batch):
            read = np.concatenate([weights[image, row, : len(text) - 2] for row, text in enumerate(texts)])
            overall.append(read.reshape(len(read), -1, *read.shape[-2:]).mean(axis=(0, 1)))
            maps += [weights[image, row, place] for row, place, _ in words]
            inside += [cells_inside(boxes, weights.shape[-2:]) for _, _, boxes in words]
            images += [start + image] * len(words)
    return NamedAttention(np.array(maps), np.array(inside), np.array(images), np.array(overall))


def _hits(maps, inside):
    """Returns for each map (words, rows, cols) whether its peak is inside, 0 or 1; of equal peaks the mean."""
    peaks = maps == maps.max(axis=(1, 2), keepdims=True)
    return (peaks & inside).sum(axis=(1, 2)) / peaks.sum(axis=(1, 2))


def _best_head(attended, shares, tally, seed):
    """Returns the row "best head" in a list, empty where there are too few images to choose and to score."""
    count = len(shares)
    if count < 2:
        return []
    order = np.random.default_rng(seed).permutation(count)
    chosen_on, scored_on = order[: count // 2], order[count // 2 :]
    heads = [(layer, head) for layer in range(attended.maps.shape[1]) for head in range(attended.maps.shape[2])]
    scores = [tally.shares(_hits(attended.maps[:, layer, head], attended.inside)) for layer, head in heads]
    best = int(np.argmax([its[chosen_on].mean() for its in scores]))
    words = int(np.isin(attended.images, scored_on).sum())
    row = tally.row("best head", scores[best][scored_on], words)
    row |= {"layer": heads[best][0] + 1, "head": heads[best][1] + 1}
    return [row | {
        "rate_where_chosen": float(scores[best][chosen_on].mean()), "rate_of_mean": float(shares[scored_on].mean()),
    }]  # fmt: skip
