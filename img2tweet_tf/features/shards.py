"""The cache's files: shards of at most 64 float16 grids (`.npy`), each beside a `.json` that lists whose they are.

A key is the SHA-256 of an image file. A shard counts only if its sidecar is there and its checksum is right; anything
else is as good as absent, so deleting is safe and damage is mended by computing again.
"""

import functools
import hashlib
import json
import os
import zlib

import numpy as np

from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.paths import atomic_write

SHARD = 64
FLOAT16_MAX = 65504


def content_key(path):
    """Returns the SHA-256 of a file, read once in a session unless the file changes.

    Raises:
        OSError: the file cannot be read.
    """
    stat = os.stat(path)
    return _hash_file(os.fspath(path), stat.st_size, stat.st_mtime_ns)


def read_index(folder, grid_shape, wanted):
    """Returns a dict of key -> (shard file, position) of the sound shards that hold one of the wanted keys."""
    places = {}
    for sidecar in sorted(folder.glob("*.json")):
        array = sidecar.with_suffix(".npy")
        try:
            listing = json.loads(sidecar.read_text())
            keys = listing["keys"]
            if not any(key in wanted for key in keys) or _checksum(array) != listing["crc32"]:
                continue
            if np.lib.format.open_memmap(array, mode="r").shape != (len(keys), *grid_shape):
                continue
        except (OSError, ValueError, KeyError, TypeError):  # not a whole shard: its images are computed again
            continue
        places.update({key: (array, position) for position, key in enumerate(keys)})
    return places


class ShardWriter:
    """Collects grids and writes a shard whenever one is full; the rest when it is left, even by an interruption.

    Attributes:
        places: dict of key -> (shard file, position) of what has been written.
    """

    def __init__(self, folder):
        self.folder, self.places = folder, {}
        self._keys, self._grids = [], []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._keys:
            self._write()

    def add(self, keys, grids):
        """Takes grids (n, rows, cols, channels) of n keys.

        Raises:
            Img2TweetError: the folder cannot be written.
        """
        for key, grid in zip(keys, np.clip(grids, -FLOAT16_MAX, FLOAT16_MAX).astype(np.float16), strict=True):
            self._keys.append(key)
            self._grids.append(grid)
            if len(self._keys) == SHARD:
                self._write()

    def _write(self):
        keys, grids = self._keys, self._grids
        self._keys, self._grids = [], []
        array = self.folder / f"{hashlib.sha256(''.join(keys).encode()).hexdigest()[:24]}.npy"
        try:
            with atomic_write(array) as fresh:
                np.save(fresh, np.stack(grids))
            with atomic_write(array.with_suffix(".json")) as fresh:
                fresh.write_text(json.dumps({"keys": keys, "crc32": _checksum(array)}))
        except OSError as error:
            raise Img2TweetError(f"{self.folder}: cannot write the feature cache ({error.strerror})") from None
        self.places.update({key: (array, position) for position, key in enumerate(keys)})


def _checksum(path):
    stat = os.stat(path)
    return _crc32(os.fspath(path), stat.st_size, stat.st_mtime_ns)


# The size and the time of change are arguments so that a changed file is read again.


@functools.lru_cache(200_000)
def _hash_file(path, size, changed):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.lru_cache(20_000)
def _crc32(path, size, changed):
    crc = 0
    with open(path, "rb") as file:
        while block := file.read(1 << 22):
            crc = zlib.crc32(block, crc)
    return crc
