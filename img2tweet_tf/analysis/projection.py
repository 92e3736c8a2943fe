"""Projecting points to maps of two or three dimensions, and how well classes separate there and before.

A map shows what its method makes of the data. So each comes with numbers that ask the same of the full space, of the
map, and of labels that mean nothing.
"""

import warnings

import numpy as np

from img2tweet_tf.utils.errors import Img2TweetError

COMPONENTS = 50  # principal components that UMAP starts from: neighbours hardly change, and memory is bounded
NEIGHBOURS, EPOCHS = 15, 200
DRAWS, DRAWN = 5, 1500  # subsamples that numbers are means over, and points in each


def pca_map(inputs, dimensions=3, seed=0):
    """Projects points to their first principal components.

    Args:
        inputs: float (n, d).
        dimensions: of the map, at most n and d.
        seed: int, of the randomized solver (Halko et al. 2011).

    Returns:
        points float32 (n, dimensions), and the share of the variance that each of them explains (dimensions,), 0..1.

    Raises:
        Img2TweetError: too few points, or numbers that are none.
    """
    from sklearn.decomposition import PCA

    inputs = _checked(inputs, dimensions, dimensions)
    pca = PCA(dimensions, svd_solver="randomized", random_state=seed)
    points = pca.fit_transform(inputs)
    return points.astype(np.float32), pca.explained_variance_ratio_


def umap_map(inputs, metric="euclidean", seed=0, neighbours=NEIGHBOURS, min_distance=0.1, epochs=EPOCHS):
    """Projects points to two dimensions by UMAP (McInnes, Healy and Melville 2018).

    Repeatable, so on one core. Time and memory are bounded: it starts from `COMPONENTS` principal components (of sparse
    inputs: a truncated singular value decomposition), lays out from the first two of them instead of from eigenvectors
    of the graph, and takes 200 epochs for any number of points.

    Args:
        inputs: float (n, d), an array or a sparse matrix.
        metric: "euclidean", or "cosine": then points of length 1 are compared.
        seed: int.
        neighbours: n_neighbors of umap-learn: how local the picture is.
        min_distance: min_dist of umap-learn: how tightly points may lie.
        epochs: n_epochs of umap-learn.

    Returns:
        points float32 (n, 2).

    Raises:
        Img2TweetError: no more points than neighbours, numbers that are none, or an unknown metric.
    """
    if metric not in ("euclidean", "cosine"):
        raise Img2TweetError(f'expected the metric "euclidean" or "cosine", got {metric!r}')
    reduced = _compressed(_checked(inputs, neighbours + 1), seed, unit=metric == "cosine")
    import img2tweet_tf.utils.backend  # noqa: F401  umap imports TensorFlow, which would print its start

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap import UMAP

    settings = {"n_neighbors": neighbours, "min_dist": min_distance, "n_epochs": epochs, "init": _start(reduced)}
    umap = UMAP(**settings, random_state=seed, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed means one core
        return umap.fit_transform(reduced).astype(np.float32)


def separation(full, maps, labels, metric="euclidean", neighbours=10, draws=DRAWS, drawn=DRAWN, seed=0):
    """Measures how well classes separate in the full space and on maps of it, and how far the maps can be trusted.

    Each number is a mean over random subsamples, with their standard deviation:

    - silhouette (Rousseeuw 1987), -1..1: how much nearer a point is to its own class than to the next one.
    - accuracy of the majority of the `neighbours` nearest neighbours, 5-fold: the mean over classes of the share of its
      points that are told rightly; `chance` is one in the number of classes, `lift` = (accuracy - chance) /
      (1 - chance), so that 0 is chance and 1 all, for any number of classes.
    - trustworthiness (Venna and Kaski 2001), 0..1: whether neighbours on the map are neighbours in the full space.

    Args:
        full: (n, d), array or sparse matrix: what the maps were made from.
        maps: dict of name -> points (n, k).
        labels: (n,) classes.
        metric: of the full space, "euclidean" or "cosine". A map's is euclidean.
        neighbours, draws, drawn, seed: numbers; at most `drawn` points in each of `draws` subsamples. Of fewer points
            each draw takes nine tenths.

    Returns:
        list of dicts, for "space" ("full", then the names of maps) and "labels" ("true", "shuffled"): "silhouette",
        "accuracy", "chance", "lift" and, of maps, "trust"; "_sd" behind a name is its standard deviation.

    Raises:
        Img2TweetError: labels of another number than points, fewer than two classes, or too few points.
    """
    from sklearn.metrics import pairwise_distances

    labels = np.unique(np.asarray(labels), return_inverse=True)[1]
    sizes = {full.shape[0], len(labels), *map(len, maps.values())}
    kinds, least = len(np.unique(labels)), 5 * neighbours
    if len(sizes) > 1:
        raise Img2TweetError(f"separation: expected a label and a place on each map for every point, got {sizes}")
    if kinds < 2 or len(labels) < least:
        raise Img2TweetError(f"separation: expected two classes and {least} points, got {kinds} and {len(labels)}")
    found = {}
    for draw in range(draws):
        rng = np.random.default_rng([seed, draw])
        rows = np.sort(rng.choice(len(labels), min(drawn, len(labels) * 9 // 10), replace=False))
        classes = {"true": labels[rows], "shuffled": rng.permutation(labels[rows])}
        apart = pairwise_distances(full[rows], metric=metric)
        for space, points in (("full", None), *maps.items()):
            here = apart if points is None else pairwise_distances(points[rows])
            np.fill_diagonal(here, 0)
            trust = {} if points is None else {"trust": _trust(apart, points[rows], neighbours)}
            for kind, of_kind in classes.items():
                numbers = _separated(here, of_kind, neighbours, seed) | trust
                found.setdefault((space, kind), []).append(numbers)
    return [{"space": space, "labels": kind, **_mean(rows)} for (space, kind), rows in found.items()]


def separation_table(found):
    """Returns the rows of several calls of `separation`, a dict of name -> rows, as lines of a table."""
    lines = [f"{'':<46}{'silhouette':>14}{'accuracy':>14}{'chance':>8}{'lift':>14}{'trust':>7}"]
    for name, rows in found.items():
        for row in rows:
            if (row["space"], row["labels"]) != ("full", "shuffled"):
                label = f"{name}, {row['space']}" + ", labels shuffled" * (row["labels"] == "shuffled")
                numbers = [f"{row[key]:z.2f} ± {row[key + '_sd']:.2f}" for key in ("silhouette", "accuracy", "lift")]
                trust = f"{row['trust']:7.2f}" if "trust" in row else ""
                lines.append(f"{label:<46}{numbers[0]:>14}{numbers[1]:>14}{row['chance']:8.2f}{numbers[2]:>14}{trust}")
    return "\n".join(lines)


def name_clusters(points, counts, words, clusters=8, most=3, seed=0):
    """Names parts of a map of texts by the words that are commoner there than elsewhere.

    Args:
        points: (n, 2), the map.
        counts: sparse (n, len(words)), TF-IDF.
        words: list of strings.
        clusters: number of k-means clusters of the points.
        most: words a name.
        seed: int, of k-means.

    Returns:
        list of (x, y, name): the median of each cluster and its words, commonest first.
    """
    from sklearn.cluster import KMeans

    parts = KMeans(clusters, n_init=3, random_state=seed).fit_predict(points)
    overall, named = np.asarray(counts.mean(axis=0)).ravel(), []
    for part in range(clusters):
        rows = parts == part
        ahead = np.asarray(counts[rows].mean(axis=0)).ravel() - overall
        x, y = np.median(points[rows], axis=0)
        named.append((float(x), float(y), " ".join(words[place] for place in np.argsort(-ahead)[:most])))
    return named


def _checked(inputs, least, channels=2):
    """Returns inputs as float32, an array or a sparse matrix, if there are `least` points of `channels` numbers."""
    from scipy.sparse import issparse

    inputs = inputs.astype(np.float32) if issparse(inputs) else np.asarray(inputs, np.float32)
    values = inputs.data if issparse(inputs) else inputs
    if inputs.ndim != 2 or inputs.shape[0] < least or inputs.shape[1] < channels:
        raise Img2TweetError(f"projection: expected points ({least}.., {channels}..), got {inputs.shape}")
    if not np.isfinite(values).all():
        raise Img2TweetError("projection: some inputs are no finite numbers")
    return inputs


def _compressed(inputs, seed=0, unit=False):
    """Returns at most `COMPONENTS` principal components of points, float32 (n, k), of length 1 each where `unit`."""
    from scipy.sparse import issparse
    from sklearn.decomposition import PCA, TruncatedSVD
    from sklearn.preprocessing import normalize

    if unit:
        inputs = normalize(inputs)
    most = min(COMPONENTS, inputs.shape[0] - 1, inputs.shape[1])
    if issparse(inputs):
        inputs = TruncatedSVD(most, random_state=seed).fit_transform(inputs)
    elif inputs.shape[1] > COMPONENTS:
        inputs = PCA(most, svd_solver="randomized", random_state=seed).fit_transform(inputs)
    return np.ascontiguousarray(normalize(inputs) if unit else inputs, np.float32)


def _start(reduced):
    """Returns where UMAP's layout starts: the first two components, 10 wide, as umap-learn scales its own starts."""
    start = reduced[:, :2]
    return 10 * start / max(float(np.abs(start).max()), 1e-12)


def _separated(apart, labels, neighbours, seed):
    """Returns the numbers of classes of points that lie `apart` (n, n)."""
    from sklearn.metrics import balanced_accuracy_score, silhouette_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    nearest = KNeighborsClassifier(neighbours, metric="precomputed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class with fewer than five points
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        told = cross_val_predict(nearest, apart, labels, cv=folds)
    accuracy, chance = balanced_accuracy_score(labels, told), 1 / len(np.unique(labels))
    lift = (accuracy - chance) / (1 - chance)
    silhouette = silhouette_score(apart, labels, metric="precomputed")
    return {"silhouette": silhouette, "accuracy": accuracy, "chance": chance, "lift": lift}


def _trust(apart, points, neighbours):
    from sklearn.manifold import trustworthiness

    return trustworthiness(apart, points, n_neighbors=neighbours, metric="precomputed")


def _mean(rows):
    """Returns mean and standard deviation of each number in a list of dicts."""
    means = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        means |= {name: float(np.mean(values)), f"{name}_sd": float(np.std(values, ddof=1)) if len(rows) > 1 else 0.0}
    return means
