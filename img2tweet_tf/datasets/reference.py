"""The classic sets that tweets are compared with: MNIST and 20 Newsgroups, by their libraries' loaders, or stand-ins.

Each is looked for in the data home, then in the library's cache, then downloaded by the library (11 and 14 MB); where
none of that works a small set from the package index stands in, and a line, and every figure, says so.
"""

import contextlib
import gzip
import json
from dataclasses import dataclass, replace

import numpy as np

from img2tweet_tf.utils.downloads import bounded_downloads
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log
from img2tweet_tf.utils.paths import data_home


@dataclass(frozen=True)
class LabelledSet:
    """Items and their classes.

    Attributes:
        name: for titles; it says what the set stands in for.
        items: images, uint8 (n, height, width) or (n, height, width, 3); or a list of n texts.
        labels: int (n,), places in `names`.
        names: list of the classes' names.
    """

    name: str
    items: object
    labels: np.ndarray
    names: list

    def __repr__(self):
        return f"LabelledSet({self.name}, {len(self):,} items in {len(self.names)} classes)"

    def __len__(self):
        return len(self.labels)

    def part(self, limit=None, seed=0):
        """Returns at most `limit` items, drawn at random; all of them without a limit."""
        if not limit or limit >= len(self):
            return self
        return self.rows(np.sort(np.random.default_rng(seed).choice(len(self), limit, replace=False)))

    def rows(self, rows):
        """Returns the items at some rows."""
        items = [self.items[row] for row in rows] if isinstance(self.items, list) else self.items[rows]
        return replace(self, items=items, labels=self.labels[rows])


def labelled(name, items, classes):
    """Returns a `LabelledSet` from classes given by name, one for each item."""
    names, labels = np.unique(np.asarray(classes, str), return_inverse=True)
    return LabelledSet(name, items, labels, [str(each) for each in names])


def load_mnist():
    """Returns MNIST's 60,000 training digits (LeCun et al.), or the 1,797 digits of scikit-learn in their place.

    In the data home it is `mnist.npz`, in the layout of keras.datasets.
    """
    try:
        x, y = _mnist()
    except Img2TweetError as error:
        log(f"{error}; scikit-learn's 1,797 digits of 8 x 8 pixels stand in for MNIST")
        from sklearn.datasets import load_digits

        digits = load_digits()
        images = np.round(digits.images * (255 / 16)).astype(np.uint8)
        return labelled("scikit-learn's digits (for MNIST)", images, digits.target)
    return labelled("MNIST", x, y)


def load_newsgroups(stand_in):
    """Returns 20 Newsgroups (Lang), without headers, footers and quotes, as far as a text has a word then.

    In the data home it is scikit-learn's cache, `20news-bydate_py3.pkz`.

    Args:
        stand_in: function without arguments that returns a `LabelledSet` to take where the newsgroups cannot be had.
    """
    try:
        found = _newsgroups()
    except Img2TweetError as error:
        other = stand_in()
        log(f"{error}; {other.name} stand in for 20 Newsgroups")
        return replace(other, name=f"{other.name} (for 20 Newsgroups)")
    rows = [row for row, text in enumerate(found.data) if any(map(str.isalpha, text))]
    log(f"20 Newsgroups: {len(rows):,} of {len(found.data):,} texts have a word beside headers, footers and quotes")
    everything = LabelledSet("20 Newsgroups", list(found.data), found.target, list(found.target_names))
    return everything.rows(np.array(rows))


def load_crisis_tweets():
    """Returns the tweets of `crisis_tweets.jsonl.gz` in the data home (CrisisMMD, Alam et al. 2018), None without it.

    Raises:
        Img2TweetError: a line of the file is not as it should be.
    """
    file = data_home() / "crisis_tweets.jsonl.gz"
    if not file.is_file():
        log(f"no {file.name} in the data home; the crisis tweets are left out")
        return None
    texts, classes = [], []
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                texts.append(record["text"])
                classes.append(record["category"])
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        where = f"{file.name} line {len(classes) + 1}"
        raise Img2TweetError(f'{where}: expected JSON with "text" and "category" ({error!r})') from None
    return labelled("crisis tweets", texts, classes)


def _mnist():
    file = data_home() / "mnist.npz"
    if file.is_file():
        try:
            with np.load(file) as arrays:
                return arrays["x_train"], arrays["y_train"]
        except (OSError, ValueError, KeyError) as error:
            raise Img2TweetError(f"{file}: expected x_train and y_train as in keras.datasets ({error})") from None
    from img2tweet_tf.utils.backend import keras

    with _said("MNIST"):
        return keras.datasets.mnist.load_data()[0]


def _newsgroups():
    from sklearn.datasets import fetch_20newsgroups

    at_home = (data_home() / "20news-bydate_py3.pkz").is_file()
    source = {"data_home": data_home(), "download_if_missing": False} if at_home else {"n_retries": 1}
    with _said("20 Newsgroups"):
        return fetch_20newsgroups(subset="all", remove=("headers", "footers", "quotes"), **source)


@contextlib.contextmanager
def _said(what):
    """Bounds a download, and turns what a loader raises into one line."""
    try:
        with bounded_downloads(what):
            yield
    except Img2TweetError:
        raise
    except Exception as error:  # loaders raise errors of many kinds on broken files and downloads
        raise Img2TweetError(f"{what} could not be loaded ({' '.join(str(error).split())[:160]})") from None
