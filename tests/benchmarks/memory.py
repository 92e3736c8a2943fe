"""Anonymous memory (what has no file behind it) while `fit` trains on more grids than memory should hold."""

import re
import tempfile
import threading
from pathlib import Path

import numpy as np
import table

IMAGES, TEXTS, BATCH, STEPS, SHARD = 10_000, 5, 32, 40, 64


def run(name, goal):
    """Trains on `STEPS` batches of images from all over the 10,000; prints the peak in GB (2**30 bytes)."""
    if _anonymous() is None:
        return table.note(name, "not measured: needs RssAnon in /proc/self/status (Linux)")
    from plain import DROPOUT, GRID, SIZES, VOCABULARY, WORDS

    from img2tweet_tf.models import ShowAttendTell
    from img2tweet_tf.training import compile_captioner, make_batches, new_captioner

    rng, started = np.random.default_rng(0), _anonymous()
    rows = np.sort(rng.choice(IMAGES, STEPS * BATCH, replace=False))
    ids = rng.integers(4, VOCABULARY, (len(rows), TEXTS, WORDS + 1)).astype("int32")
    with tempfile.TemporaryDirectory() as folder, Peak() as peak:
        features = _features(Path(folder), GRID)
        batches = make_batches(ids, lambda places: features.grid(rows[places], np.float32), BATCH)
        model = new_captioner(ShowAttendTell, GRID, vocabulary_size=VOCABULARY, **SIZES, dropout=DROPOUT)
        compile_captioner(model).fit(batches, verbose=0, shuffle=False)
    held = IMAGES * np.prod(GRID) * 4 / 2**30
    against = f"all {IMAGES:,} grids held; {STEPS} x {BATCH} x {TEXTS} texts"
    ours, before = f"{peak.most:.2f} GB", f"from {started:.2f} GB"
    table.row(name, against, ours, f"{peak.most / held:.2f}", before, goal=f"< {goal} GB", met=peak.most < goal)


def _features(folder, grid_shape):
    """Returns `Features` of all images in shards as the cache has them: zeros, so that the files take no room."""
    from img2tweet_tf.features import Features

    places = {}
    for start in range(0, IMAGES, SHARD):
        file = folder / f"{start}.npy"
        size = min(SHARD, IMAGES - start)
        np.lib.format.open_memmap(file, mode="w+", dtype=np.float16, shape=(size, *grid_shape))
        places.update({str(start + place): (file, place) for place in range(size)})
    return Features({key: key for key in places}, places, "none", "", grid_shape, [])


class Peak:
    """Samples the anonymous memory of this process every 5 ms; `most` is the highest, in GB."""

    def __enter__(self):
        self.most, self._stop = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._stop.set()
        self._thread.join()

    def _watch(self):
        while not self._stop.wait(0.005):
            self.most = max(self.most, _anonymous())


def _anonymous():
    try:
        found = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return None
    return int(found[1]) / 2**20 if found else None
