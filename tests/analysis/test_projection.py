"""Maps repeat themselves, and their numbers tell classes that are there from classes that are not."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from img2tweet_tf.analysis.projection import name_clusters, pca_map, separation, separation_table, umap_map
from img2tweet_tf.utils.errors import Img2TweetError


@pytest.fixture(scope="module")
def clouds():
    """Three clouds of 40 points in 20 dimensions, and their numbers."""
    rng = np.random.default_rng(0)
    labels = np.repeat(range(3), 40)
    centres = rng.normal(size=(3, 20)) * 4
    return centres[labels] + rng.normal(size=(120, 20)), labels


def by(rows):
    return {(row["space"], row["labels"]): row for row in rows}


def test_pca_explains_what_is_there():
    rng = np.random.default_rng(0)
    inputs = np.zeros((50, 6))
    inputs[:, 2], inputs[:, 4] = rng.normal(size=50) * 3, rng.normal(size=50)
    points, shares = pca_map(inputs, dimensions=2)
    assert points.shape == (50, 2) and shares.sum() == pytest.approx(1)
    assert abs(np.corrcoef(points[:, 0], inputs[:, 2])[0, 1]) > 0.99


def test_umap_keeps_clouds_apart_and_repeats_itself(clouds):
    inputs, labels = clouds
    points = umap_map(inputs, seed=1)
    assert points.shape == (120, 2) and points.dtype == np.float32
    np.testing.assert_array_equal(points, umap_map(inputs, seed=1))
    assert by(separation(inputs, {"UMAP": points}, labels))["UMAP", "true"]["lift"] > 0.95


def test_umap_of_sparse_points_by_cosine_does_not_see_their_length(clouds):
    inputs, labels = clouds
    stretched = inputs * np.random.default_rng(1).uniform(0.1, 50, size=(120, 1))
    points = umap_map(csr_matrix(stretched), metric="cosine")
    found = by(separation(stretched, {"map": points}, labels, metric="cosine"))
    assert found["map", "true"]["accuracy"] > 0.95


def test_numbers_of_true_and_of_shuffled_labels(clouds):
    inputs, labels = clouds
    found = by(separation(inputs, {"first two": inputs[:, :2]}, labels))
    assert set(found) == {(s, kind) for s in ("full", "first two") for kind in ("true", "shuffled")}
    assert found["full", "true"]["accuracy"] == pytest.approx(1) and found["full", "true"]["silhouette"] > 0.4
    assert found["full", "true"]["chance"] == pytest.approx(1 / 3)
    assert abs(found["full", "shuffled"]["lift"]) < 0.2 and found["full", "shuffled"]["silhouette"] < 0.05
    assert 0.5 < found["first two", "true"]["trust"] < 1 and "trust" not in found["full", "true"]
    assert found["full", "shuffled"]["accuracy_sd"] > 0


def test_a_rare_class_counts_as_much_as_a_common_one():
    rng = np.random.default_rng(0)
    labels = np.array([0] * 180 + [1] * 20)
    found = by(separation(rng.normal(size=(200, 5)), {}, labels))
    assert abs(found["full", "true"]["lift"]) < 0.15  # 90 % are told rightly by naming the common class always


def test_a_faithful_map_is_trusted(clouds):
    inputs, labels = clouds
    found = by(separation(inputs, {"itself": inputs, "noise": np.random.default_rng(2).normal(size=(120, 2))}, labels))
    assert found["itself", "true"]["trust"] == pytest.approx(1) and found["noise", "true"]["trust"] < 0.7


def test_the_table_has_a_line_for_each_row_but_shuffled_full_space(clouds):
    inputs, labels = clouds
    lines = separation_table({"clouds": separation(inputs, {"PCA": inputs[:, :2]}, labels)}).splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == [
        "clouds, full", "clouds, PCA", "clouds, PCA, labels shuffled",
    ]  # fmt: skip


def test_clusters_are_named_by_their_own_words():
    points = np.array([[0, 0], [0, 1], [9, 9], [9, 8]], float)
    counts = csr_matrix(np.array([[1, 0, 0.5], [1, 0, 0.5], [0, 1, 0.5], [0, 1, 0.5]]))
    named = name_clusters(points, counts, ["dog", "cat", "the"], clusters=2, most=1)
    assert sorted(named) == [(0.0, 0.5, "dog"), (9.0, 8.5, "cat")]


@pytest.mark.parametrize("inputs, says", [
    (np.zeros((5, 4)), r"expected points \(16.., 2..\), got \(5, 4\)"),
    (np.zeros((50, 1)), r"got \(50, 1\)"),
    (np.full((50, 4), np.nan), "no finite numbers"),
])  # fmt: skip
def test_points_that_make_no_map(inputs, says):
    with pytest.raises(Img2TweetError, match=says):
        umap_map(inputs)


def test_more_components_than_numbers():
    with pytest.raises(Img2TweetError, match=r"expected points \(3.., 3..\), got \(50, 2\)"):
        pca_map(np.zeros((50, 2)))


def test_an_unknown_metric_and_labels_that_do_not_fit(clouds):
    inputs, labels = clouds
    with pytest.raises(Img2TweetError, match="manhattan"):
        umap_map(inputs, metric="manhattan")
    with pytest.raises(Img2TweetError, match="a label and a place"):
        separation(inputs, {"map": inputs[:7]}, labels)
    with pytest.raises(Img2TweetError, match="two classes"):
        separation(inputs, {}, np.zeros(120))
