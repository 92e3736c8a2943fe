"""Maps of images and texts, with the numbers that belong beside them; and how words are spread over texts."""

from itertools import combinations

import numpy as np
from matplotlib.text import Text
from PIL import Image, ImageOps

from img2tweet_tf.plots.emoji_text import plain
from img2tweet_tf.plots.style import CLASSES, COLOURS, FAINT, SERIES, bare, beside

MARKERS = ("o", "^", "s", "P")
SHAPES = (0, 1, 2, 3, 3, 0, 3, 2, 2, 1)  # the marker of each colour: colours near each other have different ones


def scatter_map(points, labels, names, ax, most=4000, legend=True, seed=0):
    """Draws a map, each class in its own colour and shape.

    A map of two dimensions shows where most points lie; what share lies outside is written into its corner.

    Args:
        points: (n, 2), or (n, 3) on axes made with projection="3d".
        labels: int (n,), places in `names`.
        names: list of the classes' names, for the legend.
        most: points drawn, at random of more.
        legend: whether to draw one, below the map.
        seed: int, of the draw and the order, so that no class lies on top.
    """
    points, labels = np.asarray(points), np.asarray(labels)
    rows = np.random.default_rng(seed).permutation(len(points))[:most]
    look = {"s": float(np.clip(9000 / max(len(rows), 1), 4, 14)), "linewidths": 0, "alpha": 0.8}
    look |= {"depthshade": False} if points.shape[1] == 3 else {}  # a paler colour would be another class
    for part in np.array_split(rows, 8):  # in turns, so that no class hides the others
        for label in np.unique(labels[part]):
            colour, marker = class_look(label)
            of_class = points[part[labels[part] == label]].T
            ax.scatter(*of_class, color=colour, marker=marker, **look)
    for number, axis in enumerate(("x", "y", "z")[: points.shape[1]], 1):
        getattr(ax, f"set_{axis}ticks")([])
        if points.shape[1] == 3:
            getattr(ax, f"set_{axis}label")(f"component {number}", fontsize=8, labelpad=-12)
    if legend:
        for label, name in enumerate(names):
            colour, marker = class_look(label)
            ax.plot([], [], linestyle="", marker=marker, color=colour, label=plain(str(name)))
        style = {"fontsize": 8, "frameon": False, "handletextpad": 0.1, "columnspacing": 0.6, "markerscale": 0.8}
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=2 if len(names) > 3 else 1, **style)
    if points.shape[1] == 3:
        ax.set_box_aspect(None, zoom=1.15)
        ax.patch.set_visible(False)  # it would cover the label of the neighbour's axis
    else:
        ax.spines[["top", "right", "left", "bottom"]].set_color(FAINT)
        _show_most(points, ax)
    return ax


def class_look(label):
    """Returns the colour and the marker of the class with this number; forty classes look different."""
    turn, place = divmod(int(label), len(CLASSES))
    return CLASSES[place], MARKERS[(SHAPES[place] + turn) % len(MARKERS)]


def name_places(named, ax):
    """Writes names on a map, moved apart until none lies on another; a line leads from a moved name to its place.

    Args:
        named: list of (x, y, name).
        ax: with its limits and its place in the figure settled, because names keep their size.
    """
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1}
    line = {"arrowstyle": "-", "color": "#444444", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    style = {"fontsize": 8, "ha": "center", "va": "center", "bbox": box, "arrowprops": line, "annotation_clip": False}
    texts = [ax.annotate(plain(name).replace(" ", "\n"), (x, y), (x, y), **style) for x, y, name in named]
    sizes = [np.ptp(Text.get_window_extent(text).padded(2).get_points(), axis=0) for text in texts]
    places = ax.transData.transform(np.reshape([(x, y) for x, y, _ in named], (-1, 2)))
    centres = _apart(places, np.reshape(sizes, (-1, 2)) / 2, ax.get_window_extent().get_points())
    for text, centre in zip(texts, centres, strict=True):
        text.set_position(ax.transData.inverted().transform(centre))
        text.arrow_patch.set_clip_path(ax.patch)
    return ax


def _apart(centres, halves, frame, rounds=500):
    """Returns centres (n, 2) of boxes that were pushed apart, pair by pair, inside a frame (2 corners, 2).

    `halves` (n, 2) holds half the width and half the height of each box.
    """
    for _ in range(rounds):
        centres = np.clip(centres, frame[0] + halves, np.maximum(frame[1] - halves, frame[0] + halves))
        overlapping = 0
        for one, other in combinations(range(len(centres)), 2):
            gap = centres[other] - centres[one]
            overlap = halves[one] + halves[other] - np.abs(gap)
            if overlap.min() > 0:
                axis, overlapping = int(overlap.argmin()), overlapping + 1
                push = (overlap[axis] / 2 + 0.5) * (1 if gap[axis] >= 0 else -1)
                centres[one, axis] -= push
                centres[other, axis] += push
        if not overlapping:
            break
    return centres


def _show_most(points, ax, share=0.99, margin=0.15):
    """Sets the limits so that a few far points (n, 2) don't shrink the rest, and writes what share lies outside."""
    rest = (1 - share) / 2
    low, high = np.quantile(points, (rest, 1 - rest), axis=0)
    wider = margin * (high - low)
    low, high = np.maximum(low - wider, points.min(axis=0)), np.minimum(high + wider, points.max(axis=0))
    outside = ((points < low) | (points > high)).any(axis=1).mean()
    edge = 0.03 * np.maximum(high - low, 1e-9)
    ax.set(xlim=(low[0] - edge[0], high[0] + edge[0]), ylim=(low[1] - edge[1], high[1] + edge[1]))
    if outside:
        note = {"xycoords": "axes fraction", "fontsize": 7, "color": "#666666"}
        ax.annotate(f"{outside:.1%} outside", (0.02, 0.015), **note)


def thumbnail_map(points, images, ax, most=120, side=0.055, seed=0):
    """Draws pictures where their points lie on a map, as far as they do not overlap.

    Args:
        points: (n, 2).
        images: function from a row to a PIL image or uint8 array, asked for those drawn only.
        most: pictures drawn at most.
        side: of a picture, as a share of the map.
        seed: int, of the order in which they take their places.
    """
    points = np.asarray(points, float)
    low, span = points.min(axis=0), np.ptp(points, axis=0).clip(1e-9)
    unit, taken = (points - low) / span, []
    for row in np.random.default_rng(seed).permutation(len(points)):
        if len(taken) < most and all(np.abs(unit[row] - unit[other]).max() > side for other in taken):
            taken.append(int(row))
    for row in taken:
        image = images(row)
        image = image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image))
        x, y = unit[row]
        place = (x - side / 2, x + side / 2, y - side / 2, y + side / 2)
        ax.imshow(np.asarray(ImageOps.fit(image.convert("RGB"), (44, 44))), extent=place)
    ax.set(xlim=(-side, 1 + side), ylim=(-side, 1 + side), aspect="equal")
    ax.set_axis_off()
    return ax


def lift_bars(found, ax, space="UMAP"):
    """Draws how far classes are told by neighbours: lift over chance in the full space and on a map.

    Args:
        found: dict of name -> rows of `separation`; lines are a standard deviation to each side.
        space: name of the map.
    """
    kinds = (("full", "true", "grey"), (space, "true", "blue"), (space, "shuffled", "vermilion"))
    for place, rows in enumerate(found.values()):
        by = {(row["space"], row["labels"]): row for row in rows}
        for offset, (where, labels, colour) in zip((-0.26, 0, 0.26), kinds, strict=True):
            row = by[where, labels]
            label = {"full": "full space"}.get(where, where) + ", labels shuffled" * (labels == "shuffled")
            ax.barh(place + offset, row["lift"], height=0.25, color=COLOURS[colour], label=None if place else label)
            spread = (row["lift"] - row["lift_sd"], row["lift"] + row["lift_sd"])
            ax.plot(spread, [place + offset] * 2, color="#222222", linewidth=1.4)
        beside(ax, place, " | ".join(f"{by[of, 'true']['lift']:z.2f}" for of in ("full", space)))
    ax.set_yticks(range(len(found)), list(found))
    ax.set_xlabel("lift of 10 nearest neighbours over chance (0: chance, 1: all right)")
    ax.invert_yaxis()
    ax.legend(frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3)
    return bare(ax)


def zipf_lines(ranks, ax):
    """Draws how often the word of each rank occurs, as a share of all words.

    Args:
        ranks: dict of name -> counts (types,), descending: of `word_ranks`.
    """
    for colour, (name, counts) in zip(SERIES, ranks.items(), strict=False):
        ax.plot(np.arange(1, len(counts) + 1), counts / counts.sum(), color=colour, linewidth=2, label=name)
    ax.set(xscale="log", yscale="log", xlabel="rank of the word", ylabel="share of all words")
    ax.legend(frameon=False, fontsize=9)
    return bare(ax)


def word_growth_lines(growth, ax):
    """Draws how many different words there are among the words read so far.

    Args:
        growth: dict of name -> (words read, different words): of `word_growth`.
    """
    for colour, (name, (read, types)) in zip(SERIES, growth.items(), strict=False):
        ax.plot(read, types, color=colour, linewidth=2, label=name)
    ax.set(xlabel="words read", ylabel="different words")
    ax.legend(frameon=False, fontsize=9)
    return bare(ax)


def word_probe_dots(rows, ax, most=12):
    """Draws the words that images tell best and worst, and what shuffled images tell of them.

    Args:
        rows: of `probe_words`.
        most: words at each end.
    """
    most = min(most, len(rows) // 2)
    for place, row in enumerate([*rows[:most], *rows[-most:]]):
        place += place >= most  # a gap between the ends
        ax.plot([row["shuffled"]], [place], "|", color=COLOURS["vermilion"], markersize=11, markeredgewidth=2)
        ax.plot([row["auc"]], [place], "o", color=COLOURS["blue"], markersize=6)
        ax.annotate(plain(row["word"]), (0, place), (-6, 0), xycoords=("axes fraction", "data"), fontsize=9,
                    textcoords="offset points", ha="right", va="center", annotation_clip=False)  # fmt: skip
        beside(ax, place, f"{row['auc']:.2f}  in {row['texts']}")
    ax.axvline(0.5, color=COLOURS["grey"], linewidth=1, zorder=0)
    ax.set(yticks=[], xlabel="AUC (red: images shuffled)")
    ax.invert_yaxis()
    return bare(ax)
