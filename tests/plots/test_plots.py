"""Figures show what they are given, and text in them is never an empty box."""

import warnings

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage, TextArea

from img2tweet_tf import plots
from img2tweet_tf.plots import emoji_text

PICTURE = np.full((60, 80, 3), 200, np.uint8)


@pytest.fixture
def ax():
    """An `ax` whose figure is drawn after the test, with every warning an error."""
    figure = Figure(figsize=(4, 5))
    FigureCanvasAgg(figure)
    yield figure.subplots()
    with warnings.catch_warnings(), matplotlib.rc_context({"font.family": "DejaVu Sans"}):
        warnings.simplefilter("error")
        figure.canvas.draw()


def letters(box):
    """What stands in an offset box: its texts joined, `*` for a picture of an emoji."""
    if isinstance(box, TextArea):
        return box.get_text()
    if isinstance(box, OffsetImage):
        return "*"
    return "".join(letters(child) for child in box.get_children())


def rows_below(ax):
    found = [child for child in ax.get_children() if isinstance(child, AnnotationBbox)]
    return [letters(row) for row in found[0].offsetbox.get_children()]


def test_tweets_stand_below_their_picture(ax):
    texts = [("human", "what a day 🥹 for $5 and $6"), ("model", " ".join(["goal"] * 40))]
    assert plots.show_image_and_texts(PICTURE, texts, ax) is ax
    rows = rows_below(ax)
    assert " ".join(rows).startswith("human what a day * for $5 and $6 model goal goal")
    assert len(rows) >= 4
    ax.figure.canvas.draw()
    box = next(child for child in ax.get_children() if isinstance(child, AnnotationBbox))
    renderer = ax.figure.canvas.get_renderer()
    assert box.get_window_extent(renderer).width <= ax.get_window_extent(renderer).width * 1.03
    assert box.get_window_extent(renderer).y1 <= ax.get_window_extent(renderer).y0


def test_a_word_without_end_is_broken(ax):
    plots.show_image_and_texts(PICTURE, ["#" + "verylong" * 30], ax)
    rows = rows_below(ax)
    assert len(rows) > 3 and "".join(rows) == "#" + "verylong" * 30


def test_a_picture_without_a_text(ax):
    plots.show_image_and_texts(PICTURE, [], ax)
    plots.boxes(PICTURE, [], ax)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ok 😂 fine", "ok * fine"),
        ("❤️ ™ 👍🏽 👨‍👩‍👧 🇬🇧 1️⃣", "* ™ * * * *"),
        ("日本 x", "[…] x"),
        ("café naïve — don’t", "café naïve — don’t"),
        ("e\u0301 a\u200bb", "e\u0301 ab"),
    ],
)
def test_no_character_is_an_empty_box(ax, text, shown):
    plots.show_image_and_texts(PICTURE, [text], ax)
    assert rows_below(ax) == [shown]


def test_without_openmoji_emoji_have_names(ax, monkeypatch):
    monkeypatch.setattr(emoji_text, "_emoji_picture", lambda emoji: None)
    plots.show_image_and_texts(PICTURE, ["ok 🫠"], ax)
    assert rows_below(ax) == ["ok [melting face]"]
    assert emoji_text.plain("cup 🏆!") == "cup [trophy]!"


def test_contact_sheet_holds_every_picture(ax):
    shades = [np.full((20 + shade, 30, 3), 10 * shade, np.uint8) for shade in range(7)]
    plots.contact_sheet(shades, ax, columns=3, tile=32)
    sheet = ax.get_images()[0].get_array()
    assert sheet.shape == (3 * 34 - 2, 3 * 34 - 2, 3)
    assert [sheet[row * 34 + 5, column * 34 + 5, 0] for row in range(3) for column in range(3)][:7] == [
        10 * shade for shade in range(7)
    ]


def test_learning_curves_mark_the_best_epoch(ax):
    nats = [(5.0, 5.1), (4.0, 4.5), (3.0, 4.7)]
    history = [
        {"epoch": epoch, "loss": own + 1, "cross_entropy": own, "val_loss": val + 1, "val_cross_entropy": val}
        for epoch, (own, val) in enumerate(nats, 1)
    ]
    plots.learning_curves(history, ax)
    assert any("best 4.50, epoch 2" in text.get_text() for text in ax.texts)
    assert list(ax.lines[0].get_ydata()) == [5.0, 4.0, 3.0]


def test_learning_curves_without_validation(ax):
    plots.learning_curves([{"epoch": epoch, "cross_entropy": 5.0 - epoch} for epoch in (1, 2)], ax)
    assert len(ax.lines) == 1


def test_statistics_are_set_side_by_side(ax):
    ours = {"tweets": 9, "words_mean": 14.0, "with_emoji": 0.2, "types_at_20000": None, "zipf_slope": -0.8}
    theirs = {"tweets": 5, "words_mean": 7.0, "with_emoji": 0.0, "types_at_20000": 7000.0, "zipf_slope": -1.0}
    plots.compare_statistics(ours, theirs, ax, ("sample", "MVSA"))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["words mean", "with emoji", "zipf slope"]
    shown = [text.get_text().split("  |  ") for text in ax.texts]
    assert shown == [["14", "7"], ["0.2", "0"], ["-0.8", "-1"], ["sample", "MVSA"]]
    assert [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"] == pytest.approx([2.0, 0.8])


def test_probe_bars_go_from_without_to_with_the_image(ax):
    added = {"known": 0.7, "gain": 0.01, "low": -0.01, "high": 0.02, "images": 50}
    rows = [
        {"group": "visible", "fact": "kind", "value": "dog", "images": 50, "auc": 0.9},
        {"group": "visible", "fact": "kind", "value": "cat", "images": 50, "auc": 1.0},
        {"group": "visible", "fact": "mean", "value": None, "auc": 0.95},
        {"group": "hidden", "fact": "score", "value": "1-0", "auc": 0.71, **added},
        {"group": "hidden", "fact": "last_result", "value": "win", "auc": 0.69, **{**added, "images": 20}},
        {"group": "hidden", "fact": "mean", "value": None, "auc": 0.7, **added},
    ]
    plots.probe_bars(rows, ax, most=1)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["visible: kind", "visible: mean of 2", "hidden: score", "hidden: mean of 2"]
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert ends == [pytest.approx(end) for end in ((0.5, 0.95), (0.5, 0.95), (0.7, 0.71), (0.7, 0.7))]


def test_boxes_name_what_they_hold(ax):
    objects = [{"name": "dog", "box": [5, 10, 25, 40], "visible": 0.75}, {"name": "cat", "box": [30, 5, 70, 50]}]
    plots.boxes(PICTURE, objects, ax)
    assert [text.get_text() for text in ax.texts] == ["dog (75% seen)", "cat"]
    frame = ax.patches[0]
    assert (frame.get_x() + 0.5, frame.get_y() + 0.5, frame.get_width(), frame.get_height()) == (5, 10, 20, 30)


def test_attention_is_outlined_where_the_model_looks():
    figure = Figure(figsize=(6, 4))
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 2)
    maps = np.zeros((3, 3, 4))
    maps[0, 0, 0] = maps[1, 2, 3] = maps[2, 1, 1] = 1
    cup = {"name": "cup", "box": [60, 40, 80, 60]}
    assert plots.attention_words(PICTURE, ["a", "cup", "🏆"], maps, axes, [cup]) is axes
    assert [ax.get_title() for ax in axes.flat] == [f"{word}  (12.0 times)" for word in ("a", "cup", "[trophy]")] + [""]
    for ax, (row, column) in zip(axes.flat, [(0, 0), (2, 3), (1, 1)], strict=False):
        np.testing.assert_array_equal(ax.get_images()[0].get_array(), PICTURE)
        ends = ax.collections[-1].get_paths()[-1].vertices
        assert column * 20 - 10 <= ends[:, 0].min() and ends[:, 0].max() <= column * 20 + 30
        assert row * 20 - 10 <= ends[:, 1].min() and ends[:, 1].max() <= row * 20 + 30
    assert [len(ax.patches) for ax in axes.flat] == [1, 1, 1, 0] and not axes.flat[3].axison
    figure.canvas.draw()


def test_attention_of_heads_is_averaged_in_units_of_even_attention(ax):
    sharp, even = np.full((2, 5, 2, 2), 0.1), np.full((2, 5, 2, 2), 0.25)
    sharp[..., 0, 0] = 0.7
    axes = ax.figure.subfigures(1, 1).subplots(1, 2)
    plots.attention_words(PICTURE, ["sharp", "even"], np.stack([sharp, even]), axes)
    assert [at.get_title() for at in axes] == ["sharp  (2.8 times)", "even  (1.0 times)"]
    assert axes[0].collections and not axes[1].collections


def test_attention_needs_a_map_and_an_ax_a_word(ax):
    with pytest.raises(ValueError, match="expected 2 maps"):
        plots.attention_words(PICTURE, ["a", "b"], np.ones((2, 3, 3)), [ax])
    with pytest.raises(ValueError, match="got 1 and 1"):
        plots.attention_words(PICTURE, [], np.ones((1, 3, 3)), [ax])
    plots.attention_words(PICTURE, [], np.ones((0, 3, 3)), [ax])


def test_copied_facts_write_the_large_shares_only(ax):
    shares = [[0.93, 0.07, 0.0], [0.1, 0.2, 0.7]]
    assert plots.copied_facts(shares, ["in", "Leeds"], ["score: 3-1", "city: Leeds"], ax) is ax
    assert sorted(text.get_text() for text in ax.texts) == ["0.1", "0.2", "0.7", "0.9"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["the vocabulary", "score: 3-1", "city: Leeds"]


def test_pointing_bars_group_by_model(ax):
    rows = [
        {"system": system, "method": attended, "rate": rate, "low": rate - 0.05, "high": rate + 0.05}
        for system, rate in (("show_attend_tell", 0.5), ("transformer", 0.3))
        for attended in ("attention", "mean map", "box prior", "chance", "ceiling", "layer", "best head")
    ]
    assert plots.pointing_bars(rows, ax) is ax
    names = ["attention", "mean map", "box prior", "chance"]
    assert [label.get_text() for label in ax.get_yticklabels()] == names * 2
    assert [bar.get_width() for bar in ax.patches] == [0.5] * 4 + [0.3] * 4
    assert [list(line.get_xdata()) for line in ax.lines] == [[0.45, 0.55]] * 4 + [[0.25, 0.35]] * 4
    shown = [text.get_text() for text in ax.texts]
    assert shown == ["show attend tell", *["50%"] * 4, "transformer", *["30%"] * 4]


def test_a_diagram_has_every_block_and_label(ax):
    blocks = {"a": (0, 0, "image", "grey"), "b": (1, 0, "grid", "blue"), "c": (1, 1, "words", "orange")}
    assert plots.block_diagram(blocks, [("a", "b"), ("c", "b", "asks")], ax) is ax
    assert [text.get_text() for text in ax.texts if text.get_text()] == ["image", "grid", "words", "asks"]
    assert sum(text.arrow_patch is not None for text in ax.texts if hasattr(text, "arrow_patch")) == 2


def test_word_gains_are_bars_beside_their_words(ax):
    plots.word_gains(["a", "dog", "(end)"], [0.1, 2.0, -0.3], ax)
    assert [bar.get_height() for bar in ax.patches] == [0.1, 2.0, -0.3]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "dog", "(end)"]
