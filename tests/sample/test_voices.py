"""The files of the voices: all of them are read, and a mistake in one is named with its file and line."""

import random
import re
import textwrap
from pathlib import Path

import pytest

from img2tweet_tf.sample import yaml_files
from img2tweet_tf.sample.facts import CATEGORIES, Scene, Thing
from img2tweet_tf.sample.grammar import Seen, fill, read_template, rests_on_hidden
from img2tweet_tf.sample.kinds import KINDS, Kind, Look
from img2tweet_tf.sample.people import ACCOUNTS, Account, Acquaintances, Pet
from img2tweet_tf.sample.topics import TOPICS
from img2tweet_tf.sample.voices import read_voice, voices
from img2tweet_tf.sample.world import World
from img2tweet_tf.utils.errors import Img2TweetError


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
            named = SLOT.findall(template.text)
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
        ("[a|b]", "[a|b", "mine.yaml line 4: brackets that do not match, or stand in others, in 'one [a|b'"),
        ("[a|b]", "[a|[b]]", "mine.yaml line 4: brackets that do not match"),
        ("[a|b]", "a|b", "mine.yaml line 4: brackets that do not match"),
        ("[a|b]", "{a", "mine.yaml line 4: brackets that do not match"),
        ("templates:", "template:", "mine.yaml line 2: unknown key template"),
        ("asides:", "asides: [x]\nasides:", "mine.yaml line 2: asides occurs twice"),
        ("asides:", "style: {lowr: 1}\nasides:", "mine.yaml line 1: unknown key lowr"),
        ('- "one [a|b]"', '- {text: "one", whn: {a: 1}}', "mine.yaml line 4: unknown key whn"),
        ('- "one [a|b]"', "- {mood: positive}", "mine.yaml line 4: no text"),
        ("  any:", " any: [", "mine.yaml: no YAML"),
        ("  any:", "  pet:", "mine.yaml: no templates for any"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(read, old, new, says):
    with pytest.raises(Img2TweetError, match=re.escape(says)):
        read(GOOD.replace(old, new))


def test_a_text_for_a_kind_is_written_where_it_is_and_names_it():
    template = read_template("{dog/poodle:een hond} in {kitchen:de keuken}")
    moment = World(0).moments("train", 1)[0]
    for kind, written in (
        ("poodle", [("een hond", "thing:poodle"), (" in ", None), ("de keuken", "setting")]),
        ("cat", None),
    ):
        scene = Scene(None, "kitchen", "sun", "day", [Thing(kind)], [])
        seen = Seen(scene, moment, random.Random(0), "train", 0.5)
        assert (rests_on_hidden(template, seen) is None) == (written is None)
        assert written is None or fill(template, seen)[0] == written


def test_the_examples_of_the_docs_are_read(monkeypatch, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "sample_world.md").read_text(encoding="utf-8")
    blocks = {block.split(":")[0].strip(): block for block in re.findall(r"(?:^ {4,}.*\n|\n)+", page, re.MULTILINE)}
    for name, start in (
        ("accounts", "jetske_waait"),
        ("kinds", "kite"),
        ("jetske", "# The kite flyer, in Dutch.\n    lang"),
    ):
        (tmp_path / f"{name}.yaml").write_text(textwrap.dedent(blocks[start].lstrip("\n")), encoding="utf-8")
    monkeypatch.setattr(yaml_files, "DATA", tmp_path)
    parts = {"acquaintances": Acquaintances, "pets": {"*": Pet}}
    account = yaml_files.read_records("accounts.yaml", Account, key="handle", **parts)["jetske_waait"]
    assert account.pets["Pluis"].kind in KINDS and {*account.topics} <= {*TOPICS}
    assert yaml_files.read_records("kinds.yaml", Kind, look=Look)["kite"].look.place == "air"
    voice = read_voice("jetske.yaml")
    assert voice.lang == "nl" and {*voice.templates} <= {*TOPICS, "any"}
