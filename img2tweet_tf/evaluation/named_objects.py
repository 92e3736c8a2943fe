"""Names of objects in texts, and their boxes in pictures: what the pointing game is about."""

import numpy as np
from PIL import Image

from img2tweet_tf.text import clean, tokenize

SEEN = 0.1  # share of an object that must be visible for its box to count
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height


class Finder:
    """Finds phrases in texts, as the tokenizer splits both; `nouns` is a dict of phrase -> name, "" for no object."""

    def __init__(self, nouns):
        self.names = {tuple(_words(phrase)): name for phrase, name in nouns.items()}
        self.longest = max(map(len, self.names), default=0)

    def find(self, text):
        """Returns which words of a raw text name objects: list of (place among its tokens, name).

        The longest phrase counts ("palm tree" is no tree), and of a phrase its last word.
        """
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


def sample_nouns():
    """Returns the nouns of the sample world's captions: dict of phrase -> kind of thing, "" for its places."""
    from img2tweet_tf.sample.kinds import KINDS
    from img2tweet_tf.sample.settings import SETTINGS

    places = [words for setting in SETTINGS.values() for words in (setting.called, *setting.captions) if words]
    things = {noun.lower(): name for name, kind in KINDS.items() for numbers in kind.captions for noun in numbers}
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
    objects = [found for found in objects_of(pair) if found.get("visible", 1.0) >= SEEN]
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


def objects_of(pair):
    """Returns the objects that the record of a pair names, a list of dicts, empty without any."""
    return pair.record.get("objects") or []


def _words(text):
    return [token.lower() for token in tokenize(clean(text))]
