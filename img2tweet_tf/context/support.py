"""Which names, numbers, places and dates of a text no fact supports: what a captioner has made up."""

import numpy as np
import regex

from img2tweet_tf.context.reader import tokens_of
from img2tweet_tf.text import clean, tokenize

_NAME = regex.compile(r"@\w+|(?!I')\p{Lu}[\p{Ll}\p{M}'’-]+")  # a mention, or a word that is written with a capital
_PART = regex.compile(r"\p{Lu}\p{Ll}+")  # of a hashtag: its capitals divide it
_NUMBER = regex.compile(r"\P{L}*\d\P{L}*|\d+(?:st|nd|rd|th)")  # a single digit may count what can be seen


def unsupported(text, facts, vocabulary):
    """Returns the words (list of str) of a text that name or number something and stand in no fact.

    A word that begins a sentence is a name only if the vocabulary writes it with a capital elsewhere, too; a hashtag
    names what its parts name, #LongSpinney a spinney.

    Args:
        text: a tweet.
        facts: list of (field, value) that it was written from.
        vocabulary: the captioner's `Vocabulary`.
    """
    known, found = _words(facts), {}
    for token in tokenize(clean(text)):
        written = vocabulary.surface(token.lower()) if token.lower() in vocabulary else token
        if not known.issuperset(_named(written, vocabulary)):
            found[token] = True
    return list(found)


def barred(facts, vocabulary):
    """Returns which words of the vocabulary no fact of a pair supports: bool (pairs, V), for `generation.decode`.

    Args:
        facts: for each pair a list of (field, value).
    """
    named = [_named(vocabulary.surface(word), vocabulary) for word in vocabulary.words]
    some = [place for place, words in enumerate(named) if words]
    mask = np.zeros((len(facts), len(vocabulary)), bool)
    for row, of_pair in enumerate(facts):
        known = _words(of_pair)
        mask[row, some] = [not known.issuperset(named[place]) for place in some]
    return mask


def _named(written, vocabulary):
    """Returns what a word names or numbers, a list of words as `_bare` gives them: itself, parts of a hashtag, none."""
    if written[0] == "#":
        parts = {part.lower() for part in (written[1:], *_PART.findall(written)) if part.lower() in vocabulary}
        return sorted(part for part in parts if _NAME.fullmatch(vocabulary.surface(part)))
    named = len(written) > 1 if _NUMBER.fullmatch(written) else _NAME.fullmatch(written)
    return [_bare(written)] if named else []


def _words(facts):
    """Returns the set of the facts' words, see `_bare`."""
    return {_bare(token) for field, value in facts for token in tokens_of(field, value)}


def _bare(word):
    """Returns a word in small letters and without a possessive 's, which a name may have, or get."""
    return word.lower().removesuffix("'s")
