"""Plain captions: what anybody can see in a scene, and nothing that only its world knows."""

from itertools import islice

from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.settings import INDOORS, SETTINGS, WEATHERS
from img2tweet_tf.sample.wording import NUMBERS, article
from img2tweet_tf.sample.yaml_files import read_yaml

FORMS = read_yaml("captions.yaml")
DUSK = {"sunset": ("at sunset", "at dusk", "in the evening light"), "night": ("at night", "after dark")}


def write_captions(scene, rng, count=5):
    """Returns `count` distinct sentences that say only what the picture of a scene shows.

    Args:
        scene: a `facts.Scene`, its `objects` in the order of its `things`.
        rng: `random.Random`.

    Raises:
        ValueError: there are not that many different things to say.
    """
    view, found = _View(scene, rng), []
    for _ in range(200 * count):
        words = view.sentence()
        words = f"{words[0].upper()}{words[1:]}."
        if words not in found:
            found.append(words)
        if len(found) == count:
            return found
    raise ValueError(f"expected at most {len(found)} captions of this scene, got count={count}")


class _View:
    """One scene, ready to be talked about."""

    def __init__(self, scene, rng):
        self.scene, self.rng = scene, rng
        kinds = [thing.kind for thing in scene.things]
        self.twice = {kind for kind in kinds if kinds.count(kind) > 1}  # there only the colour tells them apart
        boxes = iter([found["box"] for found in scene.objects])
        self.groups = [(thing, list(islice(boxes, thing.count))) for thing in scene.things]

    def noun(self, thing):
        """What a thing may be called, with its number and perhaps its colour."""
        names = KINDS[thing.kind].captions
        words = (names[0] if self.rng.random() < 0.6 else self.rng.choice(names))[thing.count > 1]
        colour = thing.colour or (KINDS[thing.kind].natural if self.rng.random() < 0.5 else None)
        if colour and (self.rng.random() < 0.85 or thing.kind in self.twice):
            if thing.kind == "cat" and colour == "orange":
                colour = self.rng.choice(("orange", "ginger"))
            words = f"{colour} {words.removeprefix('burning ').removeprefix('carved ')}"
        return article(words) if thing.count == 1 else f"{NUMBERS[thing.count]} {words}"

    def when(self, chance):
        """Weather and time of day as an ending, or nothing."""
        scene, rng = self.scene, self.rng
        if rng.random() > chance:
            return ""
        if scene.setting in INDOORS:
            return f", and {WEATHERS[scene.weather].window[scene.daytime]}" if rng.random() < 0.5 else ""
        if scene.daytime != "day" and rng.random() < 0.4:
            return " " + rng.choice(DUSK[scene.daytime])
        return " " + rng.choice(WEATHERS[scene.weather].captions[scene.daytime])

    def where(self):
        return self.rng.choice(SETTINGS[self.scene.setting].captions)

    def some(self, most):
        """Up to `most` groups, those in front of the list more often, the first nearly always."""
        left, chosen = list(self.groups), []
        while left and len(chosen) < most:
            weights = [1 / (1 + 0.7 * k) for k in range(len(left))]
            chosen.append(left.pop(self.rng.choices(range(len(left)), weights)[0]))
        return chosen

    def sentence(self):
        """One caption without its capital and full stop."""
        if not self.groups:
            return self._empty()
        if len(self.groups) == 1:
            return self._single()
        return self.rng.choice((self._single, self._list, self._relation, self._relation))()

    def _empty(self):
        place = SETTINGS[self.scene.setting].called or self.scene.setting
        return self.rng.choice(FORMS["empty"]).format(place=place, a_place=article(place)) + self.when(0.7)

    def _single(self):
        thing, boxes = self.some(1)[0]
        words = {"name": self.noun(thing), "where": self.where(), "be": _be(thing), "verb": _verb(thing)}
        forms = dict(FORMS["single"])
        if thing.count == 1:
            left, top, right, bottom = boxes[0]
            middle = (left + right) / 2
            words["side"] = "left" if middle < 100 else "right"
            if not 100 <= middle <= 199:
                forms |= FORMS["at_a_side"]
            if (right - left) * (bottom - top) > 14000:
                forms |= FORMS["close"]
        return self.rng.choice([form.format(**words) + self.when(chance) for form, chance in forms.items()])

    def _list(self):
        chosen = self.some(self.rng.choice((2, 2, 3, 4)))
        first, *others = [self.noun(thing) for thing, _ in chosen]
        listed = ", ".join([first, *others[:-1]]) + " and " + others[-1]
        words = {"first": first, "others": " and ".join(others), "listed": listed, "be": _be(chosen[0][0])}
        forms = FORMS["several"].items()
        return self.rng.choice([form.format(where=self.where(), **words) + self.when(chance) for form, chance in forms])

    def _relation(self):
        (first, one), (second, other) = self.some(2)
        floating = (KINDS[first.kind].aloft, KINDS[second.kind].aloft)
        relation = spatial_relation(one, other, self.rng, *floating)
        verb = _verb(first) if self.rng.random() < 0.6 else _be(first)
        name, rest = self.noun(first), self.noun(second)
        if self.rng.random() < 0.35:
            return f"{name} {relation} {rest} {self.where()}{self.when(0.5)}"
        return f"{name} {verb} {relation} {rest} {self.where()}{self.when(0.45)}"


def _be(thing):
    return "are" if thing.count > 1 else "is"


def _verb(thing):
    verb = KINDS[thing.kind].verb
    if thing.count > 1:
        return verb
    return {"fly": "flies", "are": "is", "are visible": "is visible"}.get(verb, f"{verb}s")


def _middle(box):
    return (box[0] + box[2]) / 2


def _hull(boxes):
    return [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]


def spatial_relation(first, second, rng, first_aloft=False, second_aloft=False):
    """How boxes `first` lie to boxes `second`, in words that are true of them.

    Args:
        first, second: lists of [left, top, right, bottom].
        first_aloft, second_aloft: whether they hang or fly, so that their lower edge says nothing about who is nearer.
    """
    a, b, true = _hull(first), _hull(second), []
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    if _middle(a) < b[0] and a[2] < _middle(b):
        true += ["to the left of", "left of"]
    if _middle(a) > b[2] and a[0] > _middle(b):
        true += ["to the right of", "right of"]
    if across <= 0.35 * min(a[2] - a[0], b[2] - b[0]) and down > 0.3 * min(a[3] - a[1], b[3] - b[1]):
        true += ["next to", "beside"]
    if first_aloft and not second_aloft and a[3] <= b[1] + 12 and across > 0:
        true += ["above", "over"]
    if not first_aloft and not second_aloft and across > 0 and down > 0:
        if min(box[3] for box in first) > max(box[3] for box in second) + 12:
            true.append("in front of")
        if max(box[3] for box in first) < min(box[3] for box in second) - 12:
            true.append("behind")
    return rng.choice(true or ["near", "not far from"])
