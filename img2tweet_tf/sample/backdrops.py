"""The fifteen settings: each paints its place and says in which zones things can stand, swim, drive or hang."""

from dataclasses import dataclass, replace

from img2tweet_tf.sample.canvas import SIZE, Canvas, Zone, mix
from img2tweet_tf.sample.interiors import PAINTERS as ROOMS
from img2tweet_tf.sample.interiors import wooden_table
from img2tweet_tf.sample.landscapes import PAINTERS as LANDSCAPES
from img2tweet_tf.sample.landscapes import paint_pond
from img2tweet_tf.sample.settings import INDOORS, SETTINGS
from img2tweet_tf.sample.skies import paint_sky
from img2tweet_tf.sample.towns import PAINTERS as TOWNS
from img2tweet_tf.sample.yaml_files import read_yaml

_PLANS = read_yaml("outdoors.yaml")


@dataclass
class Backdrop:
    """An empty place: its picture (PIL, RGB, 299 x 299), its zones by name, its lights as (x, y, radius, colour,
    strength), and the box of its window (None outdoors).
    """

    image: object
    zones: dict[str, Zone]
    lights: list
    window: tuple | None = None


def paint_backdrop(setting, weather, daytime, rng, table=False, pond=False):
    """Paints a setting.

    Args:
        setting, weather, daytime: words of `facts`.
        rng: `random.Random`.
        table: whether something must stand on a table; outdoors that may be a picnic blanket or a towel.
        pond: whether to paint a pond, for something that must swim; parks and fields may have one.

    Returns:
        a `Backdrop`; zones are among ground, table, water, road, rails, far, sky, air, hang.
    """
    canvas = Canvas(weather, daytime, rng, setting in INDOORS)
    zones = ROOMS[setting](canvas, table) if setting in INDOORS else _outdoors(canvas, setting, table, pond)
    zones.setdefault("air", Zone(8, 90, SIZE - 8, 205, 0.8, 1.0))
    zones.setdefault("hang", Zone(10, 95, SIZE - 10, 150, 0.85, 1.0))
    return Backdrop(canvas.finished(), zones, canvas.glows, canvas.window)


def _outdoors(canvas, setting, table, pond):
    """Paints an open-air setting as `data/outdoors.yaml` divides it, and returns its zones."""
    plan = _PLANS[setting]
    levels = {name: canvas.rng.uniform(*bounds) for name, bounds in plan["levels"].items()}
    paint_sky(canvas, levels.get(plan["sky"], plan["sky"]))
    levels |= (LANDSCAPES | TOWNS)[setting](canvas, pond, **levels) or {}
    zones = {}
    for name, zone in plan["zones"].items():
        heights = (zone["top"], zone["bottom"])
        top, bottom = (levels[at[0]] + at[1] if isinstance(at, list) else at for at in heights)
        zones[name] = Zone(zone["margin"], top, SIZE - zone["margin"], bottom, zone["far"], zone["near"])
    if pond:
        paint_pond(canvas, zones)
    if table:
        _lay_table(canvas, zones, setting)
    zones.setdefault("sky", Zone(0, 40, SIZE, zones["ground"].top - 10, 1.0, 1.0))
    return zones


def _lay_table(canvas, zones, setting):
    """Puts a blanket, a towel or a wooden table in front and ends the ground behind it."""
    top, ground = canvas.rng.uniform(212, 224), zones["ground"]
    if SETTINGS[setting].blanket:
        _blanket(canvas, top, *((9, 1) if setting == "beach" else (11, 5)))
        zones["table"] = Zone(22, top + 24, SIZE - 22, 291, 0.9, 1.0)
    else:
        wooden_table(canvas, top)
        zones["table"] = Zone(6, top + 22, SIZE - 6, 278, 0.92, 1.0)
    bottom = max(ground.top + 4, min(ground.bottom, top - 3))
    zones["ground"] = replace(ground, bottom=bottom, near=min(ground.near, 0.85))


def _blanket(canvas, top, columns, rows):
    """A blanket with a pattern of checks; with one row of them, a striped towel."""
    first = canvas.pick("blankets", 14)
    pale = mix(first, (255, 250, 240), 0.72)
    left, right = canvas.rng.uniform(18, 46), SIZE - canvas.rng.uniform(18, 46)
    canvas.trapezoid(top, (left, right), SIZE + 2, (-14, SIZE + 14), pale)

    def edges(column, deep):
        start, end = left + (-14 - left) * deep, right + (SIZE + 14 - right) * deep
        return tuple(start + (end - start) * side / columns for side in (column, column + 1))

    for row in range(rows):
        far, near = ((row / rows) ** 1.3, ((row + 1) / rows) ** 1.3)
        high, low = top + (SIZE + 2 - top) * far, top + (SIZE + 2 - top) * near
        for column in range(row % 2, columns, 2):
            colour = first if rows == 1 else mix(first, pale, 0.25)
            canvas.trapezoid(high, edges(column, far), low, edges(column, near), colour)
