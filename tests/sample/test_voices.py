"""The files of the voices: all of them are read, and a mistake in one is named with its file and line."""

import re

import pytest

from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.sample import yaml_files
from img2tweet_tf.sample.facts import CATEGORIES
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.people import ACCOUNTS
from img2tweet_tf.sample.topics import TOPICS
from img2tweet_tf.sample.voices import read_voice, voices


def all_templates(voice):
    by_topic = [*voice.templates.values(), *voice.hashtags.values(), voice.asides, voice.signoffs]
    return [template for templates in by_topic for template in templates]


def test_every_account_has_a_voice_and_every_voice_an_account():
    assert {account.voice for account in ACCOUNTS} == set(voices())
    assert sum(len(all_templates(voice)) for voice in voices().values()) > 1000


def test_templates_are_told_apart_by_topics_that_there_are():
    for name, voice in voices().items():
        assert {*voice.templates, *voice.hashtags} <= {*TOPICS, *CATEGORIES, "any"}, name


SLOT = re.compile(r"\{(?:a|the|it|ones|colour|is|was|has|s|es|they|them|their)2?:([^{}]+)\}")


def test_slots_and_conditions_name_kinds_that_there_are():
    for voice in voices().values():
        for template in all_templates(voice):
            named = re.findall(
                r"\{(?:a|the|it|ones|colour|is|was|has|s|es|they|them|their)2?:([^{}]+)\}", template.text
            )
            named += [value for name, _, value in template.conditions if name == "has"]
            assert {kind for kinds in named for kind in kinds.split("/")} <= set(KINDS), template.text.where


GOOD = """asides: ["yes"]
templates:
  any:
    - "one [a|b]"
"""


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Returns a function that reads a voice from the text of its file."""

    def read(text):
        (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
        return read_voice("mine.yaml")

    monkeypatch.setattr(yaml_files, "DATA", tmp_path)
    return read


def test_what_a_file_leaves_out_has_a_default(read):
    voice = read(GOOD)
    assert voice.moods == {"neutral": ["🙂"]} and voice.style.drop_stop == 0.4 and not voice.signoffs
    assert voice.templates["any"][0].text.where == "mine.yaml line 4"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[a|b]", "[a|b", "mine.yaml line 4: brackets that do not match in 'one [a|b'"),
        ("templates:", "template:", "mine.yaml line 2: unknown key template"),
        ("asides:", "asides: [x]\nasides:", "mine.yaml line 2: asides occurs twice"),
        ("asides:", "style: {lowr: 1}\nasides:", "mine.yaml line 1: unknown key lowr"),
        ('- "one [a|b]"', '- {text: "one", whn: {a: 1}}', "mine.yaml line 4: unknown key whn"),
        ("  any:", " any: [", "mine.yaml: no YAML"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(read, old, new, says):
    with pytest.raises(Img2TweetError, match=re.escape(says)):
        read(GOOD.replace(old, new))
