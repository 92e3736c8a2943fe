"""The template language of `data/voices/*.yaml`: texts with alternatives and slots, filled from scene and hidden facts.

    "[still|honestly still] buzzing. {team} {score}, {scorer}[ again|], and {a:scarf}"

- `[a|b|]`: one of the alternatives (the last one here is empty). Those that cannot be filled are left out.
- `{fact}`: a hidden fact; `{fact's}` possessive; `{#fact}` as a hashtag; `{ord:fact}` 12th; `{word:fact}` twelve;
  `{fact=value:text}`, `{fact>3:text}`, `{fact<3:text}`: the text, only if it holds.
- `{a}` "a red balloon" or "three balloons", `{the}`, `{it}` (the bare noun in its number), `{ones}` (the bare plural),
  `{colour}`: what the scene is about, as the scene shows it. `{a:dog/poodle}`: a thing of that kind; `{a2}`: the second
  thing. For agreement `{is}`, `{was}`, `{has}`, `{s}` (look{s}), `{es}`, `{they}`, `{them}`, `{their}` (also `{is2}`,
  `{is:dog}`).
- `{rain:soaked}`: the text, only if the scene is outdoors and shows that weather, time of day or setting; `{weather}`:
  a word for the weather. `{dog/poodle:hond}`: the text, only if one of these kinds is there.

An entry is such a text alone, or a mapping of `text` with `when`, `mood` and `test_only`. `when` maps names to what
must hold: a hidden fact to its value or to `"> 3"`, `"< 3"` (an unknown fact never holds); `tally_of: it`: that fact is
the kind that the scene is about; `has`: one of these kinds is there; `count`: `one` or `many` of what it is about;
`weather`, `daytime`. A slot that cannot be filled rules its template out, without a condition.

Every slot says which fact its words name, so that a tweet can tell them apart from the rest.
"""

import re
from dataclasses import dataclass

from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.sample.facts import Thing
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.settings import DAYTIMES, INDOORS, SETTINGS, WEATHERS
from img2tweet_tf.sample.wording import article, hashtag, noun, number, ordinal, possessive
from img2tweet_tf.sample.yaml_files import check_keys

VISIBLE = ("has", "count", "weather", "daytime", "setting")  # what conditions may ask of the scene
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
SHOWN = (*WEATHERS, *DAYTIMES, *SETTINGS)  # what {rain:soaked} may ask of it
_THING = re.compile(rf"^({'|'.join(sorted((*NAMING, *AGREEING), key=len, reverse=True))})(2?)(?::([a-z /]+))?$")
_TEST = re.compile(r"^(\w+)(=|>|<)([^:]*)$")
_TOKEN = re.compile(r"\[|\||\]|\{[^{}]*\}|[^\[\]|{}]+")


@dataclass
class Seen:
    """What a template can be filled from.

    Args:
        scene: the `Scene`.
        moment: the `Moment`.
        rng: a `random.Random`.
        split: "train", "val" or "test".
        hidden_share: how often a hidden fact is preferred to a visible one, 0..1.
        digits: how often numbers are figures, 0..1.
    """

    scene: object
    moment: object
    rng: object
    split: str
    hidden_share: float
    digits: float = 0.2

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

    def holds(self, name, relation, value):
        """Whether what the scene shows, or a hidden fact, is as a condition says; an unknown fact never is."""
        if name == "has":
            return any(kind in self.things for kind in value.split("/"))
        if name == "count":
            thing = self.thing(False, None)
            return thing is not None and (thing.count == 1) == (value == "one")
        if name in VISIBLE:
            return self.shows(value)
        if name not in self.moment.hidden:
            return False
        known = self.moment.hidden[name]
        if value == "it":
            value = self.focus[0] if self.focus else ""
        if relation in "<>":
            return known < int(value) if relation == "<" else known > int(value)
        return str(known) == value


@dataclass(frozen=True)
class Template:
    """A parsed template.

    Args:
        text: as it is written.
        body: its parts: strings, ("slot", text) and ("choice", bodies).
        conditions: tuple of (name, relation, value), all of which must hold.
        mood: "positive", "negative" or "neutral".
        test_only: whether it occurs in the test part alone.
    """

    text: str
    body: tuple
    conditions: tuple = ()
    mood: str = "neutral"
    test_only: bool = False


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
    where = getattr(text, "where", f'"{text}"')
    body = _parse(text)
    if body is None:
        raise Img2TweetError(f"{where}: brackets that do not match, or stand in others, in {text!r}")
    return Template(text, body, tuple(_condition(name, str(value)) for name, value in when.items()), **entry)


def _condition(name, value):
    relation, _, number = value.partition(" ")
    return (name, relation, number) if relation in ("<", ">") and number else (name, "=", value)


def _parse(text):
    """Returns the body of a `Template`, or None where brackets are not in order."""
    tokens, body, options = _TOKEN.findall(text), [], None  # options: those of the bracket that is open
    for token in tokens:
        if token == "[" and options is None:
            options = [[]]
        elif token == "|" and options:
            options.append([])
        elif token == "]" and options:
            body.append(("choice", tuple(map(tuple, options))))
            options = None
        elif token in "[|]":
            return None
        else:
            (options[-1] if options else body).append(("slot", token[1:-1]) if token[0] == "{" else token)
    return None if options or "".join(tokens) != text else tuple(body)


def kinds_asked(template):
    """Returns the kinds that the slots and conditions of a template name, a set."""
    slots = [_THING.match(slot) for slot in _slots(template.body)]
    named = [slot[3] for slot in slots if slot and slot[3]]
    named += [value for name, _, value in template.conditions if name == "has"]
    return {kind for kinds in named for kind in kinds.split("/")}


def facts_asked(template):
    """Returns the hidden facts that the slots and conditions of a template name, a set."""
    named = {name for name, _, _ in template.conditions if name not in VISIBLE}
    for slot in _slots(template.body):
        head = slot.split(":")[0]
        if test := _TEST.match(head):
            named.add(test[1])
        elif not (_THING.match(slot) or slot == "weather" or ":" in slot and (head in SHOWN or _kinds(head))):
            named.add(_fact(slot))
    return named


def _slots(body):
    for node in body:
        if isinstance(node, str):
            continue
        kind, content = node
        if kind == "slot":
            yield content
        else:
            yield from (slot for option in content for slot in _slots(option))


def rests_on_hidden(template, seen):
    """Whether a template names or leans on a hidden fact, a bool; None where it cannot be filled."""
    if template.test_only and seen.split != "test" or not all(seen.holds(*each) for each in template.conditions):
        return None
    hidden = _rests_on_hidden(template.body, seen)
    if hidden is False and any(name not in VISIBLE for name, _, _ in template.conditions):
        return True if seen.hidden_share else None
    return hidden


def _rests_on_hidden(body, seen):
    hidden = False
    for node in body:
        if isinstance(node, str):
            continue
        if node[0] == "choice":
            if not _usable(node[1], seen):
                return None
            continue
        kind = _slot_kind(node[1], seen)
        if kind is None:
            return None
        hidden = hidden or kind == "hidden"
    return hidden


def _usable(options, seen):
    found = [(option, _rests_on_hidden(option, seen)) for option in options]
    return [(option, hidden) for option, hidden in found if hidden is not None]


def choose(usable, seen):
    """Draws one of [(what, whether it rests on hidden facts)]: whether, by the hidden share; which, uniformly."""
    sorts = {hidden for _, hidden in usable}
    wanted = seen.rng.random() < seen.hidden_share if len(sorts) == 2 else sorts.pop()
    return seen.rng.choice([what for what, hidden in usable if hidden == wanted])


def _slot_kind(slot, seen):
    thing = _THING.match(slot)
    if thing:
        found = seen.thing(thing[2], thing[3])
        return None if found is None or (thing[1] == "colour" and not found.colour) else "visible"
    if slot == "weather":
        return "visible" if seen.outdoors else None
    head = slot.split(":", 1)[0]
    if ":" in slot and head in SHOWN:
        return "visible" if seen.shows(head) else None
    if ":" in slot and _kinds(head):
        return "visible" if seen.thing(False, head) else None
    if _TEST.match(head):
        return "hidden" if seen.hidden_share and seen.holds(*_TEST.match(head).groups()) else None
    return "hidden" if _fact(slot) in seen.moment.hidden and seen.hidden_share else None


def _kinds(head):
    """Whether the head of a slot names kinds: "dog" or "dog/poodle"."""
    return all(kind in KINDS for kind in head.split("/"))


def _fact(slot):
    return slot.split(":")[-1].lstrip("#").removesuffix("'s")


def fill(template, seen):
    """The template in words: a list of (text, name of the fact it names or None), and the hidden facts it leans on."""
    leans = [name for name, _, _ in template.conditions if name not in VISIBLE]
    segments = []
    _fill(template.body, seen, segments, leans)
    return segments, leans


def _fill(body, seen, segments, leans):
    for node in body:
        if isinstance(node, str):
            segments.append((node, None))
        elif node[0] == "choice":
            _fill(choose(_usable(node[1], seen), seen), seen, segments, leans)
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
        return seen.rng.choice(WEATHERS[seen.scene.weather].tweets), "weather"
    head, _, text = slot.partition(":")
    if text and head in WEATHERS:
        return text, "weather"
    if text and head in (*DAYTIMES, *SETTINGS):
        return text, "daytime" if head in DAYTIMES else "setting"
    if text and _kinds(head):
        return text, f"thing:{seen.thing(False, head).kind}"
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
    if form == "ones":
        return noun(thing.kind, 2, rng, plain=True)
    words = noun(thing.kind, thing.count, rng)
    if form == "it":
        return words
    if form == "the":
        return f"the {words}"
    if thing.colour and rng.random() < 0.55:
        words = f"{thing.colour} {words}"
    if thing.count == 1:
        return article(words)
    return f"{number(thing.count, rng.random() < seen.digits)} {words}"
