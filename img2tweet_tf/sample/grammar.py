"""The template language of `data/voices/*.yaml`: texts with alternatives and slots, filled from scene and hidden facts.

    "[still|honestly still] buzzing. {team} {score}, {scorer}[ again|], and {a:scarf}"

`docs/sample_world.md` describes it. `read_template` makes a `Template` of such a text: of strings, slots (one class for
each sort of them) and alternatives, which are templates themselves. A slot that cannot be filled rules its template
out. Each says which fact its words name, so that a tweet can tell them apart from the rest.
"""

import re
from dataclasses import dataclass
from random import Random

from img2tweet_tf.sample.facts import Moment, Scene, Thing
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.settings import DAYTIMES, INDOORS, SETTINGS, WEATHERS
from img2tweet_tf.sample.wording import article, figures, hashtag, noun, number, ordinal, possessive
from img2tweet_tf.sample.yaml_files import check_keys
from img2tweet_tf.utils.errors import Img2TweetError

VISIBLE = ("has", "count", "weather", "daytime", "setting")  # what conditions may ask of the scene
SHOWN = {  # what {rain:soaked} may ask of it -> the fact that it then names
    **dict.fromkeys(WEATHERS, "weather"),
    **dict.fromkeys(DAYTIMES, "daytime"),
    **dict.fromkeys(SETTINGS, "setting"),
}
NAMING = ("a", "the", "it", "ones", "colour")
AGREEING = {
    "is": ("is", "are"),
    "was": ("was", "were"),
    "has": ("has", "have"),
    "s": ("s", ""),
    "es": ("es", ""),
    "they": ("it", "they"),
    "them": ("it", "them"),
    "their": ("its", "their"),
}
_THING = re.compile(rf"({'|'.join((*NAMING, *AGREEING))})(2?)(?::([a-z /]+))?")
_TEST = re.compile(r"(\w+)(=|>|<)([^:]*)")
_FACT = re.compile(r"(?:(ord|word):|(#))?(.*?)('s)?")
_PART = re.compile(r"\[([^\[\]]*)\]|\{([^{}]*)\}|[^\[\]|{}]+")  # alternatives, a slot or a text


@dataclass
class Seen:
    """What a template can be filled from."""

    scene: Scene
    moment: Moment
    rng: Random
    split: str  # "train", "val" or "test"
    hidden_share: float  # how often a hidden fact is preferred to a visible one, 0..1
    digits: float = 0.2  # how often numbers are figures, 0..1

    def __post_init__(self):
        self.things = {}
        for thing in self.scene.things:
            if other := self.things.get(thing.kind):
                colour = thing.colour if thing.colour == other.colour else None
                thing = Thing(thing.kind, thing.count + other.count, colour)
            self.things[thing.kind] = thing
        wanted = [thing.kind for thing in self.moment.things if thing.kind in self.things]
        self.focus = wanted or [thing.kind for thing in self.scene.things][:1]
        self.outdoors = self.scene.setting not in INDOORS

    def thing(self, kinds="", place=0):
        """The first thing of `kinds` ("dog/poodle"), or the one at a place of what the scene is about, or None."""
        asked = kinds.split("/") if kinds else self.focus[place : place + 1]
        return next((self.things[kind] for kind in asked if kind in self.things), None)

    def holds(self, name, relation, value):
        """Whether what the scene shows, or a hidden fact, is as a condition says; an unknown fact never is."""
        scene = self.scene
        if name == "has":
            return self.thing(value) is not None
        if name == "count":
            return self.thing() is not None and (self.thing().count == 1) == (value == "one")
        if name in VISIBLE:
            return value == scene.setting or self.outdoors and value in (scene.weather, scene.daytime)
        if name not in self.moment.hidden:
            return False
        known = self.moment.hidden[name]
        if relation == "<":
            return known < int(value)
        if relation == ">":
            return known > int(value)
        return known in self.focus[:1] if value == "it" else str(known) == value


@dataclass(frozen=True)
class Template:
    """A parsed template, or one alternative of it."""

    text: str  # as it is written
    body: tuple  # its parts: strings, slots and tuples of alternatives, each a `Template`
    conditions: tuple = ()  # of (name, relation, value), all of which must hold
    mood: str = "neutral"  # or "positive", "negative"
    test_only: bool = False  # whether it occurs in the test part alone


@dataclass(frozen=True)
class FactSlot:
    """`{city}`, `{city's}`, `{#city}`, `{ord:age}`, `{word:age}`: a hidden fact."""

    fact: str
    form: str | None

    def hidden(self, seen):
        """Whether it rests on a hidden fact; None where it cannot be filled. Likewise for the other slots."""
        return True if self.fact in seen.moment.hidden else None

    def words(self, seen):
        """Returns (words, the fact that they name or None). Likewise for the other slots."""
        forms = {None: figures, "#": hashtag, "'s": possessive, "ord": ordinal, "word": number}
        return forms[self.form](seen.moment.hidden[self.fact]), self.fact


@dataclass(frozen=True)
class TextSlot:
    """`{rain:soaked}`, `{dog/poodle:hond}`, `{delay>30:again}`: a text, if a condition holds."""

    condition: tuple
    text: str

    def hidden(self, seen):
        return bool(_hidden([self.condition])) if seen.holds(*self.condition) else None

    def words(self, seen):
        name, _, value = self.condition
        return self.text, f"thing:{seen.thing(value).kind}" if name == "has" else name


@dataclass(frozen=True)
class WeatherSlot:
    """`{weather}`: a word for the weather, outdoors."""

    def hidden(self, seen):
        return False if seen.outdoors else None

    def words(self, seen):
        return seen.rng.choice(WEATHERS[seen.scene.weather].tweets), "weather"


@dataclass(frozen=True)
class ThingSlot:
    """`{a}`, `{the:dog/poodle}`, `{a2}`, `{is}`: a thing that the scene shows, or what agrees with it."""

    form: str
    place: int
    kinds: str

    def hidden(self, seen):
        thing = seen.thing(self.kinds, self.place)
        return None if thing is None or self.form == "colour" and not thing.colour else False

    def words(self, seen):
        thing, rng = seen.thing(self.kinds, self.place), seen.rng
        if self.form in AGREEING:
            return AGREEING[self.form][thing.count > 1], None
        if self.form == "colour":
            words = thing.colour
        elif self.form == "ones":
            words = noun(thing.kind, 2, rng, plain=True)
        else:
            words = noun(thing.kind, thing.count, rng)
        if self.form == "the":
            words = f"the {words}"
        if self.form == "a":
            if thing.colour and rng.random() < 0.55:
                words = f"{thing.colour} {words}"
            words = article(words) if thing.count == 1 else f"{number(thing.count, rng.random() < seen.digits)} {words}"
        return words, f"thing:{thing.kind}"


def read_template(entry):
    """Returns the `Template` of an entry of a YAML file, a text or a mapping.

    Raises:
        Img2TweetError: brackets that do not match, or a key or condition that there is not.
    """
    entry = {"text": entry} if isinstance(entry, str) else dict(entry)
    check_keys("a template", entry, ("text", "when", "mood", "test_only"))
    if "text" not in entry:
        raise Img2TweetError(f"{getattr(next(iter(entry), None), 'where', 'a template')}: no text")
    text, when = entry.pop("text"), entry.pop("when", {})
    conditions = tuple(_condition(name, str(value)) for name, value in when.items())
    return Template(text, _parse(text, getattr(text, "where", f'"{text}"')), conditions, **entry)


def _condition(name, value):
    relation, _, number = value.partition(" ")
    return (name, relation, number) if relation in ("<", ">") and number else (name, "=", value)


def _parse(text, where):
    """Returns the body of a `Template`."""
    parts, body = list(_PART.finditer(text)), []
    if "".join(part[0] for part in parts) != text:
        raise Img2TweetError(f"{where}: brackets that do not match, or stand in others, in {text!r}")
    for part in parts:
        if part[1] is not None:
            body.append(tuple(Template(option, _parse(option, where)) for option in part[1].split("|")))
        else:
            body.append(part[0] if part[2] is None else _slot(part[2]))
    return tuple(body)


def _slot(text):
    head, colon, then = text.partition(":")
    if thing := _THING.fullmatch(text):
        return ThingSlot(thing[1], 1 if thing[2] else 0, thing[3])
    if text == "weather":
        return WeatherSlot()
    if colon and head in SHOWN:
        return TextSlot((SHOWN[head], "=", head), then)
    if colon and all(kind in KINDS for kind in head.split("/")):
        return TextSlot(("has", "=", head), then)
    if test := _TEST.fullmatch(head):
        return TextSlot(test.groups(), then)
    ordinal_or_word, tag, fact, owner = _FACT.fullmatch(text).groups()
    return FactSlot(fact, ordinal_or_word or tag or owner)


def _slots(template):
    for part in template.body:
        if isinstance(part, tuple):
            yield from (slot for option in part for slot in _slots(option))
        elif not isinstance(part, str):
            yield part


def kinds_asked(template):
    """Returns the kinds that the slots and conditions of a template name, a set."""
    named = [slot.kinds for slot in _slots(template) if isinstance(slot, ThingSlot) and slot.kinds]
    named += [value for name, _, value in template.conditions if name == "has"]
    return {kind for kinds in named for kind in kinds.split("/")}


def shown_asked(template):
    """Returns the weathers, settings and times of day that the slots and conditions of a template name, a set."""
    return {value for name, _, value in _conditions(template) if name in VISIBLE}


def facts_asked(template):
    """Returns the hidden facts that the slots and conditions of a template name, a set."""
    return {*_hidden(_conditions(template))} | {slot.fact for slot in _slots(template) if isinstance(slot, FactSlot)}


def _conditions(template):
    return [*template.conditions, *(slot.condition for slot in _slots(template) if isinstance(slot, TextSlot))]


def _hidden(conditions):
    """The hidden facts of conditions."""
    return [name for name, _, _ in conditions if name not in VISIBLE]


def rests_on_hidden(template, seen):
    """Whether a template names or leans on a hidden fact, a bool; None where it cannot be filled."""
    if template.test_only and seen.split != "test" or not all(seen.holds(*each) for each in template.conditions):
        return None
    found = [bool(_hidden(template.conditions))]
    for part in template.body:
        if isinstance(part, tuple):
            found.append(False if usable(part, seen) else None)
        elif not isinstance(part, str):
            found.append(part.hidden(seen))
    return None if None in found or any(found) and not seen.hidden_share else any(found)


def usable(templates, seen):
    """Returns [(template, whether it rests on hidden facts)] of those that can be filled."""
    found = [(template, rests_on_hidden(template, seen)) for template in templates]
    return [(template, hidden) for template, hidden in found if hidden is not None]


def choose(found, seen):
    """Draws one of `usable` templates: whether it rests on hidden facts, by the hidden share; which, uniformly."""
    sorts = {hidden for _, hidden in found}
    wanted = seen.rng.random() < seen.hidden_share if len(sorts) == 2 else sorts.pop()
    return seen.rng.choice([template for template, hidden in found if hidden == wanted])


def fill(template, seen):
    """The template in words: a list of (text, name of the fact it names or None), and the hidden facts it leans on."""
    segments, leans = [], _hidden(template.conditions)
    for part in template.body:
        if isinstance(part, str):
            segments.append((part, None))
        elif isinstance(part, tuple):
            more, leant = fill(choose(usable(part, seen), seen), seen)
            segments += more
            leans += leant
        else:
            segments.append(part.words(seen))
            if isinstance(part, TextSlot):
                leans += _hidden([part.condition])
    return segments, leans
