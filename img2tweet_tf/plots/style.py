"""What all figures share: colours that colour-blind readers tell apart (Okabe and Ito 2008), bare axes, notes."""

import matplotlib

from img2tweet_tf.console import in_notebook

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
