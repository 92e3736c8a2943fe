"""Fixed phrases of the sample world's voices, in which a noun is no thing of the scene: "zero cars", "a cold coffee".

A voice's templates say with slots what can be seen. A noun of their fixed words says nothing about the scene, unless
it is a kind of thing that the template asks for, or that its topic shows.
"""

import functools
import itertools

from img2tweet_tf.sample.grammar import kinds_asked, shown_asked
from img2tweet_tf.sample.topics import TOPICS
from img2tweet_tf.sample.voices import voices
from img2tweet_tf.text import clean, tokenize

_SLOT = "\ufffc"  # stands for what fills a slot
_WINDOW = 2  # words that are compared on each side of a noun
_COMMON = ("the", "a", "an", "and")


class FixedPhrases:
    """Tells whether a noun of a text stands in a fixed phrase.

    Args:
        nouns: dict of words, a tuple -> kinds of things, weathers or settings that they may be.
    """

    def __init__(self, nouns):
        self.around = {}  # noun -> the words around it in fixed phrases; None where any word may stand
        for words, shown in _fixed_texts():
            for at, end in itertools.combinations(range(len(words) + 1), 2):
                noun, length = words[at:end], end - at
                if noun in nouns and not shown & {*nouns[noun]}:
                    around = [None if word == _SLOT else word for word in _around(words, at, length, None)]
                    if any(word and word not in _COMMON and word[0].isalnum() for word in around):
                        self.around.setdefault(noun, set()).add(tuple(around))

    def has(self, tokens, at, length):
        """Whether the noun of so many tokens, at a place of a text's, stands in a fixed phrase."""
        words = [token.lower() for token in tokens]
        here = _around(words, at, length, "")
        phrases = self.around.get(tuple(words[at : at + length]), ())
        return any(all(want in (None, word) for want, word in zip(each, here, strict=True)) for each in phrases)


def _around(words, at, length, edge):
    """Returns the two words before and the two after; `edge` where there are none."""
    padded = [*[edge] * _WINDOW, *words, *[edge] * _WINDOW]
    return [*padded[at : at + _WINDOW], *padded[at + length + _WINDOW : at + length + 2 * _WINDOW]]


@functools.cache
def _fixed_texts():
    """Returns what voices may write: (lower-case words, what the text may show without a slot) of each."""
    texts = []
    for voice in voices().values():
        for about, template in voice.by_topic():
            topics = [topic for name, topic in TOPICS.items() if about in (name, topic.category)]
            shown = set().union(*({*topic.main, *topic.extra, *topic.settings} for topic in topics))
            shown |= kinds_asked(template) | shown_asked(template)
            texts += [(tuple(tokenize(clean(text).lower())), shown) for text in _variants(template)]
    return texts


def _variants(template):
    """Returns the texts of a template with each choice of its alternatives, a mark for each slot."""
    parts = []
    for part in template.body:
        if isinstance(part, tuple):
            parts.append([text for option in part for text in _variants(option)])
        else:
            parts.append([part if isinstance(part, str) else _SLOT])
    return ["".join(chosen) for chosen in itertools.product(*parts)]
