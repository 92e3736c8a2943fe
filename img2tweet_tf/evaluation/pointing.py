"""The pointing game: when a captioner writes the name of an object, does it look at that object?

A caption's word is judged if it names an object of the image whose box is known; of a name of several words the last.
The model reads the caption that a person wrote, and the peak of its attention before that word is a hit if the centre
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
from PIL import Image

from img2tweet_tf.batches import gatherer, usable_pairs, worded_texts
from img2tweet_tf.console import Img2TweetError, notice, progress
from img2tweet_tf.evaluation.bootstrap import bootstrap_interval, paired_bootstrap
from img2tweet_tf.evaluation.evaluate import split_part
from img2tweet_tf.pairs import split_pairs
from img2tweet_tf.text import clean, tokenize

SEEN = 0.1  # share of an object that must be visible for its box to count
_MEAN = "length"  # one of the bootstrap's metrics that are a plain mean over images
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height


@dataclass
class Looks:
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
        names = {found["name"] for pair in pairs for found in _objects(pair)}
        nouns = sample_nouns() if pairs.is_sample else literal_nouns(names)
    looks = named_looks(captioner, part, features, nouns, target, texts)
    train = split_pairs(pairs)["train"]
    prior = box_prior(train, looks.inside.shape[1:])
    return pointing_rows(looks, prior if prior.any() else None, captioner.model.name, samples, seed)


def pointing_rows(looks, prior=None, system="model", samples=2000, seed=0):
    """Scores looks, however they were had.

    Args:
        looks: `Looks`.
        prior: float (rows, cols), how many training boxes hold a cell; None leaves "box prior" out.
        system: the model's name.
        samples, seed: see `pointing_game`.

    Returns:
        list of dicts: "system", "looks" (who points), "rate" in 0..1 with the ends "low" and "high" of its 95 %
        interval, "images" and "words" judged. "looks" is "attention" (over layers and heads the mean), then the
        baselines, whose rows hold also "gain", "gain_low" and "gain_high": attention minus baseline, paired by image;
        then "ceiling". Of a model with layers and heads also "layer" (mean over its heads) with its number "layer",
        from 1, and "best head" with "layer" and "head": chosen by its rate on one random half of the images
        ("rate_where_chosen"), scored on the other half, where all heads together score "rate_of_mean".
    """
    several = looks.maps.ndim == 5
    attention = looks.maps.mean(axis=(1, 2)) if several else looks.maps
    tally = _Tally(looks.images, system, samples, seed)
    shares = tally.shares(_hits(attention, looks.inside))
    grid = looks.inside.shape[1:]
    baselines = {
        "image map": looks.overall[looks.images],
        "mean map": looks.overall.mean(axis=0),
        **({} if prior is None else {"box prior": prior}),
        "chance": np.ones(grid),
    }
    rows = [tally.row("attention", shares)]
    for name, maps in baselines.items():
        without = tally.shares(_hits(np.broadcast_to(maps, looks.inside.shape), looks.inside))
        gain = paired_bootstrap({_MEAN: shares}, {_MEAN: without}, _MEAN, samples, seed)
        rows.append(tally.row(name, without) | dict(zip(("gain", "gain_low", "gain_high"), gain, strict=True)))
    rows.append(tally.row("ceiling", tally.shares(looks.inside.any(axis=(1, 2)).astype(float))))
    if several:
        for number, of_layer in enumerate(np.moveaxis(looks.maps.mean(axis=2), 1, 0), 1):
            rows.append(tally.row("layer", tally.shares(_hits(of_layer, looks.inside))) | {"layer": number})
        rows += _best_head(looks, shares, tally, seed)
    return rows


def named_looks(captioner, pairs, features, nouns, target="caption", texts=5, batch_size=16):
    """Returns the `Looks` of a captioner that reads what people wrote about `pairs`; for arguments see `pointing_game`.

    Words that the vocabulary lacks, and images none of whose words names an object that can be seen, are left out.
    """
    model, vocabulary = captioner.model, captioner.vocabulary
    if not model.attends:
        raise Img2TweetError(f"pointing game: expected a captioner with attention maps, got {model.name}")
    pairs, finder = usable_pairs(pairs, features, target), _Finder(nouns)
    examples, unknown = [], 0
    for pair, its_texts in zip(pairs, worded_texts(pairs, target), strict=True):
        boxes, ids, words = boxes_of(pair), [vocabulary.encode(text) for text in its_texts[:texts]], []
        for row, text in enumerate(its_texts[:texts]):
            named = [(row, place, boxes[name]) for place, name in finder.find(text) if name in boxes]
            known = [word for word in named if ids[row][word[1] + 1] != vocabulary.UNK]
            unknown += len(named) - len(known)
            words += known
        if words:
            examples.append((pair.id, ids, words))
    if unknown:
        notice(f"pointing game: {unknown} names of objects left out, {model.name} does not know the word")
    if len(examples) < len(pairs):
        notice(f"pointing game: {len(pairs) - len(examples)} of {len(pairs)} images left out, no word names an object")
    if not examples:
        raise Img2TweetError(f'{pairs.name}: no {target} names an object of its image (the "objects" of pairs.jsonl)')
    return _read(model, gatherer(model, features), examples, features, batch_size)


def named_words(text, nouns):
    """Returns which words of a raw text name objects: list of (place among its tokens, name); for `nouns` see above.

    The longest phrase counts ("palm tree" is no tree), and of a phrase its last word.
    """
    return _Finder(nouns).find(text)


def sample_nouns():
    """Returns the nouns of the sample world's captions: dict of phrase -> kind of thing, "" for its places."""
    from img2tweet_tf.sample.caption_words import EMPTY, NAMES, PLACES
    from img2tweet_tf.sample.facts import KINDS

    places = [*EMPTY.values(), *(place for several in PLACES.values() for place in several)]
    kinds = {kind: NAMES.get(kind) or ((kind, kind + "s"),) for kind in KINDS}
    things = {noun.lower(): kind for kind, names in kinds.items() for numbers in names for noun in numbers}
    return dict.fromkeys(places, "") | things


def literal_nouns(names):
    """Returns dict of phrase -> name for any names of objects: the name itself, and its plural by the rules."""
    nouns = {}
    for name in sorted(names):
        word = name.lower().replace("_", " ")
        endings = {"y": "ies", "f": "ves", "fe": "ves", "man": "men", "person": "people", "child": "children"}
        plurals = [word.removesuffix(end) + many for end, many in endings.items() if word.endswith(end)]
        nouns |= dict.fromkeys([word + "s", word + "es", *plurals], name)
    return nouns | {name.lower().replace("_", " "): name for name in names}  # "glasses" are not many a glass


def boxes_of(pair):
    """Returns dict of name -> boxes, float (n, 4) of left, top, right, bottom in shares of the picture, of one pair."""
    objects = [found for found in _objects(pair) if found.get("visible", 1.0) >= SEEN]
    if not objects:
        return {}
    with Image.open(pair.path) as image:
        width, height = image.size[::-1] if image.getexif().get(0x0112) in _SIDEWAYS else image.size
    boxes = {}
    for found in objects:
        boxes.setdefault(found["name"], []).append(np.array(found["box"]) / (width, height, width, height))
    return {name: np.array(its_boxes) for name, its_boxes in boxes.items()}


def box_prior(pairs, grid):
    """Returns how many boxes of all pairs hold the centre of each cell of a `grid` (rows, cols): float (rows, cols)."""
    prior = np.zeros(grid)
    for pair in pairs:
        for boxes in boxes_of(pair).values():
            prior += sum(cells_inside(box[None], grid) for box in boxes)
    return prior


def cells_inside(boxes, grid):
    """Returns whether the centre of each cell lies in one of the boxes (n, 4), in shares: bool (rows, cols)."""
    rows, cols = grid
    y, x = (np.arange(rows) + 0.5) / rows, (np.arange(cols) + 0.5) / cols
    left, top, right, bottom = np.asarray(boxes, float).T[..., None]
    down, across = (top <= y) & (y < bottom), (left <= x) & (x < right)
    return (down[:, :, None] & across[:, None, :]).any(axis=0)


class _Finder:
    """Finds the phrases of `nouns` in texts, as the tokenizer splits both."""

    def __init__(self, nouns):
        self.names = {tuple(_words(phrase)): name for phrase, name in nouns.items()}
        self.longest = max(map(len, self.names), default=0)

    def find(self, text):
        words, found, at = _words(text), [], 0
        while at < len(words):
            for length in range(min(self.longest, len(words) - at), 0, -1):
                name = self.names.get(tuple(words[at : at + length]))
                if name is not None:
                    found += [(at + length - 1, name)] if name else []
                    at += length
                    break
            else:
                at += 1
        return found


class _Tally:
    """Makes rows from hits of words: `images` says which image each word is of."""

    def __init__(self, images, system, samples, seed):
        self.images, self.system, self.bootstrap = images, system, {"samples": samples, "seed": seed}

    def shares(self, hits):
        """Returns the share of hits of each image (images,)."""
        return np.bincount(self.images, hits) / np.bincount(self.images)

    def row(self, looks, shares, words=None):
        value, low, high = bootstrap_interval({_MEAN: shares}, _MEAN, **self.bootstrap)
        row = {"system": self.system, "looks": looks, "rate": value, "low": low, "high": high}
        return {**row, "images": len(shares), "words": len(self.images) if words is None else words}


def _read(model, gather, examples, features, batch_size):
    """Runs the model over examples (pair id, ids of its texts, words) and keeps what the words' looks are."""
    most = max(len(ids) for _, ids, _ in examples)
    time = max(len(row) for _, ids, _ in examples for row in ids)
    maps, inside, images, overall = [], [], [], []
    for start in progress(range(0, len(examples), batch_size), "attention maps", unit="batch"):
        batch = examples[start : start + batch_size]
        ids = np.zeros((len(batch), most, time), np.int32)
        for image, (_, texts, _) in enumerate(batch):
            for row, text in enumerate(texts):
                ids[image, row, : len(text)] = text
        weights = model.attention(gather(features.rows([pair_id for pair_id, _, _ in batch])), ids.reshape(-1, time))
        weights = weights.reshape(len(batch), most, *weights.shape[1:])
        for image, (_, texts, words) in enumerate(batch):
            read = np.concatenate([weights[image, row, : len(text) - 2] for row, text in enumerate(texts)])
            overall.append(read.reshape(len(read), -1, *read.shape[-2:]).mean(axis=(0, 1)))
            maps += [weights[image, row, place] for row, place, _ in words]
            inside += [cells_inside(boxes, weights.shape[-2:]) for _, _, boxes in words]
            images += [start + image] * len(words)
    return Looks(np.array(maps), np.array(inside), np.array(images), np.array(overall))


def _hits(maps, inside):
    """Returns for each map (words, rows, cols) whether its peak is inside, 0 or 1; of equal peaks the mean."""
    peaks = maps == maps.max(axis=(1, 2), keepdims=True)
    return (peaks & inside).sum(axis=(1, 2)) / peaks.sum(axis=(1, 2))


def _best_head(looks, shares, tally, seed):
    """Returns the row "best head" in a list, empty where there are too few images to choose and to score."""
    count = len(shares)
    if count < 2:
        return []
    order = np.random.default_rng(seed).permutation(count)
    chosen_on, scored_on = order[: count // 2], order[count // 2 :]
    heads = [(layer, head) for layer in range(looks.maps.shape[1]) for head in range(looks.maps.shape[2])]
    scores = [tally.shares(_hits(looks.maps[:, layer, head], looks.inside)) for layer, head in heads]
    best = int(np.argmax([its[chosen_on].mean() for its in scores]))
    words = int(np.isin(looks.images, scored_on).sum())
    row = tally.row("best head", scores[best][scored_on], words)
    row |= {"layer": heads[best][0] + 1, "head": heads[best][1] + 1}
    return [row | {
        "rate_where_chosen": float(scores[best][chosen_on].mean()), "rate_of_mean": float(shares[scored_on].mean()),
    }]  # fmt: skip


def _objects(pair):
    return pair.record.get("objects") or []


def _words(text):
    return [token.lower() for token in tokenize(clean(text))]
