"""The facts measure of the sample world: which facts a text states, and whether each is true of its pair.

A statement is visible (an object, its number or colour, the weather, the setting) or hidden (a name, a place, a date, a
time, a number, a score). What can be stated is read from the world: the nouns of its kinds, the names that any of its
facts takes. A noun in a fixed phrase of the world, such as "zero cars", states nothing. The measure sees a text and its
pair, never what a captioner was told. `tests/evaluation/data` holds texts labelled by reading, on which its precision
and recall are measured.
"""

import calendar
import functools
import itertools
from collections import Counter
from typing import NamedTuple

import numpy as np
import regex

from img2tweet_tf.context import hidden_facts
from img2tweet_tf.evaluation.phrases import FixedPhrases
from img2tweet_tf.sample.kinds import COLOURS, KINDS
from img2tweet_tf.sample.settings import SETTINGS, WEATHERS
from img2tweet_tf.sample.wording import NUMBERS
from img2tweet_tf.text import clean, tokenize

# Fields whose values are words of every day and no names.
_PLAIN = {
    "costume", "country", "homeward", "kids_result", "fives_result", "last_result", "leave", "mum", "relation",
    "result", "venue",
}  # fmt: skip
_QUALIFIED = ("window", "inner", "stool", "driver", "drivers")  # a noun before these is no thing of its own
_SPELLED = {word: number for number, word in enumerate(NUMBERS) if number}
_DAYS = {word.lower() for word in (*calendar.day_name, *calendar.month_name) if word}
_NUMBER = regex.compile(r"\d[\d,.:-]*(?:st|nd|rd|th)?")
_ARTICLES = ("the", "a", "an")
_BETWEEN = (*_ARTICLES, "of", "and", "my", "very", "little", "big")  # what may stand between a number and its noun


class Statement(NamedTuple):
    """A fact that a text states: its words, whether it can be seen, whether it is true of the pair."""

    words: str
    visible: bool
    true: bool


class FactsMeasure:
    """Finds the facts that texts about a world state.

    Args:
        pairs: `Pairs` of the sample, from which the names of the world and its plain words are learned.
    """

    def __init__(self, pairs):
        self.names, said = set(), Counter()
        for pair in pairs:
            hidden = hidden_facts(pair)
            for name, value in hidden.items():
                if name not in _PLAIN and isinstance(value, str) and _is_name(value):
                    self.names |= {tuple(_words(value)), ("".join(_words(value)),)}  # the latter in hashtags
            true = {word for value in hidden.values() for word in _words(value)}
            said.update({token for token in _tokens(pair.record["text"]) if token.islower()} - true)
        self.plain = {word for (word, *more) in self.names if not more and said[word] > 2}
        self.nouns = _nouns()
        self.longest = max(map(len, [*self.names, *self.nouns]))
        self.phrases = FixedPhrases(self.nouns)

    def statements(self, text, pair):
        """Returns the facts that a raw text states, a list of `Statement`, each once."""
        tokens, at, found = _tokens(text), 0, {}
        world = _World(pair)
        while at < len(tokens):
            length, key, statements = self._read(tokens, at, world)
            for part, visible, true in statements:
                words = part if visible and part != "thing" else " ".join(tokens[at : at + length])
                found.setdefault((key, part), Statement(words, visible, true))
            at += length
        return list(found.values())

    def _read(self, tokens, at, world):
        """Reads the statement that begins at a token: (tokens read, what it is about, [(part, visible, true)])."""
        token = tokens[at]
        word = token.lower()
        if word[0] == "@" and len(word) > 1:
            return 1, word, [("name", False, world.knows([word]))]
        if word[0] == "#" and len(word) > 1:
            return self._read_hashtag(word[1:], world)
        if word in _DAYS:
            certain = word not in ("may", "march") or token[0].isupper()
            return 1, word, [("day", False, world.knows([word]))] if certain else []
        for length in range(min(self.longest, len(tokens) - at), 0, -1):
            phrase = tuple(each.lower() for each in tokens[at : at + length])
            if phrase in self.names or world.knows_part(phrase):
                return length, " ".join(phrase), self._name(phrase, tokens, at, world)
            if phrase in self.nouns:
                qualified = tokens[at + length : at + length + 1] and tokens[at + length].lower() in _QUALIFIED
                if qualified or self.phrases.has(tokens, at, length):
                    return length, "", []
                kinds = self.nouns[phrase]
                about = [("thing", True, world.shows(kinds)), *_number_and_colour(tokens, at, kinds, world)]
                return length, kinds[0], about
        if _NUMBER.fullmatch(word):
            return 1, word, _hidden_number(tokens, at, world, self.nouns)
        if word in _SPELLED and tokens[at + 1 : at + 2] == ["degrees"]:
            return 1, word, [("number", False, world.knows([str(_SPELLED[word])]))]
        return 1, word, []

    def _read_hashtag(self, tag, world):
        if (tag,) in self.names or world.knows_joined(tag):
            return 1, tag, [("name", False, world.knows_joined(tag))]
        kinds = self.nouns.get((tag,))
        return (1, kinds[0], [("thing", True, world.shows(kinds))]) if kinds else (1, tag, [])

    def _name(self, phrase, tokens, at, world):
        """A name; a word that is a name and a plain word, too, is a false name only where it is written like a name."""
        true = world.knows_part(phrase)
        starts = at == 0 or tokens[at - 1] in (".", "!", "?", ":")
        if not true and phrase[0] in self.plain and len(phrase) == 1 and (starts or tokens[at].islower()):
            return []
        return [("name", False, true)]


class _World:
    """What is true of one pair."""

    def __init__(self, pair):
        context = pair.record["context"]
        self.values = [[word.removesuffix("'s") for word in _words(value)] for value in hidden_facts(pair).values()]
        self.flat = {word for words in self.values for word in words}
        self.things = context["things"]["value"]
        self.seen = {context[name]["value"] for name in ("setting", "weather", "daytime")}

    def knows(self, words):
        """Whether each of these words stands in a hidden fact."""
        return all(word.removesuffix("'s") in self.flat for word in words)

    def knows_part(self, phrase):
        """Whether a phrase is a hidden fact that is a name, or two words or more of one in a row."""
        phrase = [word.removesuffix("'s") for word in phrase]
        phrase = phrase[1:] if phrase[0] in _ARTICLES else phrase
        if not phrase or phrase[-1] in _ARTICLES or all(map(str.isdigit, phrase)):
            return False
        for value in self.values:
            parts = [value[start : start + len(phrase)] for start in range(len(value) - len(phrase) + 1)]
            if phrase in parts and (len(phrase) == len(value) or len(phrase) > 1 or len(phrase[0]) > 4):
                return True
        return False

    def knows_joined(self, tag):
        """Whether a hashtag is a hidden fact, written as one word."""
        return tag in {"".join(words) for words in self.values}

    def shows(self, kinds):
        """Whether one of these kinds of things, weathers or settings can be seen."""
        seen = self.seen | {thing["kind"] for thing in self.things}
        return any(kind in seen or kind + "s" in seen for kind in kinds)

    def of_kinds(self, kinds):
        return [thing for thing in self.things if thing["kind"] in kinds]


def _number_and_colour(tokens, at, kinds, world):
    """Returns what is said of how many there are and of their colour, where the thing is there at all."""
    things, found, back = world.of_kinds(kinds), [], at - 1
    while things and back >= max(0, at - 4):
        word = tokens[back].lower()
        if word in COLOURS:
            colours = {thing["colour"] or KINDS[thing["kind"]].natural for thing in things}
            found.append((word, True, word in colours))
        elif (number := _SPELLED.get(word) or (int(word) if word.isdecimal() and len(word) < 3 else 0)) > 1:
            if not world.knows([str(number)]):
                found.append((word, True, number in {thing["count"] for thing in things}))
            break
        elif word not in _BETWEEN:
            break
        back -= 1
    return found


def _hidden_number(tokens, at, world, nouns):
    """A number in figures is a hidden fact, unless it counts what a picture can show."""
    after = [token.lower() for token in tokens[at + 1 : at + 6]]
    while after and (after[0] in COLOURS or after[0] in _BETWEEN):
        after = after[1:]
    counts = any(tuple(after[:length]) in nouns for length in (1, 2, 3, 4))
    number = regex.sub(r"(?<=\d)(?:st|nd|rd|th)$|,(?=\d{3})", "", tokens[at].lower())
    known = world.knows([number]) or world.knows([tokens[at].lower()])
    return [] if counts and not known else [("number", False, known)]


def _nouns():
    """Returns the world's nouns: dict of words -> the kinds of thing, weathers or settings that they may be."""
    phrases = [(name, (setting.called or name, name.replace("_", " "))) for name, setting in SETTINGS.items()]
    phrases += [(name, weather.tweets) for name, weather in WEATHERS.items()]
    phrases += [(name, [*itertools.chain(*kind.tweets, *kind.captions)]) for name, kind in KINDS.items()]
    nouns = {}
    for name, its_phrases in phrases:
        for phrase in its_phrases:
            nouns.setdefault(tuple(_words(phrase)), []).append(name)
    return nouns


def _is_name(value):
    """Whether a value is a name or a phrase of its own, and no number or time."""
    return value[0] == "@" or (any(map(str.isupper, value)) and not value[0].isdigit()) or value.count(" ") > 1


@functools.lru_cache(100_000)
def _words(value):
    """Returns the lower-case words of a value, without its article."""
    words = [token.lower() for token in tokenize(clean(str(value)))]
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


def _tokens(text):
    return [part for token in tokenize(clean(text)) for part in token.split("/") if part]


def fact_scores(texts, pairs, measure):
    """Returns the figures of the facts measure for texts, one a pair: see `metrics.FACTS`."""
    found = [measure.statements(*each) for each in zip(texts, pairs, strict=True)]
    counts = {
        (visible, true): np.mean([sum((each.visible, each.true) == (visible, true) for each in of) for of in found])
        for visible in (False, True)
        for true in (False, True)
    }
    right, everything = counts[False, True] + counts[True, True], sum(counts.values())
    return {
        "facts_hidden": float(counts[False, True]),
        "facts_hidden_false": float(counts[False, False]),
        "facts_visible": float(counts[True, True]),
        "facts_visible_false": float(counts[True, False]),
        "facts_precision": float(right / everything) if everything else 1.0,
    }
