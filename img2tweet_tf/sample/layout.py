"""Places things in a backdrop's zones: who stands where, how large, and how much of each stays in sight."""

from dataclasses import dataclass

import numpy as np

from img2tweet_tf.sample.canvas import SIZE
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.settings import INDOORS
from img2tweet_tf.sample.things import sprite

_LEAST_SHARE, _LEAST_PIXELS = 0.64, 440  # what must stay in sight of an object; pictures promise 0.6 and 400
_DEPTH = dict(sky=0, far=1, water=2, rails=3, road=3, ground=3, line=4, hang=4, air=5, table=6)
_NO_ROOM = 100


@dataclass
class Placed:
    """One object: its sprite (RGBA) and where (left, top) it goes.

    `mask` says which pixels it covers, `seen` which of them are in sight (bool, SIZE x SIZE).
    """

    kind: str
    group: int
    zone: str
    sprite: object
    left: int
    top: int

    def __post_init__(self):
        self.right, self.base = self.left + self.sprite.width, self.top + self.sprite.height
        self.order = (_DEPTH[self.zone], self.base)  # later is nearer
        self.mask = np.zeros((SIZE, SIZE), bool)
        self.mask[self.top : self.base, self.left : self.right] = np.asarray(self.sprite.getchannel("A")) > 127
        self.seen, self.pixels = self.mask, int(self.mask.sum())

    def touches(self, other):
        """Whether the boxes of the two overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.base and other.top < self.base

    def loss(self, seen):
        """Weighs what is hidden when only the `seen` pixels are in sight."""
        count = np.count_nonzero(seen)
        share = count / self.pixels
        return 3 * (1 - share) if share >= _LEAST_SHARE and count >= _LEAST_PIXELS else _NO_ROOM


def zone_for(kind, setting, zones):
    """Names the zone that a kind goes to, or None where it has no place in this setting."""
    place = KINDS[kind].look.place
    if place in zones:
        return place
    if place in ("sky", "far") or KINDS[kind].outside and setting in INDOORS:
        return None
    if place == "water":
        return "ground" if KINDS[kind].shore else None
    return "road" if place == "rails" and "road" in zones else "ground"


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
        for attempt, shrunk in enumerate((1.0, 0.86, 0.76, 0.64)):
            depths = (0.0, 0.4) if behind else (0.0, 1.0) if attempt else (0.35, 1.0)
            deep = rng.uniform(*depths)
            if zone_name == "table" and attempt:
                deep = 1.0  # in front, where it hides least
            side = size * (zone.far + (zone.near - zone.far) * deep) * shrunk
            picture = sprite(kind, colour, max(46, round(side)), mirror, lean)
            if zone_name == "water":
                picture = picture.crop((0, 0, picture.width, round(picture.height * (1 - look.draught))))
            best, least = None, _NO_ROOM
            for left, top in self._spots(zone_name, picture.size, deep, target * SIZE, attempt):
                new = Placed(kind, group, zone_name, picture, left, top)
                badness = self._badness(new) + abs(left + picture.width / 2 - target * SIZE) / 160
                if badness < least:
                    best, least = new, badness
                if badness < 0.12:
                    break
            if best:
                for other in self.placed:
                    if other.order <= best.order:
                        other.seen = other.seen & ~best.mask
                self.placed.append(best)
                return True
        return False

    def _spots(self, zone_name, size, deep, middle, attempt):
        """Yields (left, top) of several places around `middle`, farther and farther away."""
        zone, (wide, high) = self.zones[zone_name], size
        for step in range(12):
            left = middle + self.rng.gauss(0, (1 + 2 * attempt) * (5 + 15 * step)) - wide / 2
            left = round(min(max(left, zone.left, 0), min(SIZE, zone.right) - wide))
            share = min(1.0, max(0.0, deep + self.rng.uniform(-0.1, 0.1)))
            top = round(zone.top + (zone.bottom - zone.top) * share - high)
            if zone_name == "line":
                top = round(zone.top - 5)
            elif zone_name in ("sky", "air", "hang"):
                top = max(top, 3)
            if left >= 0:
                yield left, min(top if top >= 0 else 2, SIZE - high)

    def _badness(self, new):
        """Weighs what `new` would hide of others and others of it, and notes what is in sight of it."""
        bad = 0.0
        for other in filter(new.touches, self.placed):
            if other.order > new.order:
                new.seen = new.seen & ~other.mask
            else:
                bad += other.loss(other.seen & ~new.mask)
            bad += 0.3 * (other.zone == new.zone) + 0.5 * (abs(other.base - new.base) < 3 and other.zone != "sky")
        return bad + new.loss(new.seen)
