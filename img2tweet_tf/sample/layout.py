"""Places things in a backdrop's zones: who stands where, how large, and how much of each stays in sight."""

from dataclasses import dataclass, field

import numpy as np

from img2tweet_tf.sample.canvas import SIZE, Zone
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.settings import INDOORS
from img2tweet_tf.sample.things import sprite

LEAST_SHARE, LEAST_PIXELS = 0.6, 400  # what must be seen of every named object: share of its own pixels, and pixels
_MARGIN = 0.04  # asked for on top of `LEAST_SHARE` while placing
_DEPTH = {
    "sky": 0,
    "far": 1,
    "water": 2,
    "rails": 3,
    "road": 3,
    "ground": 3,
    "line": 4,
    "hang": 4,
    "air": 5,
    "table": 6,
}


@dataclass
class Placed:
    """One object: its sprite (RGBA), where (left, top) it goes, which pixels are in sight (bool, SIZE x SIZE)."""

    kind: str
    group: int
    zone: str
    sprite: object
    left: int
    top: int
    base: float
    solid: np.ndarray
    seen: np.ndarray = field(repr=False, default=None)

    @property
    def order(self):
        """Later is nearer."""
        return (_DEPTH[self.zone], self.base)

    @property
    def pixels(self):
        return int(self.solid.sum())


def zone_for(kind, setting, zones):
    """Names the zone that a kind goes to, or None where it has no place in this setting."""
    place = KINDS[kind].look.place
    if place in zones:
        return place
    if place in ("sky", "far") or KINDS[kind].outside and setting in INDOORS:
        return None
    if place == "water":
        return "ground" if KINDS[kind].shore else None
    if place == "rails" and "road" in zones:
        return "road"
    return "ground"


def zone_scale(sizes):
    """How much larger or smaller than usual things are drawn that share a zone, from their usual sizes in pixels."""
    return min(1.3, max(0.66, (350 / sum(sizes)) ** 0.6))


class Layout:
    """Puts objects in one by one, never hiding too much of any."""

    def __init__(self, zones, rng):
        self.zones, self.rng, self.placed = zones, rng, []

    def add(self, kind, colour, group, zone_name, size, target, behind=False):
        """Tries to place one object.

        Args:
            group: index of the `Thing` it belongs to.
            size: longest side in pixels, at the front of its zone.
            target: where its middle should be, 0 (left) to 1.
            behind: whether it belongs to the back of its zone.

        Returns:
            True if there was room.
        """
        zone, rng, look = self.zones[zone_name], self.rng, KINDS[kind].look
        mirror = look.mirror and rng.random() < 0.5
        lean = rng.uniform(-look.lean, look.lean) if look.lean else 0.0
        for attempt in range(4):
            deep = (
                rng.uniform(0.0, 0.4) if behind else rng.uniform(0.35, 1.0) if attempt == 0 else rng.uniform(0.0, 1.0)
            )
            if zone_name == "table" and attempt:
                deep = 1.0  # in front, where it hides least
            side = size * (zone.far + (zone.near - zone.far) * deep) * (1.0, 0.86, 0.76, 0.64)[attempt]
            picture = sprite(kind, colour, max(46, round(side)), mirror, lean)
            if zone_name == "water":
                picture = picture.crop((0, 0, picture.width, round(picture.height * (1 - look.draught))))
            tries = self._tries(kind, group, zone_name, zone, picture, deep, target, attempt)
            best = min(tries, key=lambda found: found[0])
            if best[0] < 100:
                self._put(best[1])
                return True
        return False

    def _tries(self, kind, group, zone_name, zone, picture, deep, target, attempt):
        """Yields (badness, `Placed`) for several positions; 100 or more means that it may not stand there."""
        rng = self.rng
        solid = np.asarray(picture.getchannel("A")) > 127
        wide, high = picture.size
        for step in range(12):
            middle = target * SIZE + rng.gauss(0, (1 + 2 * attempt) * (5 + 15 * step))
            left = round(min(max(middle - wide / 2, max(0, zone.left)), min(SIZE, zone.right) - wide))
            base = zone.top + (zone.bottom - zone.top) * min(1.0, max(0.0, deep + rng.uniform(-0.1, 0.1)))
            if zone_name == "line":
                top = round(zone.top - 5)
            else:
                top = round(base - high)
            if zone_name in ("sky", "air", "hang"):
                top = max(top, 3)
            if left < 0 or top < 0 or top + high > SIZE:
                if left < 0 or high > SIZE - 4:
                    yield 1000, None
                    continue
                top = min(max(top, 2), SIZE - high)
            found = Placed(kind, group, zone_name, picture, left, top, top + high, solid)
            badness = self._badness(found) + abs(left + wide / 2 - target * SIZE) / 160
            yield badness, found
            if badness < 0.12:
                return

    def _badness(self, new):
        """Weighs what `new` would hide of others and others of it."""
        box = np.s_[new.top : new.top + new.solid.shape[0], new.left : new.left + new.solid.shape[1]]
        mine, bad = new.solid.copy(), 0.0
        for other in self.placed:
            if not _touching(new, other):
                continue
            if other.order > new.order:
                mine &= ~_solid_in(other, box)
            else:
                seen = int(other.seen.sum()) - int((other.seen[box] & new.solid).sum())
                share = seen / other.pixels
                if share < LEAST_SHARE + _MARGIN or seen < LEAST_PIXELS + 40:
                    return 100.0
                bad += 3 * (1 - share)
            bad += 0.3 * (other.zone == new.zone) + 0.5 * (abs(other.base - new.base) < 3 and other.zone != "sky")
        seen = int(mine.sum())
        if seen / new.pixels < LEAST_SHARE + _MARGIN or seen < LEAST_PIXELS + 40:
            return 100.0
        return bad + 3 * (1 - seen / new.pixels)

    def _put(self, new):
        box = np.s_[new.top : new.top + new.solid.shape[0], new.left : new.left + new.solid.shape[1]]
        new.seen = np.zeros((SIZE, SIZE), bool)
        new.seen[box] = new.solid
        for other in self.placed:
            if not _touching(new, other):
                continue
            if other.order > new.order:
                new.seen[box] &= ~_solid_in(other, box)
            else:
                other.seen[box] &= ~new.solid
        self.placed.append(new)


def _touching(first, second):
    (high, wide), (tall, broad) = first.solid.shape, second.solid.shape
    return (
        first.left < second.left + broad
        and second.left < first.left + wide
        and first.top < second.top + tall
        and second.top < first.top + high
    )


def _solid_in(other, box):
    """Returns the pixels of another object as they fall into a box (a pair of slices)."""
    canvas = np.zeros((SIZE, SIZE), bool)
    high, wide = other.solid.shape
    canvas[other.top : other.top + high, other.left : other.left + wide] = other.solid
    return canvas[box]


def line_zone(rng, sizes):
    """A washing line across the picture for shirts and scarves: its zone's top is the height of the line."""
    high = rng.uniform(34, 62)
    return Zone(6, high, SIZE - 6, high + max(sizes), 1.0, 1.0)
