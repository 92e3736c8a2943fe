"""Draws a moment: what a camera would have seen of it, as a 299 x 299 picture, and what is really in it."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from img2tweet_tf.sample.backdrops import paint_backdrop
from img2tweet_tf.sample.canvas import SIZE, mix
from img2tweet_tf.sample.facts import Scene, Thing
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.layout import Layout, line_zone, zone_for, zone_scale
from img2tweet_tf.sample.settings import INDOORS, SETTINGS
from img2tweet_tf.sample.skies import SHADOW, VIGNETTE, glow, sprite_light, weather_overlay

_MOST_SCENERY = 3
_NO_SHADOW = {"sky", "air", "hang", "line", "water"}


def compose(moment, rng):
    """Draws one moment.

    Takes nothing from the moment but its things, setting, weather and daytime.

    Args:
        moment: a `facts.Moment`.
        rng: `random.Random`; the same state gives the same picture, byte for byte.

    Returns:
        A `facts.Scene`. A thing that found no room is left out. `objects` come in the order of `things`,
        as many for each
        as its `count`; boxes end before `right` and `bottom`. Of every object at least 60 % and 400 pixels are seen.
    """
    return compose_with_owners(moment, rng)[0]


def compose_with_owners(moment, rng):
    """Like `compose`, and also returns which object owns each pixel: int array (299, 299), -1 for the backdrop."""
    things = _drawable(moment.things)
    water = any(KINDS[t.kind].look.place == "water" for t in things)
    water = SETTINGS[moment.setting].pond and (water or rng.random() < 0.06)
    table = any(KINDS[t.kind].look.place == "table" for t in things)
    backdrop = paint_backdrop(moment.setting, moment.weather, moment.daytime, rng, table, water)
    zones = dict(backdrop.zones)
    hung = [KINDS[t.kind].look.size for t in things if KINDS[t.kind].look.place == "line"]
    if hung:
        zones["line"] = line_zone(rng, hung)
    layout, groups = Layout(zones, rng), []
    _place_things(layout, things, moment.setting, rng)
    groups.extend(things)
    _place_scenery(layout, groups, moment.setting, rng)
    placed = sorted(layout.placed, key=lambda p: p.order)
    picture, owners = _draw(backdrop, zones, placed, moment, rng)
    objects, summed = [], []
    for group, thing in enumerate(groups):
        mine = [index for index, p in enumerate(placed) if p.group == group]
        if mine:
            summed.append(Thing(thing.kind, len(mine), thing.colour))
            objects.extend((index, _described(placed[index], owners == index)) for index in mine)
    renamed = np.full(len(placed) + 1, -1)
    for new, (old, _) in enumerate(objects):
        renamed[old] = new
    scene = Scene(picture, moment.setting, moment.weather, moment.daytime, summed, [o for _, o in objects])
    return scene, renamed[owners]


def _drawable(things):
    """Merges equal things and drops colours that a kind cannot have."""
    counts = {}
    for thing in things:
        possible = thing.colour in (*KINDS[thing.kind].colours, KINDS[thing.kind].natural)
        key = (thing.kind, thing.colour if possible else None)
        counts[key] = counts.get(key, 0) + thing.count
    return [Thing(kind, count, colour) for (kind, colour), count in counts.items()]


def _place_things(layout, things, setting, rng):
    where = [zone_for(t.kind, setting, layout.zones) for t in things]
    sharing = {}
    for thing, zone in zip(things, where, strict=True):
        sharing.setdefault(zone, []).extend([(KINDS[thing.kind].look.size)] * thing.count)
    hero = rng.choice((0.34, 0.4, 0.6, 0.66))
    spots = {zone: [hero if len(sizes) > 1 else rng.uniform(0.36, 0.64)] for zone, sizes in sharing.items()}
    for group, (thing, zone) in enumerate(zip(things, where, strict=True)):
        if zone is None:
            continue
        taken = spots[zone]
        side = 1 if hero < 0.5 else -1
        anchor = taken[0] if len(taken) == 1 else (hero + side * (0.36, 0.58, -0.26, 0.16)[(len(taken) - 2) % 4])
        taken.append(anchor)
        size = KINDS[thing.kind].look.size * zone_scale(sharing[zone]) * rng.uniform(0.93, 1.07)
        if zone == "table" and "ground" in sharing:
            size *= 0.88
        step = 0.86 * size / SIZE
        for index in range(thing.count):
            target = min(0.92, max(0.08, anchor + (index - (thing.count - 1) / 2) * step))
            layout.add(thing.kind, thing.colour, group, zone, size * rng.uniform(0.9, 1.06), target)


def _place_scenery(layout, groups, setting, rng):
    """Adds what a setting may have anyway; `groups` grows by what was added."""
    shown, added = {thing.kind for thing in groups}, 0
    for kind, chance in SETTINGS[setting].scenery.items():
        if kind in shown or rng.random() > chance or added >= _MOST_SCENERY:
            continue
        zone = zone_for(kind, setting, layout.zones)
        if zone is None:
            continue
        colour = rng.choice(KINDS[kind].comes_in) if KINDS[kind].comes_in else None
        many = rng.choice((1, 2)) if KINDS[kind].most > 1 else 1
        group, done = len(groups), 0
        for _ in range(min(many, _MOST_SCENERY - added)):
            size = KINDS[kind].look.size * rng.uniform(0.68, 0.92)
            edge = rng.choice((rng.uniform(0.06, 0.25), rng.uniform(0.75, 0.94)))
            done += layout.add(kind, colour, group, zone, size, edge, behind=True)
        if done:
            groups.append(Thing(kind, done, colour))
            added += done


def _draw(backdrop, zones, placed, moment, rng):
    """Returns the picture (RGB) and the index in `placed` that owns each pixel (int array, -1 for none)."""
    indoors = moment.setting in INDOORS
    picture = backdrop.image
    if indoors and backdrop.window:
        weather_overlay(picture, moment.weather, rng, backdrop.window)
    dark = moment.daytime == "night" or (moment.daytime == "sunset" and not indoors)
    for x, y, radius, colour, strength in backdrop.lights:
        glow(picture, x, y, radius, colour, strength)
    light = sprite_light(moment.weather, moment.daytime, indoors)
    shades = [round(v * part / 255) for part in light for v in range(256)] + list(range(256))
    _fittings(picture, placed, zones, moment.setting, light)
    owners = np.full((SIZE, SIZE), -1)
    for index, p in enumerate(placed):
        if p.zone not in _NO_SHADOW:
            wide = p.sprite.width * (0.5 if KINDS[p.kind].look.thin else 0.98)
            _shadow(picture, p.left + p.sprite.width / 2, p.top + p.sprite.height, wide)
        shaded = p.sprite if light == (255, 255, 255) else p.sprite.point(shades)
        picture.paste(shaded, (p.left, p.top), shaded)
        high = p.solid.shape[0]
        owners[p.top : p.top + high, p.left : p.left + p.solid.shape[1]][p.solid] = index
    if dark:
        for p in placed:
            if colour := KINDS[p.kind].look.glow:
                middle, high = p.left + p.sprite.width / 2, p.top + p.sprite.height * 0.45
                glow(picture, middle, high, max(p.sprite.size) * 0.85, tuple(colour), 0.4)
    if not indoors:
        weather_overlay(picture, moment.weather, rng)
    return ImageChops.multiply(picture, VIGNETTE), owners


def _fittings(picture, placed, zones, setting, light):
    """Draws what things hang from, swim in or stand on, behind all of them, so that it hides none."""
    draw = ImageDraw.Draw(picture)
    if any(p.zone == "line" for p in placed):
        high = zones["line"].top
        draw.line((0, high - 8, SIZE / 2, high, SIZE, high - 8), fill=(70, 62, 60), width=2)
    for p in placed:
        wide, foot = p.sprite.width, p.top + p.sprite.height
        middle = p.left + wide / 2
        if p.zone == "hang":
            draw.line((middle, 0, middle, p.top + 3), fill=(60, 52, 50), width=1)
        elif p.zone == "water":
            for grow, shift in ((1.05, 0), (0.8, 3)):
                area = (middle - wide * grow / 2, foot - 5 + shift, middle + wide * grow / 2, foot + 3 + shift)
                draw.ellipse(area, outline=mix((70, 110, 150), (190, 226, 240), min(light) / 255))
        elif p.zone == "far" and setting == "harbour":
            shore = tuple(round(c * part / 255) for c, part in zip((112, 148, 92), light, strict=True))
            draw.ellipse((middle - wide * 0.8, foot - 9, middle + wide * 0.8, foot + 7), fill=shore)


def _shadow(picture, middle, foot, wide):
    high = max(7, round(wide * 0.15))
    wide = max(8, round(wide))
    soft = SHADOW.resize((wide, high), Image.Resampling.BILINEAR)
    picture.paste((24, 22, 40), (round(middle - wide / 2), round(foot - high * 0.62)), soft)


def _described(placed, seen):
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
    return {"name": placed.kind, "box": box, "visible": round(int(seen.sum()) / placed.pixels, 3)}
