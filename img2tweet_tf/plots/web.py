"""Maps for the browser, to turn and to hover over: HTML files that need no network, beside plotly's script."""

import base64
import html
import re
import textwrap
from pathlib import Path
from urllib.parse import quote

import numpy as np

from img2tweet_tf.plots.maps import class_look, scatter_map
from img2tweet_tf.plots.style import small_png
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.paths import atomic_write

SYMBOLS = {"o": "circle", "^": "diamond", "s": "square", "P": "cross"}  # plotly's, by matplotlib's; it has no triangle
MOST = 6000  # points drawn, at random of more: what a browser still turns smoothly


def write_map(points, labels, names, path, title, hover=None, seed=0):
    """Writes a map as an HTML page, and a thumbnail of it beside the page (.png).

    A click on a class in the page's legend hides it.

    Args:
        points: (n, 2) or (n, 3).
        labels: int (n,), places in `names`.
        names: list of the classes' names.
        path: of the page; `plotly.min.js` is put beside it, once for all pages there.
        title: of the page; the number of points is added where not all are drawn.
        hover: list of n strings shown at a point, by default none.
        seed: int, of the draw.

    Returns:
        the path.

    Raises:
        Img2TweetError: points are not (n, 2) or (n, 3), or labels or hover are of another number.
    """
    from plotly import graph_objects

    points, labels, path = np.asarray(points, float), np.asarray(labels), Path(path)
    if points.ndim != 2 or points.shape[1] not in (2, 3):
        raise Img2TweetError(f"write_map: expected points (n, 2) or (n, 3), got {points.shape}")
    hover = [""] * len(points) if hover is None else hover
    if not len(points) == len(labels) == len(hover):
        raise Img2TweetError(f"write_map: {len(points)} points, {len(labels)} labels and {len(hover)} texts to hover")
    rows = np.arange(len(points))
    if len(rows) > MOST:
        rows = np.sort(np.random.default_rng(seed).choice(len(points), MOST, replace=False))
        title = f"{title} ({MOST:,} of {len(points):,} points)"
    kind = graph_objects.Scattergl if points.shape[1] == 2 else graph_objects.Scatter3d
    figure = graph_objects.Figure()
    for label, name in enumerate(names):
        of_class = rows[labels[rows] == label]
        places = dict(zip("xyz", np.round(points[of_class], 4).T, strict=False))
        texts = [_wrapped(hover[row]) for row in of_class]
        colour, shape = class_look(label)
        marker = {"size": 3 if points.shape[1] == 3 else 5, "color": colour, "symbol": SYMBOLS[shape], "opacity": 0.8}
        says = {"name": str(name), "text": texts, "hoverinfo": "text+name"}
        figure.add_trace(kind(**places, **says, mode="markers", marker=marker))
    figure.update_layout(title=title, template="plotly_white", legend={"itemsizing": "constant"}, height=760)
    with atomic_write(path) as fresh:
        figure.write_html(fresh, include_plotlyjs=False, full_html=True, div_id=path.stem)
        page = fresh.read_text(encoding="utf-8")
        page = page.replace("<head>", f"<head><title>{html.escape(title)}</title>", 1)
        fresh.write_text(page.replace("<body>", '<body><script src="plotly.min.js"></script>', 1), encoding="utf-8")
    _put_script(path.parent)
    with atomic_write(path.with_suffix(".png")) as fresh:
        fresh.write_bytes(_thumbnail(points, labels, names))
    return path


def map_grid(pages, columns=4):
    """Returns maps as a table for a notebook: thumbnails and titles that link to the pages.

    Thumbnails are part of the table, pages are not. Their links are relative, from the folder of the notebook. The page
    that `notebooks/run_all.py` makes of a notebook lies in `runs/notebooks/`, from where they lead a folder less deep.

    Args:
        pages: paths that `write_map` returned, relative to the notebook's folder.
        columns: maps in a row.
    """
    from IPython.display import HTML

    cells = [_linked(Path(page)) for page in pages]
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return HTML(f"<table>\n{body}\n</table>\n<script>{_IN_RUNS}</script>")


_IN_RUNS = """
if (location.pathname.includes("/runs/notebooks/")) {
  for (const link of document.querySelectorAll('a[href^="../runs/"]')) {
    link.setAttribute("href", link.getAttribute("href").replace("../runs/", "../"));
  }
}
"""


def _linked(page):
    """Returns a cell of HTML: thumbnail and title of a page, linked to it."""
    title = re.search("<title>(.*?)</title>", page.read_text(encoding="utf-8"))[1]
    picture = base64.b64encode(page.with_suffix(".png").read_bytes()).decode()
    image = f'<img alt="" width="150" src="data:image/png;base64,{picture}">'
    link = f'<a href="{quote(page.as_posix())}" target="_blank">{image}<br>{title}</a>'
    return f'<td style="text-align:center">{link}</td>'


def _thumbnail(points, labels, names):
    """Returns a small picture of a map, as the bytes of a PNG file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.7, 1.5), dpi=110)
    kind = {"projection": "3d"} if points.shape[1] == 3 else {}
    ax = scatter_map(points, labels, names, figure.add_axes((0, 0, 1, 1), **kind), most=300, legend=False)
    for text in ax.texts:  # too small to read
        text.set_visible(False)
    if kind:
        ax.set(xlabel="", ylabel="", zlabel="")
    return small_png(figure, colours=64)


def _put_script(folder):
    from plotly.offline import get_plotlyjs

    script = folder / "plotly.min.js"
    if not script.is_file():
        with atomic_write(script) as fresh:
            fresh.write_text(get_plotlyjs(), encoding="utf-8")


def _wrapped(text):
    """Returns a text as short lines of HTML."""
    lines = textwrap.wrap(str(text), 60)[:6]
    return "<br>".join(line.replace("&", "&amp;").replace("<", "&lt;") for line in lines)
