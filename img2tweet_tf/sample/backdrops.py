"""The fifteen settings: each is painted and says in which zones things can stand, swim, drive or hang."""

from dataclasses import replace

from img2tweet_tf.sample.canvas import SIZE, Canvas, Zone, mix
from img2tweet_tf.sample.interiors import cafe, kitchen, living_room, wooden_table
from img2tweet_tf.sample.landscapes import beach, field, forest, garden, harbour, mountains, paint_pond, park
from img2tweet_tf.sample.settings import INDOORS, SETTINGS
from img2tweet_tf.sample.skies import paint_sky
from img2tweet_tf.sample.towns import market, stadium, stage, station, street
from img2tweet_tf.sample.yaml_files import read_yaml

_PLANS = read_yaml("backdrops.yaml")
_ROOMS = (kitchen, cafe, living_room)
_OPEN = (park, garden, forest, beach, mountains, field, harbour, stadium, street, station, stage, market)
# Each painter takes a `Canvas` and the levels of its place in the plan; it may return further levels.
_PAINTERS = {painter.__name__: painter for painter in _ROOMS + _OPEN}


def paint_backdrop(setting, weather, daytime, rng, table=False, pond=False):
    """Paints a setting as `data/backdrops.yaml` divides it.

    Args:
        setting, weather, daytime: words of `facts`.
        rng: `random.Random`.
        table: whether something must stand on a table; outdoors that may be a picnic blanket or a towel.
        pond: whether to paint a pond, for something that must swim; parks and fields may have one.

    Returns:
        the `Canvas`, and a dict of `Zone`; its keys are among ground, table, water, road, rails, far, sky, air, hang.
    """
    plan, indoors = _PLANS[setting], setting in INDOORS
    canvas = Canvas(weather, daytime, rng, indoors, table, pond)
    levels = {name: rng.uniform(*bounds) for name, bounds in plan["levels"].items()}
    if indoors:
        table_top = rng.uniform(*plan["table top"])
    else:
        paint_sky(canvas, levels.get(plan["sky"], plan["sky"]))
    levels |= _PAINTERS[setting](canvas, **levels) or {}
    zones = _zones(plan["zones"], levels)
    if pond:
        paint_pond(canvas, zones)
    if table and indoors:
        wooden_table(canvas, table_top, canvas.pick(f"{setting} tables"))
        zones |= _zones(plan["table"], levels | {"table top": table_top})
    elif table:
        _lay_table(canvas, zones, setting)
    if not indoors:
        zones.setdefault("sky", Zone(0, 40, SIZE, zones["ground"].top - 10, 1.0, 1.0))
    zones.setdefault("air", Zone(8, 90, SIZE - 8, 205, 0.8, 1.0))
    zones.setdefault("hang", Zone(10, 95, SIZE - 10, 150, 0.85, 1.0))
    return canvas, zones


def _zones(plan, levels):
    """Returns the zones of a plan, their heights counted from the levels."""

    def height(at):
        if not isinstance(at, list):
            return at
        level, below, *greatest = at
        return min([levels[level] + below, *greatest])

    return {
        name: Zone(z["margin"], height(z["top"]), SIZE - z["margin"], height(z["bottom"]), z["far"], z["near"])
        for name, z in plan.items()
    }


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
    shape = (top, (left, right), SIZE + 2, (-14, SIZE + 14))
    canvas.trapezoid(*shape, pale)
    canvas.checks(*shape, (columns, rows), 1.3, first if rows == 1 else mix(first, pale, 0.25))
