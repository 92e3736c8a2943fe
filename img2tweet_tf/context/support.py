"""Which names, numbers, places and dates of a text no fact supports: what a captioner has made up."""

import numpy as np
import regex

from img2tweet_tf.context.reader import tokens_of
from img2tweet_tf.text import clean, tokenize

_NAME = regex.compile(r"@\w+|(?!I')\p{Lu}[\p{Ll}\p{M}'’-]+")  # a mention, or a word that is written with a capital
_NUMBER = regex.compile(r"\P{L}*\d\P{L}*|\d+(?:st|nd|rd|th)")  # a single digit may count what can be seen


def unsupported(text, facts, vocabulary):
    """Returns the words (list of str) of a text that name or number something and stand in no fact.

    A word that begins a sentence is a name only if the vocabulary writes it with a capital elsewhere, too.

    Args:
        text: a tweet.
        facts: list of (field, value) that it was written from.
        vocabulary: the captioner's `Vocabulary`.
    """
    known, found = _words(facts), []
    for token in tokenize(clean(text)):
        name = _is_checkable(vocabulary.surface(token.lower()) if token.lower() in vocabulary else token)
        if name and _bare(token) not in known and token not in found:
            found.append(token)
    return found


def barred(facts, vocabulary):
    """Returns which words of the vocabulary no fact of a pair supports: bool (pairs, V), for `generation.decode`.

    Args:
        facts: for each pair a list of (field, value).
    """
    checked = [_is_checkable(vocabulary.surface(word)) for word in vocabulary.words]
    places = {place: _bare(vocabulary.words[place]) for place in np.flatnonzero(checked).tolist()}
    mask = np.tile(checked, (len(facts), 1))
    for row, of_pair in enumerate(facts):
        known = _words(of_pair)
        mask[row, [place for place, word in places.items() if word in known]] = False
    return mask


def _is_checkable(surface):
    if _NUMBER.fullmatch(surface):
        return len(surface) > 1
    return _NAME.fullmatch(surface) is not None


def _words(facts):
    """Returns the set of the facts' words, see `_bare`."""
    return {_bare(token) for field, value in facts for token in tokens_of(field, value)}


def _bare(word):
    """Returns a word in small letters and without a possessive 's, which a name may have, or get."""
    return word.lower().removesuffix("'s")
