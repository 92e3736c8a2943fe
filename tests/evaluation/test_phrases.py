"""Fixed phrases of the sample world, in which a noun is no thing of the scene."""

import pytest

from img2tweet_tf.evaluation.facts import _nouns
from img2tweet_tf.evaluation.phrases import FixedPhrases


@pytest.fixture(scope="module")
def phrases():
    return FixedPhrases(_nouns())


@pytest.mark.parametrize(
    "text, noun, fixed",
    [
        ("a rose . some things are worth a cold coffee", "coffee", True),
        ("a cold coffee #slowisfast", "coffee", True),
        ("a coffee . the morning can wait", "coffee", False),
        ("fig & fury : bike rack out front", "bike", True),
        ("trains strike . my bike never says no", "bike", True),
        ("my bike in the rain", "bike", False),
        ("25 visits , zero cars", "cars", True),
        ("43 minutes for cars , free for me", "cars", False),  # the scenes of its topic show cars
        ("first thing i check : are dogs welcome . no dog , no trip", "dogs", True),
        ("two dogs", "dogs", False),
    ],
)
def test_a_noun_in_fixed_words_of_a_voice_is_told_apart(phrases, text, noun, fixed):
    words = text.split()
    assert phrases.has(words, words.index(noun), 1) == fixed


def test_a_noun_that_fills_a_slot_is_never_in_a_fixed_phrase(phrases):
    from img2tweet_tf.sample.grammar import ThingSlot
    from img2tweet_tf.sample.voices import voices

    alone = [  # templates that are a slot with its words around, such as "{a}, good jacket"
        template.body
        for voice in voices().values()
        for templates in voice.templates.values()
        for template in templates
        if isinstance(template.body[0], ThingSlot) and template.body[0].form == "a" and not template.body[0].kinds
    ]
    texts = [["a", "coffee", *body[1].lower().split()] for body in alone if len(body) > 1 and isinstance(body[1], str)]
    assert len(texts) > 20 and not any(phrases.has(words, 1, 1) for words in texts)
