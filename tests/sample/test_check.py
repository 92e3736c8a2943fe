"""`sample --check`: the world's own files are free of mistakes, and one that is made is named with file and line."""

from dataclasses import replace

import pytest

from img2tweet_tf.cli import main
from img2tweet_tf.sample import check, yaml_files
from img2tweet_tf.sample.grammar import facts_asked, kinds_asked, read_template
from img2tweet_tf.sample.kinds import Kind, Look
from img2tweet_tf.sample.voices import voices
from img2tweet_tf.utils.errors import Img2TweetError


def written(text):
    """A text as it is read from line 7 of a file."""
    made = yaml_files.Text(text)
    made.where = "voices/cat.yaml line 7"
    return made


@pytest.fixture
def with_template(monkeypatch):
    """Returns a function that adds a template to the cat's on skies."""

    def add(text, topic="pet"):
        cat = voices()["cat"]
        more = {**cat.templates, topic: [*cat.templates.get(topic, []), read_template(written(text))]}
        monkeypatch.setattr(check, "voices", lambda: {**voices(), "cat": replace(cat, templates=more)})

    return add


def test_the_world_has_no_mistakes():
    mistakes, warnings = check.check_data()
    assert mistakes == [] and len(warnings) < 50


@pytest.mark.parametrize(
    ("text", "topic", "says"),
    [
        ("{a:dog/dragon} on my chair", "pet", "unknown kind dragon"),
        ("{human} won {socre}", "pet", "nothing fills socre in pet"),
        ("my chair", "bus stop", "unknown topic or category bus stop"),
    ],
)
def test_a_mistake_is_named(with_template, text, topic, says):
    with_template(text, topic)
    mistakes, _ = check.check_data(pairs=800)
    assert any(line.endswith(says) for line in mistakes)
    assert topic != "pet" or f"voices/cat.yaml line 7: {says}" in mistakes


def test_a_template_that_does_not_occur_is_a_warning(with_template):
    with_template("{the:taxi} under {the:ship}")
    _, warnings = check.check_data(pairs=800)
    assert "voices/cat.yaml line 7: not once in 800 pairs: {the:taxi} under {the:ship}" in warnings


def test_the_command_names_mistakes_and_makes_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "check_data", lambda: (["a.yaml line 1: unknown kind x"], ["b"]))
    assert main(["sample", "--check"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "a.yaml line 1: unknown kind x", "b", "img2tweet: sample: mistakes in its data: 1",
    ]  # fmt: skip
    monkeypatch.setattr(check, "check_data", lambda: ([], ["b"]))
    assert main(["sample", "--check"]) == 0 and not list(tmp_path.iterdir())


def test_what_a_template_asks_for():
    template = read_template(
        {"text": "{a:dog/cat} {ord:age} {age>3:old} {rain:wet} {#city} [{is} {pet's}|]", "when": {"score": "2-1"}}
    )
    assert kinds_asked(template) == {"dog", "cat"}
    assert facts_asked(template) == {"age", "city", "pet", "score"}


def test_records_are_checked_by_their_dataclass(monkeypatch, tmp_path):
    def read(text):
        (tmp_path / "kinds.yaml").write_text(text, encoding="utf-8")
        return yaml_files.read_records("kinds.yaml", Kind, look=Look)

    monkeypatch.setattr(yaml_files, "DATA", tmp_path)
    assert read('dog: {look: {sprite: "🐕", place: ground, size: 90}, most: 2}')["dog"].most == 2
    with pytest.raises(Img2TweetError, match="kinds.yaml dog look: no size"):
        read('dog: {look: {sprite: "🐕", place: ground}}')
    with pytest.raises(Img2TweetError, match="kinds.yaml line 2: unknown key lok"):
        read("dog:\n  lok: {}")
    with pytest.raises(Img2TweetError, match="kinds.yaml line 3: dog occurs twice"):
        read("dog:\n  look: {}\ndog: {}")
