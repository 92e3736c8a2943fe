"""Seconds and memory of UMAP on the full classic sets, against umap-learn as it comes."""

import subprocess
import sys
import time

import table

TEXTS = 18_846


def digits(name):
    """60,000 digits of 784 pixels."""
    _compare(name, "digits")


def newsgroups(name):
    """18,846 documents by TF-IDF."""
    _compare(name, "newsgroups")


def _compare(name, what):
    """Each side maps in a process of its own, since peaks of memory are a process's; prints the line."""
    sides = {}
    for side in ("plain", "ours"):
        lines = subprocess.run([sys.executable, __file__, what, side], check=True, capture_output=True, text=True)
        sides[side] = lines.stdout.split()
    (plain, plain_peak), (ours, peak) = ([float(number) for number in sides[side][:2]] for side in ("plain", "ours"))
    against = f"umap-learn's defaults, {sides['ours'][2]} points, same seed"
    sides = [f"{seconds:.0f} s, {most:.2f} GB" for seconds, most in ((ours, peak), (plain, plain_peak))]
    table.row(name, against, sides[0], f"{plain / ours:.2f}", sides[1])


def _points(what):
    """Returns the set (n, d) and its metric: the real one where it can be had, else random numbers of its shape."""
    import numpy as np

    from img2tweet_tf.analysis import tf_idf
    from img2tweet_tf.datasets.reference import labelled, load_mnist, load_newsgroups

    rng = np.random.default_rng(0)
    if what == "digits":
        found = load_mnist()
        if len(found) < 60_000:
            clouds = rng.standard_normal((10, 784), "float32")[rng.integers(10, size=60_000)]
            return clouds + rng.standard_normal((60_000, 784), "float32"), "euclidean"
        return found.items.reshape(len(found), -1) / np.float32(255), "euclidean"
    found = load_newsgroups(lambda: labelled("none", [], []))
    texts = found.items or [" ".join(map("w{}".format, rng.zipf(1.3, 80) % 30_000)) for _ in range(TEXTS)]
    return tf_idf(texts)[0], "cosine"


def _measure(what, side):
    """Prints the seconds and the peak of anonymous memory (GB, 2**30 bytes) of one map, and the number of points."""
    import warnings

    from memory import Peak

    from img2tweet_tf.analysis.projection import umap_map

    points, metric = _points(what)
    umap_map(points[:200], metric)  # compiles
    warnings.simplefilter("ignore")
    from umap import UMAP

    with Peak() as peak:
        started = time.perf_counter()
        if side == "ours":
            umap_map(points, metric)
        else:
            UMAP(metric=metric, random_state=0).fit_transform(points)
        seconds = time.perf_counter() - started
    print(f"{seconds:.1f} {peak.most:.2f} {points.shape[0]:,}")


if __name__ == "__main__":
    _measure(*sys.argv[1:])
