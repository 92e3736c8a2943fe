"""Figures: functions that take data and a matplotlib `ax`, load nothing, and return `ax`.

Titles are the caller's: they say the finding. All colours are told apart by colour-blind readers (Okabe and Ito 2008).
"""

import math
from collections import defaultdict

import matplotlib
import numpy as np
from PIL import Image, ImageOps

from img2tweet_tf.console import in_notebook
from img2tweet_tf.lettering import plain, text_box

COLOURS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "grey": "#8A8A8A",
}
SERIES = [COLOURS[name] for name in ("blue", "vermilion", "green", "purple", "orange", "sky")]
FAINT = "#DDDDDD"


def for_notebooks():
    """Makes a notebook's figures small enough to be saved with it: 72 dots an inch, JPEG."""
    matplotlib.rcParams["figure.dpi"] = 72
    if in_notebook():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("jpeg", pil_kwargs={"quality": 65})


def show_image_and_texts(image, lines, ax, size=9.0):
    """Shows a picture at the top of `ax` and texts wrapped to its width below it, emoji in colour.

    Args:
        image: PIL image or uint8 (height, width, 3).
        lines: strings, or (label, text) pairs such as ("human", "what a day"); labels are bold, each in its own colour.
        ax: give it more height than width; the texts lie in the room below the picture.
        size: of the font, in points.
    """
    from matplotlib.offsetbox import AnnotationBbox

    ax.imshow(np.asarray(image))
    ax.set_axis_off()
    ax.set_anchor("N")
    ax.apply_aspect()
    width = ax.get_position().width * ax.figure.get_figwidth() * 72
    pairs = [("", line) if isinstance(line, str) else line for line in lines]
    texts = [(label, text, SERIES[place % len(SERIES)]) for place, (label, text) in enumerate(pairs)]
    if texts:
        place = {"xybox": (0, -4), "xycoords": "axes fraction", "boxcoords": "offset points", "box_alignment": (0, 1)}
        box = AnnotationBbox(text_box(texts, width, size), (0, 0), frameon=False, pad=0, annotation_clip=False, **place)
        ax.add_artist(box)
    return ax


def contact_sheet(images, ax, columns=10, tile=96):
    """Shows pictures (PIL or uint8 arrays) side by side, each cut to a square of `tile` pixels."""
    images, gap = list(images), max(2, tile // 32)
    columns = max(1, min(columns, len(images)))
    rows = math.ceil(len(images) / columns)
    sheet = Image.new("RGB", (columns * (tile + gap) - gap, max(1, rows * (tile + gap) - gap)), "white")
    for place, image in enumerate(images):
        image = image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image))
        square = ImageOps.fit(image.convert("RGB"), (tile, tile))
        sheet.paste(square, (place % columns * (tile + gap), place // columns * (tile + gap)))
    ax.imshow(np.asarray(sheet))
    ax.set_axis_off()
    return ax


def learning_curves(history, ax):
    """Draws the loss of each epoch, in training and on the validation part, and marks the best epoch.

    Args:
        history: list of {"epoch", "loss", "val_loss"} (nats per token), as `history.json` holds it.
    """
    epochs = [record["epoch"] for record in history]
    losses = {"training": [record["loss"] for record in history]}
    if all(record.get("val_loss") is not None for record in history):
        losses["validation"] = [record["val_loss"] for record in history]
    for name, values in losses.items():
        colour, last = COLOURS["grey" if name == "training" else "blue"], values[-1]
        ax.plot(epochs, values, color=colour, linewidth=2, marker="o", markersize=4)
        label, side = f"{name} {last:.2f}", "center"
        if len(losses) > 1:  # the labels keep apart
            side = "bottom" if last == max(values[-1] for values in losses.values()) else "top"
        if name == "validation":
            best = int(np.argmin(values))
            ax.plot(epochs[best], values[best], "o", markersize=11, markerfacecolor="none", markeredgecolor=colour)
            label = f"{name}\nbest {values[best]:.2f}, epoch {epochs[best]}"
        place = {"xytext": (10, 0), "textcoords": "offset points", "va": side}
        ax.annotate(label, (epochs[-1], last), color=colour, annotation_clip=False, **place)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.margins(y=0.12)
    ax.set(xlabel="epoch", ylabel="loss (nats per token)")
    return _bare(ax)


def compare_statistics(ours, theirs, ax, labels=("ours", "theirs")):
    """Draws each statistic of one set of tweets as a multiple of the other's; beside it both values.

    Args:
        ours, theirs: dicts of numbers, as `text_statistics` gives them; sizes of the sets are left out.
        labels: names of the two.
    """
    names = [key for key in ours if key in theirs and key not in ("tweets", "tokens", "types")]
    names = [key for key in names if ours[key] is not None and theirs[key] is not None]
    for row, key in enumerate(names):
        a, b = ours[key], theirs[key]
        if a and b and a / b > 0:
            ax.plot([1, a / b], [row, row], color=FAINT, linewidth=3, zorder=1, solid_capstyle="round")
            ax.plot(a / b, row, "o", color=COLOURS["blue"], markersize=7)
        note = f"{_short(a)}  |  {_short(b)}"
        _beside(ax, row, note)
    heading = {"xycoords": "axes fraction", "textcoords": "offset points", "fontsize": 9, "fontweight": "bold"}
    ax.annotate(f"{labels[0]}  |  {labels[1]}", (1.02, 1), (0, 4), annotation_clip=False, **heading)
    ax.axvline(1, color=COLOURS["grey"], linewidth=1, zorder=0)
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}" if value >= 1 else f"1/{1 / value:g}")
    ax.set_xlabel(f"{labels[0]} as a multiple of {labels[1]}")
    ax.set_yticks(range(len(names)), [key.replace("_", " ") for key in names])
    ax.invert_yaxis()
    return _bare(ax)


def probe_bars(rows, ax, most=8):
    """Draws what the image adds for each fact, as a bar from the AUC without it to that with it; dots are its values.

    Args:
        rows: of `probe_facts`. Without the image, a visible fact is guessed (0.5), a hidden one or a control is told
            from account and visible facts.
        most: how many hidden facts are drawn, those known of most images; their mean stands for all of them.
    """
    colours = {"visible": COLOURS["blue"], "control": COLOURS["green"], "hidden": COLOURS["vermilion"]}
    groups = {group: defaultdict(list) for group in colours}
    means = {row["group"]: row for row in rows if row["fact"] == "mean"}
    for row in rows:
        if row["fact"] != "mean":
            groups[row["group"]][row["fact"]].append(row)
    drawn = []
    for group, facts in groups.items():
        facts = sorted(facts.items(), key=lambda item: -np.mean([row["auc"] for row in item[1]]))
        if group == "hidden":
            common = sorted(facts, key=lambda item: -max(row["images"] for row in item[1]))[:most]
            facts = [item for item in facts if item in common]
        drawn += [(group, fact, of_fact) for fact, of_fact in facts]
        if group in means:
            count = sum(row["group"] == group for row in rows) - 1
            drawn.append((group, f"mean of {count}", [means[group]]))
    for place, (group, _, of_fact) in enumerate(drawn):
        start = np.mean([row.get("known", 0.5) for row in of_fact])
        end = np.mean([row["auc"] for row in of_fact])
        is_mean = of_fact[0]["fact"] == "mean"
        ax.barh(place, end - start, left=start, height=0.62, color=colours[group], alpha=1 if is_mean else 0.55)
        ax.plot([start, start], [place - 0.36, place + 0.36], color="#222222", linewidth=1.6)
        if not is_mean:
            values = [row["auc"] for row in of_fact]
            dots = {"color": colours[group], "markersize": 6, "markeredgecolor": "white", "markeredgewidth": 0.5}
            ax.plot(values, [place] * len(values), ".", **dots)
        change = f"{end:.2f}" if group == "visible" else f"{round(end - start, 2) + 0.0:+.2f}"
        _beside(ax, place, change)
    ax.set_yticks(range(len(drawn)), [f"{group}: {fact}".replace("_", " ") for group, fact, _ in drawn])
    for place, tick in enumerate(ax.get_yticklabels()):
        tick.set_color(colours[drawn[place][0]])
    ax.set(xlim=(0.4, 1.005), xlabel="AUC (line: without the image; end of the bar: with it)")
    ax.invert_yaxis()
    return _bare(ax)


def boxes(image, objects, ax):
    """Draws the boxes of objects ({"name", "box": [left, top, right, bottom], "visible"}) on a picture."""
    ax.imshow(np.asarray(image))
    names = sorted({found["name"] for found in objects})
    for found in objects:
        left, top = found["box"][:2]
        colour = SERIES[names.index(found["name"]) % len(SERIES)]
        _outline(found["box"], colour, ax)
        share = found.get("visible", 1.0)
        label = plain(found["name"]) + (f" ({share:.0%} seen)" if share < 0.995 else "")
        style = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
        ax.annotate(label, (left, top), (1, 2), textcoords="offset points", fontsize=8, color=_ink(colour), bbox=style)
    ax.set_axis_off()
    return ax


def attention_words(image, words, maps, axes, objects=()):
    """Draws where a captioner looks before each word: a pale grey picture a word, orange where it looks.

    One scale holds for the figure: no orange is a weight of 0, full orange the median of the maps' highest weights and
    all above it. A cross marks each peak. At 72 dpi, axes of 1.6 inches a side can be read.

    Args:
        image: PIL image or uint8 (height, width, 3).
        words: list of strings, the titles.
        maps: float (words, rows, cols), as `attention` gives them (`maps[t]` for `ids[t + 1]`); what stands between
            words and rows, layers and heads, is averaged.
        axes: one for each word, an array or a list of any shape; left over ones are blanked.
        objects: as in `boxes`, outlined in every picture.

    Raises:
        ValueError: there are not as many maps as words, or fewer axes.
    """
    from matplotlib.colors import to_rgb

    flat, maps = np.ravel(axes), np.asarray(maps, float)
    if not len(words) == len(maps) <= len(flat):
        raise ValueError(f"expected {len(words)} maps and as many axes, for the words; got {len(maps)} and {len(flat)}")
    image = image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image))
    pale = 0.5 + 0.5 * np.asarray(image.convert("L"), float)[..., None] / 255
    maps = maps.mean(axis=tuple(range(1, maps.ndim - 2)))
    full = max(np.median(maps.max(axis=(1, 2))), 1e-12) if len(maps) else 1.0
    for ax in flat:
        ax.set_axis_off()
    for ax, word, look in zip(flat, words, maps, strict=False):
        large = Image.fromarray((look / full).astype(np.float32)).resize(image.size, Image.Resampling.BILINEAR)
        share = 0.9 * np.minimum(np.asarray(large)[..., None], 1)
        ax.imshow((1 - share) * pale + share * to_rgb(COLOURS["vermilion"]), vmin=0, vmax=1)
        for found in objects:
            _outline(found["box"], COLOURS["blue"], ax)
        row, column = np.unravel_index(np.argmax(look), look.shape)
        centre = [(column + 0.5) / look.shape[1] * image.width - 0.5, (row + 0.5) / look.shape[0] * image.height - 0.5]
        for colour, width in (("white", 3.5), ("black", 1.5)):
            ax.plot(*centre, "+", color=colour, markersize=9 + (colour == "white"), markeredgewidth=width)
        ax.set_title(plain(word), fontsize=11, pad=3)
    return axes


def word_gains(words, gains, ax):
    """Draws what the image tells of each word of a text, in nats, as bars from left to right."""
    gains = np.asarray(gains, float)
    colours = [COLOURS["blue" if gain > 0 else "grey"] for gain in gains]
    ax.bar(range(len(words)), gains, color=colours)
    ax.axhline(0, color="#444444", linewidth=1)
    ax.set_xticks(range(len(words)), [plain(word) for word in words], rotation=40, ha="right", fontsize=9)
    ax.set_ylabel("gain (nats)")
    return _bare(ax)


def pointing_bars(rows, ax):
    """Draws who points at the named object how often, with 95 % intervals: attention and its baselines, by model.

    Args:
        rows: of `pointing_game`, of one model or several; rows of single layers and heads and the ceiling are left out.
    """
    colours = {"attention": COLOURS["vermilion"], "image map": COLOURS["sky"], "mean map": COLOURS["blue"]}
    colours |= {"box prior": COLOURS["green"], "chance": COLOURS["grey"]}
    place, ticks = 0.0, []
    for system in dict.fromkeys(row["system"] for row in rows):
        heading = {"xycoords": ("axes fraction", "data"), "fontsize": 10, "fontweight": "bold", "va": "center"}
        ax.annotate(system.replace("_", " "), (0.01, place), annotation_clip=False, **heading)
        for row in [row for row in rows if row["system"] == system and row["looks"] in colours]:
            place += 1
            ax.barh(place, row["rate"], height=0.66, color=colours[row["looks"]])
            ax.plot([row["low"], row["high"]], [place, place], color="#222222", linewidth=1.6)
            _beside(ax, place, f"{row['rate']:.0%}")
            ticks.append((place, row["looks"]))
        place += 1.3
    ax.set_yticks([at for at, _ in ticks], [name for _, name in ticks])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set(xlim=(0, None), ylim=(-0.6, place - 0.5))
    ax.set_xlabel("peaks in a box of what the word names (line: 95 % interval)")
    ax.invert_yaxis()
    return _bare(ax)


def block_diagram(blocks, arrows, ax):
    """Draws an architecture: blocks and what flows between them.

    Args:
        blocks: dict of name -> (x, y, text, name of a colour); a block is less than 1 wide and high.
        arrows: list of (name, name) or (name, name, label).
    """
    for x, y, text, colour in blocks.values():
        box = {"boxstyle": "round,pad=0.45", "facecolor": COLOURS[colour], "edgecolor": "none", "alpha": 0.25}
        ax.text(x, y, text, ha="center", va="center", fontsize=10, bbox=box)
    for start, end, *label in arrows:
        (x1, y1), (x2, y2) = blocks[start][:2], blocks[end][:2]
        away = 0.33 if abs(y2 - y1) > 0.2 else 0.0  # arrows leave from the edge that faces where they go
        side = 0.0 if away else 0.42
        rise, run = np.sign(y2 - y1) * away, np.sign(x2 - x1) * side
        style = {"arrowstyle": "-|>", "color": "#444444", "linewidth": 1.3, "shrinkA": 2, "shrinkB": 2}
        ax.annotate("", (x2 - run, y2 - rise), (x1 + run, y1 + rise), arrowprops=style)
        if label:
            ax.text((x1 + x2) / 2 + 0.04, (y1 + y2) / 2, label[0], fontsize=9, color="#444444")
    xs, ys = ([block[axis] for block in blocks.values()] for axis in (0, 1))
    ax.set(xlim=(min(xs) - 0.7, max(xs) + 0.7), ylim=(min(ys) - 0.5, max(ys) + 0.5))
    ax.set_axis_off()
    return ax


def _outline(box, colour, ax):
    """Draws the edge of a box [left, top, right, bottom], in pixels of the picture in `ax`."""
    from matplotlib.patches import Rectangle

    left, top, right, bottom = box
    edge = {"edgecolor": colour, "fill": False, "linewidth": 2}
    ax.add_patch(Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, **edge))


def _beside(ax, row, text):
    """Writes a text to the right of a row of a chart."""
    where = {"xycoords": ("axes fraction", "data"), "annotation_clip": False}
    ax.annotate(text, (1.02, row), va="center", fontsize=9, **where)


def _ink(colour):
    """Returns black or white, whichever can be read on a colour (#RRGGBB)."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 140 else "white"


def _short(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _bare(ax):
    """Takes away the frame's top and right, and adds a faint grid across."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="x" if ax.yaxis_inverted() else "y", color=FAINT, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax
