"""Which words of a text are names and numbers that no fact supports."""

import numpy as np
import pytest

from img2tweet_tf.context import barred, unsupported
from img2tweet_tf.text import Vocabulary

TEXTS = [
    "Look at Lisbon, I'm in Lisbon on Monday", "the dog of Monday", "so Lisbon at 12:45 with @maro and 2 dogs", "OK TV",
]  # fmt: skip


@pytest.fixture
def vocabulary():
    return Vocabulary.build(TEXTS, min_count=1)


@pytest.mark.parametrize(
    "text, facts, expected",
    [
        ("Look at Lisbon", [], ["Lisbon"]),
        ("Lisbon, look", [], ["Lisbon"]),  # at the start, but a name elsewhere
        ("Dogs in lisbon", [], ["lisbon"]),
        ("Look at Lisbon's dog", [("city", "Lisbon")], []),
        ("lunch at Otto's", [("place", "Otto's")], []),
        ("the dog of Mrs Pugh", [], ["Mrs", "Pugh"]),
        ("the dog of Mrs Pugh", [("neighbour", "Mrs Pugh")], []),
        ("2 dogs at 12:45, I'm OK. TV", [], ["12:45"]),
        ("the 38th, 2-1, 15,000 and 99%", [("crowd", "15,000")], ["38th", "2-1", "99"]),
        ("hi @maro and @other #tag", [("mate", "@other")], ["@maro"]),
        ("#Lisbon, #LISBON", [], ["#Lisbon", "#LISBON"]),
        ("#OldLisbon #Dogs", [], ["#OldLisbon"]),
        ("#OldLisbon", [("city", "Lisbon")], []),
        ("by @ines", [("account", "Ines")], []),
        ("", [], []),
    ],
)
def test_what_is_made_up_is_listed(vocabulary, text, facts, expected):
    assert unsupported(text, facts, vocabulary) == expected


def test_a_name_that_a_fact_supports_may_own_something():
    texts = ["Rosa's dog and Rosa", "at Otto's and Rita's on Monday #Rosa #OldMonday #So"]
    vocabulary = Vocabulary.build(texts, min_count=1)
    (mask,) = barred([[("friend", "Rosa"), ("place", "Otto's")]], vocabulary)
    assert {vocabulary.words[at] for at in np.flatnonzero(mask)} == {"rita's", "monday", "#oldmonday"}


def test_words_that_no_fact_supports_are_barred(vocabulary):
    mask = barred([[], [("city", "Lisbon"), ("mate", "@maro")]], vocabulary)
    assert mask.shape == (2, len(vocabulary)) and mask.dtype == bool
    named = {word for word, bar in zip(vocabulary.words, mask[0], strict=True) if bar}
    assert named == {"lisbon", "monday", "12:45", "@maro"}
    assert {vocabulary.words[at] for at in np.flatnonzero(mask[1])} == {"monday", "12:45"}
