"""The features of many images, computed once and kept on disk: float16, memory-mapped, keyed by image content.

One folder an encoder (its name, preprocessing and weights). Data sets share images, an interrupted run goes on where it
stopped, and deleting anything in it is safe.
"""

import functools
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from img2tweet_tf.features.images import read_image
from img2tweet_tf.features.shards import ShardWriter, content_key, read_index
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import progress, report_problems
from img2tweet_tf.utils.paths import writable_home

AHEAD = 64  # images decoded before they are asked for
OPEN_SHARDS = 256  # memory maps kept open at a time; each holds a file descriptor


def extract_features(pairs, encoder, root=None, batch_size=32):
    """Computes the features of every image that the cache does not have yet.

    Args:
        pairs: sequence of items with `.id` (string) and `.path` (of the image).
        encoder: an `Encoder`.
        root: folder of caches; by default `features` in the data home.
        batch_size: images encoded at a time.

    Returns:
        `Features` of all pairs whose image can be read. The others are named, counted, and listed in its `problems`.

    Raises:
        Img2TweetError: no image at all can be read, or the cache cannot be written.
    """
    fingerprint = encoder.fingerprint
    root = writable_home() / "features" if root is None else Path(root)
    folder = root / f"{encoder.name}-{fingerprint[:16]}"
    keys, problems = _content_keys(pairs)
    paths = {keys[pair.id]: pair.path for pair in pairs if pair.id in keys}
    places = read_index(folder, encoder.grid_shape, paths)
    missing = [key for key in paths if key not in places]
    broken = {}
    decoded = zip(missing, _decode_images([paths[key] for key in missing], encoder.image_size), strict=True)
    decoded = progress(decoded, f"{encoder.name} features", total=len(missing), unit="image")
    with ShardWriter(folder) as writer:
        for batch_keys, images in _sound_batches(decoded, batch_size, broken):
            writer.add(batch_keys, encoder.encode(images))
    places.update(writer.places)
    problems += [f"{pair.id}: {broken[keys[pair.id]]}" for pair in pairs if keys.get(pair.id) in broken]
    report_problems(problems, "images")
    keys = {pair_id: key for pair_id, key in keys.items() if key in places}
    if not keys:
        raise Img2TweetError(f"none of {len(pairs)} images can be read; the first is {(problems or ['missing'])[0]}")
    return Features(keys, places, encoder.name, fingerprint, encoder.grid_shape, problems)


def encode_sources(sources, encoder, batch_size=32):
    """Encodes a few images (list of what `read_image` reads) without the cache.

    Returns:
        Grids float32 (len(sources), rows, cols, channels), zeros where an image cannot be read; and a dict of position
        in `sources` -> problem (one line) for those.
    """
    grids = np.zeros((len(sources), *encoder.grid_shape), np.float32)
    problems = {}
    decoded = enumerate(_decode_images(sources, encoder.image_size))
    for positions, images in _sound_batches(decoded, batch_size, problems):
        grids[positions] = encoder.encode(images)
    return grids, problems


def encode_images(images, encoder, batch_size=32):
    """Encodes uint8 images (n, height, width) or (n, height, width, 3) that lie in no files, without the cache.

    Returns:
        Mean features float32 (n, channels). Each image is stretched to the encoder's square (bilinear).
    """
    size, pooled = (encoder.image_size, encoder.image_size), []
    starts = range(0, len(images), batch_size)
    for start in progress(starts, f"{encoder.name} features", unit="batch"):
        part = (Image.fromarray(image).convert("RGB") for image in images[start : start + batch_size])
        squares = np.stack([np.asarray(image.resize(size, Image.Resampling.BILINEAR)) for image in part])
        pooled.append(encoder.encode(squares).mean(axis=(1, 2)))
    return np.concatenate(pooled) if pooled else np.zeros((0, encoder.grid_shape[-1]), np.float32)


def read_pixels(pairs, size=32):
    """Reads the images of pairs as uint8 (n, size, size, 3).

    Raises:
        Img2TweetError: one can't be read; leave it out first (`Features.has`).
    """
    return np.stack([read_image(pair.path, size) for pair in pairs])


class Features:
    """The grids of a set of pairs, gathered from memory-mapped shards.

    Attributes:
        ids: pairs that have features, in the order of the pairs.
        keys: dict of id -> content key (SHA-256 of the image file): equal keys are the same picture.
        encoder_name, fingerprint: what made them.
        grid_shape: (rows, cols, channels).
        problems: one line for every pair left out.
    """

    def __init__(self, keys, places, encoder_name, fingerprint, grid_shape, problems):
        self.ids, self.keys, self.problems = list(keys), keys, problems
        self.encoder_name, self.fingerprint, self.grid_shape = encoder_name, fingerprint, tuple(grid_shape)
        self._row = {pair_id: row for row, pair_id in enumerate(self.ids)}
        files = {places[key][0]: None for key in keys.values()}
        number = {file: shard for shard, file in enumerate(files)}
        self._files = list(files)
        self._shard = np.array([number[places[key][0]] for key in keys.values()])
        self._offset = np.array([places[key][1] for key in keys.values()])
        self._open = functools.lru_cache(OPEN_SHARDS)(functools.partial(np.lib.format.open_memmap, mode="r"))
        self._pooled = None

    def __repr__(self):
        return f"Features({len(self):,} images, {' x '.join(map(str, self.grid_shape))}, {self.encoder_name})"

    def __len__(self):
        return len(self.ids)

    def has(self, pair_id):
        """Whether the pair's image could be read."""
        return pair_id in self._row

    def rows(self, ids):
        """Returns the row numbers of ids, an int array (n,).

        Raises:
            Img2TweetError: one of them has no features.
        """
        absent = [pair_id for pair_id in ids if pair_id not in self._row]
        if absent:
            raise Img2TweetError(f"{len(absent)} of {len(ids)} ids have no features, first {absent[0]!r}; ask .has(id)")
        return np.array([self._row[pair_id] for pair_id in ids], np.int64)

    def grid(self, rows, dtype=np.float16):
        """Gathers the grids (n, rows, cols, channels) of row numbers (n,), in their order, repeats allowed."""
        rows = np.asarray(rows, np.int64)
        grids = np.empty((len(rows), *self.grid_shape), dtype)
        for shard, members in self._by_shard(rows):
            grids[members] = self._open(self._files[shard])[self._offset[rows[members]]]
        return grids

    def pooled(self, rows=None):
        """Returns the mean over the grid's cells, float32 (n, channels), of row numbers (n,) or of all."""
        if self._pooled is None:
            self._pooled = np.empty((len(self), self.grid_shape[-1]), np.float32)
            for shard, members in self._by_shard(np.arange(len(self))):
                grids = self._open(self._files[shard])[self._offset[members]]
                self._pooled[members] = grids.astype(np.float32).mean((1, 2))
        return self._pooled if rows is None else self._pooled[np.asarray(rows, np.int64)]

    def _by_shard(self, rows):
        """Yields (shard number, positions in `rows` of those that live there)."""
        shards = self._shard[rows]
        for shard in np.unique(shards):
            yield shard, np.flatnonzero(shards == shard)


def _content_keys(pairs):
    """Hashes every image file. Returns a dict of id -> key, and problems of files that cannot be read."""
    keys, problems = {}, []
    for pair in progress(pairs, "looking for known images", total=len(pairs), unit="image"):
        try:
            keys[pair.id] = content_key(pair.path)
        except OSError as error:
            problems.append(f"{pair.id}: {pair.path}: {error.strerror}")
    return keys, problems


def _decode_images(sources, size):
    """Reads images in a few threads, ahead of use. Yields uint8 pixels, or an Img2TweetError, in order."""
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        waiting = deque()
        try:
            for source in sources:
                waiting.append(pool.submit(_try_read, source, size))
                if len(waiting) == AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _try_read(source, size):
    try:
        return read_image(source, size)
    except Img2TweetError as error:
        return error


def _sound_batches(decoded, batch_size, problems):
    """Groups (name, pixels) into (names, uint8 (n, size, size, 3)); what could not be read goes into `problems`."""
    names, images = [], []
    for name, image in decoded:
        if isinstance(image, Img2TweetError):
            problems[name] = str(image)
            continue
        names.append(name)
        images.append(image)
        if len(names) == batch_size:
            yield names, np.stack(images)
            names, images = [], []
    if names:
        yield names, np.stack(images)
