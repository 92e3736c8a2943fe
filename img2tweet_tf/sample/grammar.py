"""A small phrase grammar: frames with alternatives and slots, filled from a scene and from hidden facts.

    "<+,result=win,streak>2> [still|honestly still] buzzing. {team} {score}, {scorer}[ again|], and {a:scarf}"

- `[a|b|]`: one of the alternatives (the last one here is empty); they nest. Those that cannot be filled are left out.
- `{fact}`: a hidden fact; `{fact's}` possessive; `{#fact}` as a hashtag; `{ord:fact}` 12th; `{word:fact}` twelve;
  `{fact=value:text}`, `{fact>3:text}`, `{fact!=value:text}`: the text, only if it holds.
- `{a}` "a red balloon" or "three balloons", `{the}`, `{this}` ("these dogs"), `{it}` (the bare noun in its number),
  `{one}`, `{ones}`, `{n}` (how many), `{colour}`: what the scene is about, as the scene shows it.
  `{a:dog/poodle}`: a thing of that kind; `{a2}`: the second thing. For agreement `{is}`, `{was}`, `{has}`, `{s}`
  (look{s}), `{they}`, `{them}`, `{their}` (also `{is2}`, `{is:dog}`).
- `{rain:soaked}`: the text, only if the scene is outdoors and shows that weather, time of day or setting; `{weather}`:
  a word for the weather.
- `<...>` in front: `+` or `-` for the mood; `test`: in the test part only; the rest are conditions as above, `!rain`,
  `has KIND`, `no KIND`, `one`, `many`, `indoors`, `outdoors`; `tally_of=it`: the fact is the kind the scene is about.

Every slot says which fact its words name, so that a tweet can tell them apart from the rest.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from img2tweet_tf.sample.facts import DAYTIMES, INDOORS, SETTINGS, WEATHERS, Thing
from img2tweet_tf.sample.wording import WEATHER_WORDS, article, hashtag, noun, number, ordinal, possessive

NAMING = ("a", "the", "this", "it", "n", "one", "ones", "colour")
AGREEING = {
    "is": ("is", "are"),
    "was": ("was", "were"),
    "has": ("has", "have"),
    "s": ("s", ""),
    "es": ("es", ""),
    "they": ("it", "they"),
    "them": ("it", "them"),
    "their": ("its", "their"),
    "itself": ("itself", "themselves"),
}
_THING = re.compile(rf"^({'|'.join(sorted((*NAMING, *AGREEING), key=len, reverse=True))})(2?)(?::([a-z /]+))?$")
_TEST = re.compile(r"^(\w+)(!=|=|>|<)([^:]*)$")
_TOKEN = re.compile(r"\[|\||\]|\{[^{}]*\}|[^\[\]|{}]+")


@dataclass
class Seen:
    """What a frame can be filled from.

    Args:
        scene: the `Scene`.
        moment: the `Moment`.
        rng: a `random.Random`.
        split: "train", "val" or "test".
        dial: share of hidden facts, 0..1.
        digits: how often numbers are figures, 0..1.
    """

    scene: object
    moment: object
    rng: object
    split: str
    dial: float
    digits: float = 0.2
    nouns: dict = field(default_factory=dict)

    def __post_init__(self):
        self.things = {}
        for thing in self.scene.things:
            other = self.things.get(thing.kind)
            if other:
                thing = Thing(
                    thing.kind, thing.count + other.count, thing.colour if thing.colour == other.colour else None
                )
            self.things[thing.kind] = thing
        wanted = [thing.kind for thing in self.moment.things if thing.kind in self.things]
        self.focus = wanted or [thing.kind for thing in self.scene.things][:1]
        self.outdoors = self.scene.setting not in INDOORS

    def thing(self, second, kinds):
        """The thing a slot is about, or None."""
        if kinds:
            return next((self.things[kind] for kind in kinds.split("/") if kind in self.things), None)
        place = 1 if second else 0
        return self.things[self.focus[place]] if len(self.focus) > place else None

    def shows(self, value):
        """Whether the scene shows a weather, time of day or setting."""
        if value in WEATHERS:
            return self.outdoors and value == self.scene.weather
        if value in DAYTIMES:
            return self.outdoors and value == self.scene.daytime
        return value == self.scene.setting

    def holds(self, condition):
        """Whether a hidden fact stands as the condition says; an unknown fact never does."""
        name, relation, value = _TEST.match(condition).groups()
        if name not in self.moment.hidden:
            return False
        known = self.moment.hidden[name]
        if value == "it":
            value = self.focus[0] if self.focus else ""
        if relation in "<>":
            return known < int(value) if relation == "<" else known > int(value)
        return (str(known) == value) == (relation == "=")


@dataclass(frozen=True)
class Frame:
    """A parsed frame: `body` is a sequence of strings, ("slot", ...) and ("choice", ...); `mood` "+", "-" or ""."""

    source: str
    conditions: tuple
    body: tuple
    mood: str
    test: bool


@cache
def parse(source):
    """Parses one frame.

    Raises:
        ValueError: brackets that do not match.
    """
    head, text = (), source
    if source.startswith("<"):
        head, text = source[1:].split("> ", 1)
        head = tuple(part.strip() for part in head.split(","))
    tokens = _TOKEN.findall(text)
    body, rest = _sequence(tokens, 0)
    if rest != len(tokens) or "".join(tokens) != text or tokens.count("[") != tokens.count("]"):
        raise ValueError(f"frame with brackets that do not match: {source!r}")
    mood = next((part for part in head if part in ("+", "-")), "")
    return Frame(source, tuple(part for part in head if part not in ("+", "-", "test")), body, mood, "test" in head)


def _sequence(tokens, at):
    body = []
    while at < len(tokens) and tokens[at] not in ("|", "]"):
        if tokens[at] == "[":
            options, at = [], at
            while at < len(tokens) and tokens[at] != "]":
                option, at = _sequence(tokens, at + 1)
                options.append(option)
            body.append(("choice", tuple(options)))
        elif tokens[at].startswith("{"):
            body.append(("slot", tokens[at][1:-1]))
        else:
            body.append(tokens[at])
        at += 1
    return tuple(body), at


def weigh(frame, seen):
    """How much a frame suits: 0 if it cannot be filled or the dial is against it, else a positive weight."""
    if frame.test and seen.split != "test":
        return 0.0
    hidden = visible = False
    for condition in frame.conditions:
        known = bool(_TEST.match(condition))
        if not (seen.holds(condition) if known else _stands(condition, seen)):
            return 0.0
        hidden, visible = hidden or known, visible or not known
    shape = _shape(frame.body, seen)
    if shape is None:
        return 0.0
    return _weight(hidden or shape[0], visible or shape[1], seen.dial) * (3.0 if frame.test else 1.0)


def _weight(hidden, visible, dial):
    if hidden:
        return 2 * dial * (1.0 if not visible else 1.5 - dial)
    return 2 * (1 - dial) * (1.3 if visible else 0.7) if dial < 1 else 1e-6


def _stands(condition, seen):
    if condition.startswith("!"):
        return not seen.shows(condition[1:])
    if condition.startswith("has "):
        return any(kind in seen.things for kind in condition[4:].split("/"))
    if condition.startswith("no "):
        return condition[3:] not in seen.things
    if condition in ("one", "many"):
        thing = seen.thing("", None)
        return thing is not None and (thing.count == 1) == (condition == "one")
    if condition in ("indoors", "outdoors"):
        return seen.outdoors == (condition == "outdoors")
    if condition not in (*WEATHERS, *DAYTIMES, *SETTINGS):
        raise ValueError(f"unknown condition {condition!r}")
    return seen.shows(condition)


def _shape(body, seen):
    """(needs hidden facts, needs visible ones), or None where something cannot be filled."""
    hidden = visible = False
    for node in body:
        if isinstance(node, str):
            continue
        if node[0] == "choice":
            if not _options(node[1], seen):
                return None
            continue
        kind = _slot_kind(node[1], seen)
        if kind is None:
            return None
        hidden, visible = hidden or kind == "hidden", visible or kind == "visible"
    return hidden, visible


def _options(options, seen):
    weighed = []
    for option in options:
        shape = _shape(option, seen)
        if shape and shape[0]:
            weight = 2.4 * seen.dial
        elif shape:
            weight = 3 * (1 - seen.dial) + 0.02 if shape[1] else 1.0
        if shape and weight > 0:
            weighed.append((option, weight))
    return weighed


def _slot_kind(slot, seen):
    thing = _THING.match(slot)
    if thing:
        found = seen.thing(thing[2], thing[3])
        return None if found is None or (thing[1] == "colour" and not found.colour) else "visible"
    if slot == "weather":
        return "visible" if seen.outdoors else None
    head = slot.split(":", 1)[0]
    if ":" in slot and head in (*WEATHERS, *DAYTIMES, *SETTINGS):
        return "visible" if seen.shows(head) else None
    if _TEST.match(head):
        return "hidden" if seen.holds(head) and seen.dial > 0 else None
    return "hidden" if _fact(slot) in seen.moment.hidden and seen.dial > 0 else None


def _fact(slot):
    return slot.split(":")[-1].lstrip("#").removesuffix("'s")


def fill(frame, seen):
    """The frame in words: a list of (text, name of the fact it names or None), and the hidden facts it leans on."""
    leans = [_TEST.match(c)[1] for c in frame.conditions if _TEST.match(c)]
    segments = []
    _fill(frame.body, seen, segments, leans)
    return segments, leans


def _fill(body, seen, segments, leans):
    for node in body:
        if isinstance(node, str):
            segments.append((node, None))
        elif node[0] == "choice":
            options = _options(node[1], seen)
            chosen = seen.rng.choices([option for option, _ in options], [weight for _, weight in options])[0]
            _fill(chosen, seen, segments, leans)
        else:
            segments.append(_words(node[1], seen, leans))


def _words(slot, seen, leans):
    match = _THING.match(slot)
    if match:
        thing = seen.thing(match[2], match[3])
        if match[1] in AGREEING:
            return AGREEING[match[1]][thing.count > 1], None
        return _thing_words(match[1], thing, seen), f"thing:{thing.kind}"
    if slot == "weather":
        return seen.rng.choice(WEATHER_WORDS[seen.scene.weather]), "weather"
    head, _, text = slot.partition(":")
    if text and head in WEATHERS:
        return text, "weather"
    if text and head in (*DAYTIMES, *SETTINGS):
        return text, "daytime" if head in DAYTIMES else "setting"
    if _TEST.match(head):
        leans.append(_TEST.match(head)[1])
        return text, _TEST.match(head)[1]
    name = _fact(slot)
    value = seen.moment.hidden[name]
    if slot.startswith("#"):
        return hashtag(value), name
    if slot.endswith("'s"):
        return possessive(str(value)), name
    if head == "ord":
        return ordinal(value), name
    if isinstance(value, int) and value > 2100:
        return f"{value:,}", name
    return number(value) if head == "word" else str(value), name


def _thing_words(form, thing, seen):
    rng = seen.rng
    if form == "colour":
        return thing.colour
    if form == "n":
        return number(thing.count)
    if form in ("one", "ones"):
        return noun(thing.kind, 1 if form == "one" else 2, rng, plain=True)
    words = noun(thing.kind, thing.count, rng)
    if form == "it":
        return words
    if form in ("the", "this"):
        return f"{'the' if form == 'the' else 'this' if thing.count == 1 else 'these'} {words}"
    if thing.colour and rng.random() < 0.55:
        words = f"{thing.colour} {words}"
    if thing.count == 1:
        return article(words)
    return f"{number(thing.count, rng.random() < seen.digits)} {words}"
