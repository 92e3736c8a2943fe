"""Draws a moment: what a camera would have seen of it, as a 299 x 299 picture, and what is really in it."""

from collections import Counter, defaultdict
from itertools import chain, cycle

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from img2tweet_tf.sample.backdrops import paint_backdrop
from img2tweet_tf.sample.canvas import SIZE, Zone, mix
from img2tweet_tf.sample.facts import Scene, Thing
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.layout import Layout, zone_for
from img2tweet_tf.sample.settings import INDOORS, SETTINGS
from img2tweet_tf.sample.skies import SHADOW, VIGNETTE, glow, sprite_light, weather_overlay

_MOST_SCENERY = 3
_NO_SHADOW = {"sky", "air", "hang", "line", "water"}


def compose(moment, rng):
    """Draws one moment. Takes nothing from it but its things, setting, weather and daytime.

    Args:
        moment: a `facts.Moment`.
        rng: `random.Random`; the same state gives the same picture, byte for byte.

    Returns:
        A `facts.Scene`. A thing that found no room is left out. `objects` come in the order of `things`, as many for
        each as its `count`; boxes end before `right` and `bottom`. Of every object at least 60 % and 400 pixels are
        seen.
    """
    return compose_with_owners(moment, rng)[0]


def compose_with_owners(moment, rng):
    """Like `compose`, and also returns which object owns each pixel: int array (299, 299), -1 for the backdrop."""
    things = _drawable(moment.things)
    places = {KINDS[thing.kind].look.place for thing in things}
    pond = SETTINGS[moment.setting].pond and ("water" in places or rng.random() < 0.06)
    canvas, zones = paint_backdrop(moment.setting, moment.weather, moment.daytime, rng, "table" in places, pond)
    if "line" in places:  # a washing line across the picture, for shirts and scarves
        high = rng.uniform(34, 62)
        zones["line"] = Zone(6, high, SIZE - 6, high, 1.0, 1.0)
    layout = Layout(zones, rng)
    _place_things(layout, things, moment.setting, rng)
    things += _place_scenery(layout, things, moment.setting, rng)
    placed = sorted(layout.placed, key=lambda p: p.order)
    picture = _draw(canvas, zones, placed, moment, rng)
    summed, objects, owners = [], [], np.full((SIZE, SIZE), -1)
    for group, thing in enumerate(things):
        mine = [p for p in placed if p.group == group]
        if mine:
            summed.append(Thing(thing.kind, len(mine), thing.colour))
        for p in mine:
            owners[p.seen] = len(objects)
            objects.append(_described(p))
    return Scene(picture, moment.setting, moment.weather, moment.daytime, summed, objects), owners


def _drawable(things):
    """Merges equal things and drops colours that a kind cannot have."""
    counts = Counter()
    for thing in things:
        possible = thing.colour in (*KINDS[thing.kind].colours, KINDS[thing.kind].natural)
        counts[thing.kind, thing.colour if possible else None] += thing.count
    return [Thing(kind, count, colour) for (kind, colour), count in counts.items()]


def _place_things(layout, things, setting, rng):
    where = [zone_for(thing.kind, setting, layout.zones) for thing in things]
    sharing = defaultdict(list)
    for thing, zone in zip(things, where, strict=True):
        sharing[zone] += [KINDS[thing.kind].look.size] * thing.count
    hero = rng.choice((0.34, 0.4, 0.6, 0.66))
    others = [hero + (shift if hero < 0.5 else -shift) for shift in (0.36, 0.58, -0.26, 0.16)]
    anchors, scales = {}, {}
    for zone, sizes in sharing.items():
        first = hero if len(sizes) > 1 else rng.uniform(0.36, 0.64)
        anchors[zone] = chain([first], cycle(others))
        scales[zone] = min(1.3, max(0.66, (350 / sum(sizes)) ** 0.6))  # the fuller a zone, the smaller its things
    for group, (thing, zone) in enumerate(zip(things, where, strict=True)):
        if zone is None:
            continue
        anchor = next(anchors[zone])
        size = KINDS[thing.kind].look.size * scales[zone] * rng.uniform(0.93, 1.07)
        if zone == "table" and "ground" in sharing:
            size *= 0.88
        for index in range(thing.count):
            target = min(0.92, max(0.08, anchor + (index - (thing.count - 1) / 2) * 0.86 * size / SIZE))
            layout.add(thing.kind, thing.colour, group, zone, size * rng.uniform(0.9, 1.06), target)


def _place_scenery(layout, things, setting, rng):
    """Adds what a setting may have anyway beside the `things`, and returns what was added."""
    shown, added, left = {thing.kind for thing in things}, [], _MOST_SCENERY
    for name, chance in SETTINGS[setting].scenery.items():
        kind, zone = KINDS[name], zone_for(name, setting, layout.zones)
        if name in shown or rng.random() > chance or not left or zone is None:
            continue
        colour = rng.choice(kind.comes_in) if kind.comes_in else None
        many = rng.choice((1, 2)) if kind.most > 1 else 1
        done = 0
        for _ in range(min(many, left)):
            size = kind.look.size * rng.uniform(0.68, 0.92)
            edge = rng.choice((rng.uniform(0.06, 0.25), rng.uniform(0.75, 0.94)))
            done += layout.add(name, colour, len(things) + len(added), zone, size, edge, behind=True)
        if done:
            added.append(Thing(name, done, colour))
            left -= done
    return added


def _draw(canvas, zones, placed, moment, rng):
    """Returns the picture (RGB)."""
    picture, indoors = canvas.finished(), moment.setting in INDOORS
    if indoors:
        weather_overlay(picture, moment.weather, rng, canvas.window)
    for light in canvas.glows:
        glow(picture, *light)
    light = sprite_light(moment.weather, moment.daytime, indoors)
    shades = [round(v * part / 255) for part in light for v in range(256)] + list(range(256))
    _fittings(picture, placed, zones, moment.setting, light)
    for p in placed:
        if p.zone not in _NO_SHADOW:
            wide = p.sprite.width * (0.5 if KINDS[p.kind].look.thin else 0.98)
            _shadow(picture, p.left + p.sprite.width / 2, p.base, wide)
        picture.paste(p.sprite.point(shades), (p.left, p.top), p.sprite)
    if moment.daytime == "night" or (moment.daytime == "sunset" and not indoors):
        for p in placed:
            if colour := KINDS[p.kind].look.glow:
                x, y = p.left + p.sprite.width / 2, p.top + p.sprite.height * 0.45
                glow(picture, x, y, max(p.sprite.size) * 0.85, tuple(colour), 0.4)
    if not indoors:
        weather_overlay(picture, moment.weather, rng)
    return ImageChops.multiply(picture, VIGNETTE)


def _fittings(picture, placed, zones, setting, light):
    """Draws what things hang from, swim in or stand on, behind all of them, so that it hides none."""
    draw = ImageDraw.Draw(picture)
    if any(p.zone == "line" for p in placed):
        high = zones["line"].top
        draw.line((0, high - 8, SIZE / 2, high, SIZE, high - 8), fill=(70, 62, 60), width=2)
    for p in placed:
        wide, foot, middle = p.sprite.width, p.base, p.left + p.sprite.width / 2
        if p.zone == "hang":
            draw.line((middle, 0, middle, p.top + 3), fill=(60, 52, 50), width=1)
        elif p.zone == "water":
            ripple = mix((70, 110, 150), (190, 226, 240), min(light) / 255)
            for half, y in ((wide * 1.05 / 2, foot), (wide * 0.8 / 2, foot + 3)):
                draw.ellipse((middle - half, y - 5, middle + half, y + 3), outline=ripple)
        elif p.zone == "far" and setting == "harbour":
            shore = tuple(round(c * part / 255) for c, part in zip((112, 148, 92), light, strict=True))
            draw.ellipse((middle - wide * 0.8, foot - 9, middle + wide * 0.8, foot + 7), fill=shore)


def _shadow(picture, middle, foot, wide):
    high, wide = max(7, round(wide * 0.15)), max(8, round(wide))
    soft = SHADOW.resize((wide, high), Image.Resampling.BILINEAR)
    picture.paste((24, 22, 40), (round(middle - wide / 2), round(foot - high * 0.62)), soft)


def _described(placed):
    rows, columns = np.flatnonzero(placed.seen.any(1)), np.flatnonzero(placed.seen.any(0))
    box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
    return {"name": placed.kind, "box": box, "visible": round(int(placed.seen.sum()) / placed.pixels, 3)}
