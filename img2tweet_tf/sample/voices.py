"""The voices of the sample world, one file each in `data/voices/`: what an account may write, and how it spells."""

from dataclasses import dataclass, field, fields
from functools import cache

from img2tweet_tf.sample.grammar import Template, read_template
from img2tweet_tf.sample.yaml_files import DATA, check_keys, read_yaml
from img2tweet_tf.utils.errors import Img2TweetError


@dataclass(frozen=True)
class Style:
    """How a voice spells, and how often it adds something: shares of its tweets, 0..1, if not said otherwise."""

    lower: float = 0.0  # all in small letters
    caps: float = 0.0  # all in capitals
    drop_apostrophes: float = 0.0
    drop_stop: float = 0.4  # without the last full stop
    slip_rate: float = 0.0  # typing slips per longer word
    digits: float = 0.2  # share of numbers in figures
    mood_rate: float = 0.2  # an emoji
    signoff_rate: float = 0.0  # a sign-off at the end


@dataclass(frozen=True)
class Voice:
    """One way of writing tweets. Templates and hashtags are told apart by topic, category or "any"."""

    templates: dict[str, list[Template]]
    asides: list[Template]  # may follow a tweet
    signoffs: list[Template] = field(default_factory=list)  # may end it
    hashtags: dict[str, list[Template]] = field(default_factory=dict)
    hashtag_counts: tuple = (4, 2, 1)  # weights of 0, 1, 2 ... hashtags
    moods: dict = field(default_factory=lambda: {"neutral": ["🙂"]})  # also "positive", "negative" -> emoji, emoticons
    spellings: dict = field(default_factory=dict)  # word -> what it may be written as
    style: Style = Style()
    lang: str = "en"  # the language that it tweets in; captions are English

    def by_topic(self):
        """Yields (topic, category or "any", template) of all that the voice may write."""
        for by_topic in (self.templates, self.hashtags, {"any": self.asides + self.signoffs}):
            for topic, templates in by_topic.items():
                yield from ((topic, template) for template in templates)


@cache
def voices():
    """Returns the voices by name, in alphabetical order."""
    return {file.stem: read_voice(f"voices/{file.name}") for file in sorted((DATA / "voices").glob("*.yaml"))}


def read_voice(name):
    """Reads one voice.

    Args:
        name: path below `data/`.

    Raises:
        Img2TweetError: what is wrong in it, and where.
    """
    found = read_yaml(name)
    check_keys(name, found, ("lang", "style", "spellings", "moods", "hashtags", "signoffs", "asides", "templates"))
    style = found.pop("style", {})
    check_keys(f"{name} style", style, [each.name for each in fields(Style)])
    check_keys(f"{name} moods", found.get("moods", {}), ("neutral", "positive", "negative"))
    hashtags = found.pop("hashtags", {})
    if counts := hashtags.pop("counts", None):
        found["hashtag_counts"] = tuple(counts)
    for part in ("asides", "signoffs"):
        found[part] = list(map(read_template, found.get(part, [])))
    for part, by_topic in (("templates", found.get("templates", {})), ("hashtags", hashtags)):
        found[part] = {topic: list(map(read_template, entries)) for topic, entries in by_topic.items()}
    if not found["templates"].get("any"):
        raise Img2TweetError(f"{name}: no templates for any; something must be said where no other can be filled")
    return Voice(style=Style(**style), **found)
