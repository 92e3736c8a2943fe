"""What all figures share: colours that colour-blind readers tell apart (Okabe and Ito 2008), bare axes, notes."""

import io

import matplotlib
from PIL import Image

from img2tweet_tf.utils.log import in_notebook

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
CLASSES = [  # ten that stay apart for colour-blind readers, too (Petroff 2021); `matplotlib` has them as "petroff10"
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
]  # fmt: skip
FAINT = "#DDDDDD"


def for_notebooks():
    """Shows a notebook's figures as PNG at 110 dots an inch, in 256 colours each: sharp, and small enough to save."""
    matplotlib.rcParams["figure.dpi"] = 110
    if in_notebook():
        from IPython import get_ipython
        from matplotlib.figure import Figure
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("png")  # at its first figure it would undo what follows
        get_ipython().display_formatter.formatters["image/png"].for_type(Figure, small_png)


def small_png(figure, colours=256):
    """Returns a figure as the bytes of a PNG file with a palette of so many colours; 256 take a third of the space."""
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", bbox_inches="tight")
    Image.open(drawn).convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


def beside(ax, row, text):
    """Writes a text to the right of a row of a chart."""
    where = {"xycoords": ("axes fraction", "data"), "annotation_clip": False}
    ax.annotate(text, (1.02, row), va="center", fontsize=9, **where)


def ink(colour):
    """Returns black or white, whichever can be read on a colour (#RRGGBB)."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 140 else "white"


def short(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def bare(ax):
    """Takes away the frame's top and right, and adds a faint grid across."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="x" if ax.yaxis_inverted() else "y", color=FAINT, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax
