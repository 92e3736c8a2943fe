"""Tweets of the sample world: varied, well formed, true to the picture and to the world, and ruled by the dial."""

import json
import random
import re
from collections import Counter
from dataclasses import replace

import pytest
from one_by_one import as_wanted

from img2tweet_tf.sample.facts import Thing
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.settings import WEATHERS
from img2tweet_tf.sample.tweets import facts_of, write_tweet
from img2tweet_tf.sample.voices import voices
from img2tweet_tf.sample.wording import article, hashtag, noun, ordinal, possessive

NUMBER = re.compile(r"\d+|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b")


def write_all(moments, hidden_share):
    return [
        write_tweet(moment, as_wanted(moment), hidden_share, random.Random(f"tweet/{index}"))
        for index, moment in enumerate(moments)
    ]


def masked(tweet):
    """The words of a tweet that name no fact: no surface, number, handle, hashtag, emoji or punctuation."""
    text = tweet.text.lower()
    for surface in sorted(tweet.facts.values(), key=len, reverse=True):
        text = text.replace(surface.lower(), "_")
    return " ".join(re.findall(r"[a-z_']+", NUMBER.sub("_", re.sub(r"[@#]\w+", "_", text))))


def hidden_of(moment, tweet):
    return {name.split("#")[0] for name in (*tweet.facts, *tweet.leans)} & set(moment.hidden)


def test_skeletons_are_many(tweets):
    for skeletons in (Counter(tweet.skeleton for tweet in tweets), Counter(map(masked, tweets))):
        assert len(skeletons) >= 0.75 * len(tweets)
        assert skeletons.most_common(1)[0][1] <= len(tweets) // 200


def test_lengths_are_those_of_tweets(tweets):
    words = [len(tweet.text.split()) for tweet in tweets]
    assert max(len(tweet.text) for tweet in tweets) <= 280
    assert min(words) >= 2 and max(words) <= 30
    assert 12.5 <= sum(words) / len(words) <= 15.5


def test_words_grow_like_peoples_words(tweets):
    tokens = Counter(token for tweet in tweets for token in re.findall(r"[#@]?[\w'’]+", tweet.text.lower()))
    assert len(tokens) >= 3000
    assert sum(count >= 5 for count in tokens.values()) >= 800


def test_text_is_well_formed(tweets):
    for tweet in tweets:
        text = tweet.text
        assert text == text.strip() and "  " not in text, text
        assert not re.search(r"[{}\[\]|<>\0]", text.replace(" > ", " ")), text
        assert not re.search(r"\s[,;!?](\s|$)", text), text
        assert not re.search(r"\ba (apple|ice cream|owl|umbrella|orange|accordion|aeroplane)\b", text, re.I), text
        assert not re.search(r"\ban? (\w+ )?(apples|dogs|cats|books|scarves|loaves|butterflies)\b", text, re.I), text


def test_no_emoji_is_a_drawn_one(tweets):
    drawn = "".join(kind.look.sprite for kind in KINDS.values()).replace("\u200d", "").replace("\ufe0f", "")
    for tweet in tweets:
        assert not set(tweet.text) & set(drawn), tweet.text


def literal(voice):
    """The words of a voice's file, lower case: what it may say of anybody."""
    entries = [*voice.asides, *voice.signoffs]
    for by_topic in (voice.templates, voice.hashtags):
        entries += [template for templates in by_topic.values() for template in templates]
    texts = [re.sub(r"\{(?:[^}:]*:([^}]*)|[^}]*)\}", r" \1 ", template.text) for template in entries]
    return " ".join(texts + [noun for weather in WEATHERS.values() for noun in weather.tweets]).lower()


def test_no_name_of_another_moment_is_told(moments, tweets):
    """A name of the world that stands in a tweet is one of its own hidden facts, or in the voice's own words."""
    known = [{str(value) for value in moment.hidden.values()} for moment in moments]
    names = {name for values in known for name in values if name[0].isupper() and len(name) > 4}
    pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?!\w)")
    words, found = {name: literal(voice) for name, voice in voices().items()}, 0
    for moment, tweet, own in zip(moments, tweets, known, strict=True):
        for name in pattern.findall(tweet.text):
            found += 1
            assert any(name in value for value in own) or name.lower() in words[moment.account.voice], (
                name,
                tweet.text,
            )
    assert found > 500


def test_things_are_called_by_their_names_and_in_their_number(moments, tweets, drawn, parts):
    told = 0
    places = [(split, index) for split, part in parts.items() for index in range(len(part))]
    for place, moment, tweet in zip(places, moments, tweets, strict=True):
        scene = drawn[place][0] if place in drawn else as_wanted(moment)
        counts = Counter()
        for thing in scene.things:
            counts[thing.kind] += thing.count
        for name, surface in tweet.facts.items():
            kind = name.split("#")[0].removeprefix("thing:")
            forms = KINDS[kind].tweets if name.startswith("thing:") else ()
            one = any(re.search(rf"\b{form[0]}\b", surface, re.I) for form in forms)
            many = any(re.search(rf"\b{form[1]}\b", surface, re.I) for form in forms)
            if one or many:
                told += 1
                assert (
                    counts[kind]
                    and (one if counts[kind] == 1 else many)
                    or surface.lower()
                    in (
                        form[1].lower()
                        for form in forms  # {ones}: of them in general
                    )
                ), (name, surface, counts)
    assert told > 1000


def test_dial(moments):
    sample = moments[::6]
    shares, sights = [], []
    for dial in (0.0, 0.25, 0.5, 0.75, 1.0):
        written = write_all(sample, dial)
        named = [hidden_of(*pair) for pair in zip(sample, written, strict=True)]
        shares.append(sum(map(bool, named)) / len(sample))
        sights.append(sum(any(name.startswith("thing") for name in tweet.facts) for tweet in written) / len(sample))
    assert shares[0] == 0 and shares[-1] > 0.95
    assert shares == sorted(shares) and sights == sorted(sights, reverse=True)
    assert sights[0] > 0.75 and sights[-1] < 0.5


def test_dial_at_zero_leaks_no_name(moments):
    names = "friend pet opponent team place band person partner child mate name event city".split()
    for moment, tweet in zip(moments[::3], write_all(moments[::3], 0.0), strict=True):
        for name in names:
            if name in moment.hidden:
                value = re.escape(str(moment.hidden[name]).lower())
                assert not re.search(rf"(?<!\w){value}(?!\w)", tweet.text.lower()), (name, tweet.text)


def test_dial_outside_is_refused(moments):
    with pytest.raises(ValueError, match="hidden_share"):
        write_tweet(moments[0], as_wanted(moments[0]), 1.5, 0)


def test_what_is_seen_is_true(moments):
    """Where the scene shows something else than was wanted, the tweet says what the scene shows."""
    words = {2: "two", 3: "three", 4: "four"}
    for index, moment in enumerate(moments[::2]):
        things = [Thing(thing.kind, thing.count % 4 + 1, thing.colour) for thing in moment.things[:1]]
        scene = replace(as_wanted(moment), things=things)
        tweet = write_tweet(moment, scene, 0.3, random.Random(index))
        shown = {f"thing:{thing.kind}": thing.count for thing in things}
        for name, surface in tweet.facts.items():
            if name.startswith("thing:"):
                count = shown[name.split("#")[0]]
                numbers = {word for word in surface.lower().split() if word in words.values() or word.isdigit()}
                assert numbers <= {words.get(count, ""), str(count)}, (tweet.text, things)
            if name.split("#")[0] == "weather":
                assert scene.weather in WEATHERS and scene.setting not in ("kitchen", "cafe", "living_room")


def test_hidden_surfaces_are_true(moments, tweets):
    for moment, tweet in zip(moments, tweets, strict=True):
        for name in ("score", "city", "opponent", "friend", "band", "person"):
            if name in tweet.facts:
                value = str(moment.hidden[name]).lower()
                surface = tweet.facts[name].lower().removesuffix("'s").removesuffix("'")
                assert surface in (value, possessive(value)) or surface == hashtag(value).lower(), (name, tweet)


def test_same_seed_same_tweets(moments):
    assert write_all(moments[:200], 0.5) == write_all(moments[:200], 0.5)
    moment = moments[7]
    assert write_tweet(moment, as_wanted(moment), 0.5, 11) == write_tweet(moment, as_wanted(moment), 0.5, 11)


def test_some_phrasings_are_new_in_the_test_part(parts, tweets):
    new = [tweet.template.test_only for tweet in tweets]
    border = len(new) - len(parts["test"])
    assert not any(new[:border]) and sum(new[border:]) >= 10


def test_every_account_can_always_say_something(moments):
    """Even with nothing that was wanted in the picture, and no hidden fact allowed."""
    for moment in moments[::5]:
        bare = replace(as_wanted(moment), things=[])
        tweet = write_tweet(moment, bare, 0.0, 1)
        assert tweet.text and not tweet.facts.keys() & {f"thing:{kind}" for kind in KINDS}


def test_context_is_json_and_marks_what_shows(moments):
    moment = moments[3]
    facts = json.loads(json.dumps(facts_of(moment, as_wanted(moment))))
    assert facts["things"]["visible"] and facts["setting"]["visible"] and not facts["city"]["visible"]
    assert facts["account"] == {"value": "@" + moment.account.handle, "visible": False}
    assert all(set(fact) == {"value", "visible"} for fact in facts.values())


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (article("apple"), "an apple"),
        (article("red umbrella"), "a red umbrella"),
        (article("hour"), "an hour"),
        (ordinal(1), "1st"),
        (ordinal(12), "12th"),
        (ordinal(22), "22nd"),
        (ordinal(113), "113th"),
        (possessive("Otis"), "Otis'"),
        (hashtag("the Pie Cup"), "#PieCup"),
        (hashtag("Cutler's Nest"), "#CutlersNest"),
        (noun("bread", 2, random.Random(0), plain=True), "loaves"),
        (noun("sheep", 3, random.Random(0)), "sheep"),
    ],
)
def test_wording(made, expected):
    assert made == expected
