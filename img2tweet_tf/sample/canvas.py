"""What backdrops are painted on: a canvas with one light, its colours, and the zones in which things can be put.

Everything is given in picture coordinates (299 x 299) and drawn at twice the size, then halved, which smooths edges.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from img2tweet_tf.sample.yaml_files import read_yaml

SIZE = 299
_OVER = 2
PALETTES = read_yaml("palettes.yaml")


@dataclass(frozen=True)
class Zone:
    """Where a thing's foot may be: a box in pixels, and the scale at its top (`far`) and bottom (`near`)."""

    left: float
    top: float
    right: float
    bottom: float
    far: float = 0.7
    near: float = 1.0


def mix(first, second, share):
    """Blends two RGB colours; `share` is how much of the second."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))


class Canvas:
    """A picture being painted under one light. Colours are daylight colours: the canvas dims and tints them.

    Those drawn on the `ground` lie under snow when it snows; `raw` ones shine by themselves and keep their colour.
    `table` and `pond` say whether one will be added.
    """

    def __init__(self, weather, daytime, rng, indoors=False, table=False, pond=False):
        self.weather, self.daytime, self.rng = weather, daytime, rng
        self.table, self.pond = table, pond
        self.light = tuple(c * PALETTES["weathers"][weather]["light"] / 255 for c in PALETTES[daytime]["light"])
        if indoors:
            self.light = tuple((3 + c) / 4 for c in self.light)
        self.image = Image.new("RGB", (SIZE * _OVER, SIZE * _OVER))
        self.draw = ImageDraw.Draw(self.image)
        self.glows = []  # lights that shine on everything: (x, y, radius, colour, strength)
        self.window = None  # the box through which the weather is seen, indoors
        self.snowy = weather == "snow" and not indoors

    def between(self, low, high):
        """Returns a random number between two bounds."""
        return self.rng.uniform(low, high)

    def jitter(self, colour, amount=10):
        """Moves an RGB colour a little: all channels together, and each by itself."""
        together = self.between(-amount, amount)
        moved = [c + together + self.between(-amount, amount) / 2 for c in colour]
        return tuple(min(255, max(0, round(c))) for c in moved)

    def pick(self, palette, amount=0):
        """Picks one colour of a palette, moved by up to `amount`."""
        colour = tuple(self.rng.choice(PALETTES[palette]))
        return self.jitter(colour, amount) if amount else colour

    def lit(self, colour, ground=False, raw=False):
        """Returns a daylight colour as it looks in this light."""
        if raw:
            return tuple(colour)
        if ground and self.snowy:
            colour = mix(colour, (244, 247, 252), 0.82)
        return tuple(round(c * light) for c, light in zip(colour, self.light, strict=True))

    def polygon(self, points, colour, ground=False, raw=False):
        self.draw.polygon(_scaled(points), fill=self.lit(colour, ground, raw))

    def trapezoid(self, top, upper, bottom, lower, colour, ground=False):
        """A shape with level edges at `top` and `bottom`, which run from `upper[0]` to `upper[1]` and so on."""
        self.polygon(((upper[0], top), (upper[1], top), (lower[1], bottom), (lower[0], bottom)), colour, ground)

    def box(self, left, top, right, bottom, colour, ground=False, raw=False, radius=0):
        area = _scaled(((left, top), (right, bottom)))
        self.draw.rounded_rectangle(area, radius * _OVER, fill=self.lit(colour, ground, raw))

    def ellipse(self, x, y, wide, high, colour, ground=False, raw=False):
        area = _scaled(((x - wide, y - high), (x + wide, y + high)))
        self.draw.ellipse(area, fill=self.lit(colour, ground, raw))

    def line(self, points, colour, width=1.0, ground=False):
        wide = max(1, round(width * _OVER))
        self.draw.line(_scaled(points), fill=self.lit(colour, ground), width=wide, joint="curve")

    def rays(self, middle, top, count, far, near, colour, width=0.9, ground=False):
        """Lines towards the viewer, `count` on each side of `middle`: `far` pixels apart at `top`, `near` in front."""
        for k in range(-count, count + 1):
            self.line(((middle + k * far, top), (middle + k * near, SIZE)), colour, width, ground)

    def checks(self, top, upper, bottom, lower, fields, power, colour):
        """Fills every other of `fields` (columns, rows) that divide a trapezoid, seen in perspective."""
        columns, rows = fields

        def edges(column, deep):
            left, right = (far + (near - far) * deep for far, near in zip(upper, lower, strict=True))
            return tuple(left + (right - left) * side / columns for side in (column, column + 1))

        for row in range(rows):
            far, near = ((k / rows) ** power for k in (row, row + 1))
            high, low = (top + (bottom - top) * deep for deep in (far, near))
            for column in range(row % 2, columns, 2):
                self.trapezoid(high, edges(column, far), low, edges(column, near), colour)

    def row(self, left, right, widths, gap=None):
        """Yields (x, width) of things side by side; `widths` are the least and the greatest, `gap()` what follows."""
        while left < right:
            wide = self.between(*widths)
            yield left, wide
            left += wide + (gap() if gap else 0)

    def fade(self, left, top, right, bottom, first, last, ground=False, raw=False):
        """Fills a box with a gradient from `first` at its top to `last` at its bottom."""
        high = max(1, round((bottom - top) * _OVER))
        ends = np.array([self.lit(first, ground, raw), self.lit(last, ground, raw)], np.float32)
        steps = np.linspace(0, 1, high, dtype=np.float32)[:, None]
        column = np.rint(ends[0] * (1 - steps) + ends[1] * steps).astype(np.uint8)[:, None]
        strip = Image.fromarray(column).resize((round((right - left) * _OVER), high))
        self.image.paste(strip, (round(left * _OVER), round(top * _OVER)))

    def hills(self, base, height, waves, colour, ground=True):
        """Fills everything below a rolling line around `base`."""
        start = self.between(0, 2 * math.pi)
        line = []
        for x in range(-4, SIZE + 8, 6):
            turn = waves * x / SIZE * 2 * math.pi
            rise = 0.5 + 0.5 * math.sin(start + turn) + 0.25 * math.sin(start * 2 + 2.3 * turn)
            line.append((x, base - height * rise))
        self.polygon([*line, (SIZE + 8, SIZE), (-4, SIZE)], colour, ground)

    def specks(self, left, top, right, bottom, count, colour, size=1.5, ground=False, flat=1.0):
        """Scatters small ellipses, bigger towards the bottom."""
        for _ in range(count):
            y = self.between(top, bottom)
            r = size * (0.5 + (y - top) / max(1.0, bottom - top))
            self.ellipse(self.between(left, right), y, r, r * flat, colour, ground)

    def beam(self, points, colour, strength):
        """Lays a see-through polygon of light over the picture; `strength` in 0..1."""
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon(_scaled(points), fill=round(255 * strength))
        self.image.paste(colour, mask=mask)

    def through(self, left, top, right, bottom, paint):
        """Calls `paint()` and keeps what it drew only inside the box: a view through a window."""
        before = self.image.copy()
        paint()
        area = [round(edge * _OVER) for edge in (left, top, right, bottom)]
        view = self.image.crop(area)
        self.image.paste(before)
        self.image.paste(view, area)

    def finished(self):
        """Returns the backdrop at picture size (RGB)."""
        return self.image.reduce(_OVER)


def _scaled(points):
    return [(x * _OVER, y * _OVER) for x, y in points]
