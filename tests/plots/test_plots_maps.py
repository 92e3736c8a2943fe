"""Maps show every class and every number they are given; pages for the browser need no network."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from img2tweet_tf import plots
from img2tweet_tf.plots import web
from img2tweet_tf.utils.errors import Img2TweetError

RNG = np.random.default_rng(0)


@pytest.fixture
def figure():
    made = Figure(figsize=(4, 4))
    FigureCanvasAgg(made)
    yield made
    made.canvas.draw()


def drawn(ax):
    return sum(len(part.get_offsets()) for part in ax.collections)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_map_draws_every_point_and_names_every_class(figure, dimensions):
    ax = figure.add_subplot(projection="3d" if dimensions == 3 else None)
    points, labels = RNG.normal(size=(60, dimensions)), np.arange(60) % 8
    assert plots.scatter_map(points, labels, list("abcdefgh"), ax) is ax
    assert drawn(ax) == 60
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("abcdefgh")


def test_of_many_points_some_are_drawn(figure):
    ax = plots.scatter_map(RNG.normal(size=(500, 2)), np.zeros(500, int), ["a"], figure.subplots(), most=100)
    assert drawn(ax) == 100


def test_more_classes_than_colours_differ_in_shape(figure):
    ax = plots.scatter_map(RNG.normal(size=(20, 2)), np.arange(20), [str(n) for n in range(20)], figure.subplots())
    looks = {(line.get_color(), line.get_marker()) for line in ax.lines}
    assert len(looks) == 20


def test_thumbnails_do_not_overlap_and_only_those_drawn_are_read(figure):
    points, asked = np.array([[0, 0], [0.001, 0], [1, 1], [0, 1]]), []

    def image(row):
        asked.append(row)
        return np.full((8, 8, 3), 200, np.uint8)

    ax = plots.thumbnail_map(points, image, figure.subplots())
    assert len(ax.images) == len(asked) == 3 and {2, 3} < set(asked)


def test_lift_bars_write_both_numbers_beside_each_set(figure):
    rows = [
        {"space": space, "labels": labels, "lift": lift, "lift_sd": 0.01}
        for space, labels, lift in (("full", "true", 0.84), ("UMAP", "true", 0.61), ("UMAP", "shuffled", 0.0))
    ]
    ax = plots.lift_bars({"digits": rows}, figure.subplots())
    assert "0.84 | 0.61" in [text.get_text() for text in ax.texts]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["digits"]


def test_words_lines_and_dots(figure):
    axes = figure.subplots(3)
    plots.zipf_lines({"tweets": np.array([5, 3, 1])}, axes[0])
    np.testing.assert_allclose(axes[0].lines[0].get_ydata(), np.array([5, 3, 1]) / 9)
    plots.word_growth_lines({"tweets": (np.array([1, 4]), np.array([1, 3]))}, axes[1])
    assert axes[1].lines[0].get_ydata().tolist() == [1, 3]
    rows = [{"word": word, "texts": 20, "auc": auc, "shuffled": 0.5} for word, auc in (("dog", 0.9), ("oh", 0.5))]
    texts = [text.get_text() for text in plots.word_probe_dots(rows, axes[2]).texts]
    assert {"dog", "oh", "0.90  in 20"} <= set(texts)
    assert plots.name_places([(0, 0, "two words")], axes[0]).texts[-1].get_text() == "two\nwords"


def test_names_on_a_map_stay_at_their_places_unless_another_lies_there(figure):
    ax = figure.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    plots.name_places([(2, 8, "alone"), (6, 4, "one"), (6, 4.1, "other")], ax)
    figure.canvas.draw()
    alone, one, other = ax.texts
    assert np.allclose(alone.get_position(), (2, 8), atol=1e-6)
    assert not Text.get_window_extent(one).overlaps(Text.get_window_extent(other))
    assert all(np.hypot(*np.subtract(text.get_position(), (6, 4))) < 2 for text in (one, other))


@pytest.mark.parametrize("dimensions, kind", [(2, "scattergl"), (3, "scatter3d")])
def test_a_page_shows_its_points_without_a_network(tmp_path, dimensions, kind):
    labels = np.array([0, 0, 1])
    page = web.write_map(
        RNG.normal(size=(3, dimensions)), labels, ["dogs", "cats"], tmp_path / "map.html", "A map", ["x<b>", "y", "z"]
    )
    text = page.read_text(encoding="utf-8")
    assert kind in text and "dogs" in text and "A map" in text and "x&lt;b" in text.replace("\\u003c", "<").replace(
        "\\u0026", "&"
    )
    assert 'src="plotly.min.js"' in text and "https://cdn" not in text and len(text) < 100_000
    assert (tmp_path / "plotly.min.js").stat().st_size > 1e6


def test_a_page_of_very_many_points_says_how_many_it_shows(tmp_path, monkeypatch):
    monkeypatch.setattr(web, "MOST", 10)
    page = web.write_map(RNG.normal(size=(50, 2)), np.zeros(50, int), ["a"], tmp_path / "m.html", "All")
    assert "10 of 50 points" in page.read_text(encoding="utf-8")


def test_a_page_of_points_that_do_not_fit(tmp_path):
    with pytest.raises(Img2TweetError, match=r"\(n, 2\) or \(n, 3\), got \(5, 4\)"):
        web.write_map(np.zeros((5, 4)), np.zeros(5), ["a"], tmp_path / "m.html", "t")
    with pytest.raises(Img2TweetError, match="5 points, 4 labels"):
        web.write_map(np.zeros((5, 2)), np.zeros(4), ["a"], tmp_path / "m.html", "t")
