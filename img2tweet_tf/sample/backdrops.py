"""The fifteen settings: each paints its place and says in which zones things can stand, swim, drive or hang."""

from dataclasses import dataclass

from img2tweet_tf.sample.canvas import SIZE, Canvas, Zone, jitter, mix
from img2tweet_tf.sample.interiors import PAINTERS as ROOMS
from img2tweet_tf.sample.interiors import wooden_table
from img2tweet_tf.sample.landscapes import PAINTERS as LANDSCAPES
from img2tweet_tf.sample.settings import INDOORS, SETTINGS
from img2tweet_tf.sample.towns import PAINTERS as TOWNS


@dataclass
class Backdrop:
    """An empty place: its picture (PIL, RGB, 299 x 299), its zones by name, its lights as (x, y, radius, colour,
    strength), and the box of its window (None outdoors).
    """

    image: object
    zones: dict[str, Zone]
    lights: list
    window: tuple | None = None


def paint_backdrop(setting, weather, daytime, rng, table=False, water=False):
    """Paints a setting.

    Args:
        setting, weather, daytime: words of `facts`.
        rng: `random.Random`.
        table: whether something must stand on a table; outdoors that may be a picnic blanket or a towel.
        water: whether something must swim; parks and fields then have a pond.

    Returns:
        a `Backdrop`; zones are among ground, table, water, road, rails, far, sky, air, hang.
    """
    indoors = setting in INDOORS
    canvas = Canvas(weather, daytime, rng, indoors)
    if indoors:
        zones = ROOMS[setting](canvas, table)
    else:
        zones = {**LANDSCAPES, **TOWNS}[setting](canvas, water)
        if table:
            _lay_table(canvas, zones, setting)
        horizon = zones["ground"].top
        zones.setdefault("sky", Zone(0, 40, SIZE, max(90, horizon - 10), 1.0, 1.0))
    zones.setdefault("air", Zone(8, 90, SIZE - 8, 205, 0.8, 1.0))
    zones.setdefault("hang", Zone(10, 95, SIZE - 10, 150, 0.85, 1.0))
    return Backdrop(canvas.finished(), zones, canvas.glows, canvas.window)


def _lay_table(canvas, zones, setting):
    """Puts a blanket, a towel or a wooden table in front and ends the ground behind it."""
    rng, top = canvas.rng, canvas.rng.uniform(212, 224)
    if SETTINGS[setting].blanket:
        first = jitter(
            rng.choice(((206, 70, 66), (70, 116, 190), (86, 150, 110), (226, 160, 70), (150, 96, 170))), rng, 14
        )
        pale = mix(first, (255, 250, 240), 0.72)
        edges = (rng.uniform(18, 46), SIZE - rng.uniform(18, 46), SIZE + 14, -14)
        canvas.polygon(((edges[0], top), (edges[1], top), (edges[2], SIZE + 2), (edges[3], SIZE + 2)), pale)

        def at(u, v):
            left, right = edges[0] + (edges[3] - edges[0]) * v, edges[1] + (edges[2] - edges[1]) * v
            return left + (right - left) * u, top + (SIZE + 2 - top) * v

        if setting == "beach":
            for stripe in range(0, 9, 2):
                u, w = stripe / 9, (stripe + 1) / 9
                canvas.polygon((at(u, 0), at(w, 0), at(w, 1), at(u, 1)), first)
        else:
            for row in range(5):
                for column in range(row % 2, 11, 2):
                    u, w, v, x = column / 11, (column + 1) / 11, (row / 5) ** 1.3, ((row + 1) / 5) ** 1.3
                    canvas.polygon((at(u, v), at(w, v), at(w, x), at(u, x)), mix(first, pale, 0.25))
        zones["table"] = Zone(22, top + 24, SIZE - 22, 291, 0.9, 1.0)
    else:
        wooden_table(canvas, top)
        zones["table"] = Zone(6, top + 22, SIZE - 6, 278, 0.92, 1.0)
    ground = zones["ground"]
    zones["ground"] = Zone(
        ground.left,
        ground.top,
        ground.right,
        max(ground.top + 4, min(ground.bottom, top - 3)),
        ground.far,
        min(ground.near, 0.85),
    )
