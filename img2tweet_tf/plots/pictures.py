"""Pictures with what was written or found about them."""

import math

import numpy as np
from matplotlib.patches import Rectangle
from PIL import Image, ImageOps

from img2tweet_tf.plots.emoji_text import plain, text_box
from img2tweet_tf.plots.style import COLOURS, SERIES, ink

LEVELS = (2, 4, 8, 16)


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


def boxes(image, objects, ax):
    """Draws the boxes of objects ({"name", "box": [left, top, right, bottom], "visible"}) on a picture."""
    ax.imshow(np.asarray(image))
    names = sorted({found["name"] for found in objects})
    for found in objects:
        left, top, right, bottom = found["box"]
        colour = SERIES[names.index(found["name"]) % len(SERIES)]
        edge = {"edgecolor": colour, "fill": False, "linewidth": 2}
        ax.add_patch(Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, **edge))
        share = found.get("visible", 1.0)
        label = plain(found["name"]) + (f" ({share:.0%} seen)" if share < 0.995 else "")
        style = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
        ax.annotate(label, (left, top), (1, 2), textcoords="offset points", fontsize=8, color=ink(colour), bbox=style)
    ax.set_axis_off()
    return ax


def attention_words(image, words, maps, axes, objects=()):
    """Draws where a captioner looks before each word: the picture, and lines around the cells with the most weight.

    The lines stand at 2, 4, 8 and 16 times 1 / cells, the weight that every cell has when attention is spread evenly;
    the wider a line, the higher. The title gives the word and the highest weight in that unit.

    Args:
        image: PIL image or uint8 (height, width, 3).
        words: list of strings.
        maps: float (words, rows, cols), as `attention` gives them (`maps[t]` for `ids[t + 1]`); what stands between
            words and rows, layers and heads, is averaged.
        axes: one for each word, an array or a list of any shape; left over ones are blanked.
        objects: as in `boxes`, drawn into every picture.

    Raises:
        ValueError: there are not as many maps as words, or fewer axes.
    """
    flat, maps = np.ravel(axes), np.asarray(maps, float)
    if not len(words) == len(maps) <= len(flat):
        raise ValueError(f"expected {len(words)} maps and as many axes, for the words; got {len(maps)} and {len(flat)}")
    image = image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image))
    maps = maps.mean(axis=tuple(range(1, maps.ndim - 2)))
    for ax in flat:
        ax.set_axis_off()
    for ax, word, look in zip(flat, words, maps, strict=False):
        relative = look * look.size
        boxes(image, objects, ax)
        large = Image.fromarray(relative.astype(np.float32)).resize(image.size, Image.Resampling.BILINEAR)
        levels = [level for level in LEVELS if level < np.max(large)]
        for colour, wider in (("white", 2.0), (COLOURS["vermilion"], 0.0)) if levels else ():
            ax.contour(large, levels, colors=colour, linewidths=wider + np.arange(1, len(levels) + 1))
        title = f"{plain(word)}  ({relative.max():.1f} times)"
        ax.set_title(title, fontsize=11, pad=15)  # above the label of a box that begins at the picture's top
    return axes
