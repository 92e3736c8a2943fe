"""Checks the YAML files of the sample world: names that are unknown, slots that nothing fills, what never occurs."""

from collections import Counter, defaultdict
from random import Random

from img2tweet_tf.sample.facts import CATEGORIES, Scene, Thing
from img2tweet_tf.sample.grammar import facts_asked, kinds_asked
from img2tweet_tf.sample.kinds import COLOURS, KINDS
from img2tweet_tf.sample.people import ACCOUNTS
from img2tweet_tf.sample.places import CITIES, NAMES
from img2tweet_tf.sample.season import TEAM
from img2tweet_tf.sample.settings import SETTINGS, WEATHERS
from img2tweet_tf.sample.things import FINISH
from img2tweet_tf.sample.topics import TOPICS
from img2tweet_tf.sample.tweets import write_tweet
from img2tweet_tf.sample.voices import voices
from img2tweet_tf.sample.world import World
from img2tweet_tf.utils.log import progress

PAIRS, WORLDS = 20_000, 4  # that are written, in so many worlds


def check_data(pairs=PAIRS):
    """Returns two lists of str: the mistakes, and the templates that do not occur in so many pairs."""
    if mistakes := list(_unknown_names()):
        return mistakes, []
    facts, used = _write(pairs)
    warnings = []
    for name, voice in voices().items():
        for topic, template in voice.by_topic():
            unknown = facts_asked(template) - facts[name, topic] if facts[name, topic] else []
            mistakes += [f"{template.text.where}: nothing fills {fact} in {topic}" for fact in sorted(unknown)]
        for topic, templates in voice.templates.items():
            texts = [each.text for each in templates if topic != "any" and not used[each]]
            warnings += [f"{text.where}: not once in {pairs:,} pairs: {text}" for text in texts]
    return mistakes, warnings


def _unknown_names():
    """Yields a line for each name in a file that no other file has."""
    known = {
        "kind": KINDS, "setting": SETTINGS, "weather": WEATHERS, "colour": COLOURS, "category": CATEGORIES,
        "topic": TOPICS, "voice": voices(), "city": CITIES, "team": TEAM, "finish": FINISH, "list": NAMES,
        "handle": [account.handle for account in ACCOUNTS],
        "topic or category": [*TOPICS, *CATEGORIES, "any"],
    }  # fmt: skip
    for where, what, names in _names():
        for name in names:
            if name not in known[what]:
                yield f"{getattr(name, 'where', where)}: unknown {what} {name}"


def _names():
    """Yields (file, what its names are, names)."""
    for kind in KINDS.values():
        yield "kinds.yaml", "colour", [*kind.colours, *kind.comes_in, *filter(None, [kind.natural])]
        yield "kinds.yaml", "finish", filter(None, [kind.look.finish])
    for setting in SETTINGS.values():
        yield "settings.yaml", "kind", setting.scenery
    for weather in WEATHERS.values():
        yield "weather.yaml", "kind", weather.suits
    for topic in TOPICS.values():
        yield "topics.yaml", "category", [topic.category]
        yield "topics.yaml", "setting", topic.settings
        yield "topics.yaml", "weather", topic.weathers
        yield "topics.yaml", "list", [name for fact in topic.facts.values() for name in (fact.names, fact.city) if name]
        yield "topics.yaml", "kind", [kind for kind in (*topic.main, *topic.extra) if kind not in ("PET", "WEATHER")]
    for account in ACCOUNTS:
        yield "accounts.yaml", "voice", [account.voice]
        yield "accounts.yaml", "city", [account.city]
        yield "accounts.yaml", "topic", [*account.topics, *account.hours]
        yield "accounts.yaml", "handle", account.circle
        yield "accounts.yaml", "kind", [*account.likes, *account.own, *(pet.kind for pet in account.pets.values())]
        yield "accounts.yaml", "colour", account.own.values()
        yield "accounts.yaml", "team", filter(None, [account.team])
    for name, voice in voices().items():
        yield f"voices/{name}.yaml", "topic or category", [*voice.templates, *voice.hashtags]
        for _, template in voice.by_topic():
            yield template.text.where, "kind", kinds_asked(template)


def _write(pairs):
    """Writes the tweets of a few worlds without drawing them.

    Returns:
        {(voice, topic, category or "any"): names of hidden facts}, and how often each template was used.
    """
    facts, used, moments = defaultdict(set), Counter(), []
    for split, share in (("train", 0.8), ("test", 0.2)):
        for seed in range(WORLDS):
            moments += [(split, moment) for moment in World(seed).moments(split, int(pairs * share / WORLDS))]
    for index, (split, moment) in enumerate(progress(moments, "writing", unit="tweet")):
        rng = Random(index)
        shown = {thing.kind for thing in moment.things}
        scenery = SETTINGS[moment.setting].scenery.items()
        more = [Thing(kind) for kind, chance in scenery if kind not in shown and rng.random() < chance]
        scene = Scene(None, moment.setting, moment.weather, moment.daytime, moment.things + more, [])
        used[write_tweet(moment, scene, 0.5, rng, split).template] += 1
        for key in (moment.topic, moment.category, "any"):
            facts[moment.account.voice, key] |= moment.hidden.keys()
    return facts, used
