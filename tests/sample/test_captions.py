"""Captions say what is in the picture, in plain and correct English, and nothing else."""

import random
import re
from functools import lru_cache

import pytest

from img2tweet_tf.sample.captions import DUSK, spatial_relation, write_captions
from img2tweet_tf.sample.facts import Scene, Thing
from img2tweet_tf.sample.kinds import COLOURS, KINDS
from img2tweet_tf.sample.settings import INDOORS, SETTINGS, WEATHERS
from img2tweet_tf.sample.wording import NUMBERS, article

_COUNTS = {"a": 1, "an": 1, **{word: number for number, word in enumerate(NUMBERS)}}
_CALLED = {}
for _kind in KINDS:
    for _one, _more in KINDS[_kind].captions:
        _CALLED.setdefault(_one.lower(), set()).add(_kind)
        _CALLED.setdefault(_more.lower(), set()).add(_kind)
_NAME = re.compile(
    rf"\b({'|'.join(_COUNTS)}) (?:(?!black cats?\b)({'|'.join(COLOURS)}|ginger) )?"
    rf"({'|'.join(sorted(_CALLED, key=len, reverse=True))})\b"
)


def a_scene(setting, things, weather="sun", daytime="day", rng=None):
    rng, objects = rng or random.Random(0), []
    for thing in things:
        for _ in range(thing.count):
            left, top = rng.randrange(200), rng.randrange(200)
            box = [left, top, left + rng.randrange(40, 99), top + rng.randrange(40, 99)]
            objects.append({"name": thing.kind, "box": box, "visible": 1.0})
    return Scene(None, setting, weather, daytime, things, objects)


@lru_cache(maxsize=1)
def captioned():
    """Scenes of all kinds and settings, each with its captions."""
    made, rng, kinds = [], random.Random(1), list(KINDS)
    for index in range(300):
        chosen = [kinds[index % len(kinds)], *rng.sample(kinds, rng.randrange(4))]
        things = [
            Thing(kind, rng.choice((1, 1, 2, 3, 5)), rng.choice((None, *KINDS[kind].colours)))
            for kind in dict.fromkeys(chosen)
        ]
        scene = a_scene(list(SETTINGS)[index % 15], things, rng.choice(list(WEATHERS)), rng.choice(["day", *DUSK]), rng)
        made.append((scene, write_captions(scene, rng)))
    return made


def without_circumstances(caption, scene):
    """Takes place, weather and time of day off a caption, all of which must be true of the scene."""
    places = SETTINGS[scene.setting].captions
    times = [*DUSK.get(scene.daytime, ()), *WEATHERS[scene.weather].captions[scene.daytime]]
    if scene.setting in INDOORS:
        times = [WEATHERS[scene.weather].window[scene.daytime]]
    for words in sorted([*places, *times], key=len, reverse=True):
        caption = caption.replace(words.lower(), "|")
    return caption


def test_five_distinct_sentences():
    for _, captions in captioned():
        assert len(captions) == len(set(captions)) == 5
        for caption in captions:
            assert re.fullmatch(r"[A-Z][A-Za-z ,]*[a-z]\.", caption), caption
            assert "  " not in caption and " ," not in caption


def test_only_what_is_there_with_its_count_and_colour():
    circumstances = [words for several in DUSK.values() for words in several]
    circumstances += [words for weather in WEATHERS.values() for words in weather.captions["day"]]
    circumstances += [words for setting in SETTINGS.values() for words in setting.captions]
    for scene, captions in captioned():
        things = {thing.kind: thing for thing in scene.things}
        for caption in captions:
            rest = without_circumstances(caption.lower(), scene)
            named = list(_NAME.finditer(rest))
            assert named, caption
            for match in named:
                number, colour, name = match.groups()
                kinds = _CALLED[name] & set(things)
                assert kinds, caption
                assert any(things[kind].count == _COUNTS[number] for kind in kinds), caption
                if colour:
                    colour = "orange" if colour == "ginger" else colour
                    assert any(colour == (things[k].colour or KINDS[k].natural) for k in kinds), caption
            leftover = _NAME.sub("|", rest)
            assert not re.search(rf"\b({'|'.join(NUMBERS[1:])})\b", leftover), leftover
            foreign = [words for words in circumstances if words in leftover]
            assert not foreign, (caption, foreign)


def test_articles_and_plurals():
    assert article("umbrella") == "an umbrella" and article("dog") == "a dog"
    for _, captions in captioned():
        text = " ".join(captions)
        assert not re.search(r"\b[Aa] [aeiou](?!ni)", text) and not re.search(r"\b[Aa]n [^aeiou]", text), text
        assert not re.search(r"\b(scarfs|sheeps|deers|churchs|foxs|strawberrys|buss|There is (two|three|five))\b", text)


def test_captions_vary():
    captions = [caption for _, captions in captioned() for caption in captions]
    assert len(set(captions)) > 0.9 * len(captions)
    assert 8 <= sum(len(caption.split()) for caption in captions) / len(captions) <= 16


def test_same_seed_same_captions():
    scene = a_scene("park", [Thing("dog"), Thing("tree", 2)])
    assert write_captions(scene, random.Random(3)) == write_captions(scene, random.Random(3))


def test_an_empty_scene_has_captions_too():
    for setting in SETTINGS:
        assert len(write_captions(a_scene(setting, []), random.Random(0))) == 5


def test_more_captions_than_there_is_to_say():
    with pytest.raises(ValueError, match="count=5000"):
        write_captions(a_scene("kitchen", []), random.Random(0), count=5000)


def said(first, second, **aloft):
    return {spatial_relation([first], [second], random.Random(seed), **aloft) for seed in range(40)}


def test_relations_are_true_of_the_boxes():
    left, right = [10, 100, 60, 160], [200, 110, 260, 165]
    assert "left of" in said(left, right) and not {"right of", "in front of", "behind"} & said(left, right)
    assert "right of" in said(right, left)
    near, far = [50, 150, 150, 280], [90, 100, 190, 200]
    assert "in front of" in said(near, far) and "behind" in said(far, near)
    balloon, cake = [100, 10, 160, 100], [90, 150, 180, 250]
    assert "above" in said(balloon, cake, first_aloft=True)
    assert not {"in front of", "behind"} & said(balloon, [100, 50, 180, 150], first_aloft=True)


def test_colour_tells_two_of_a_kind_apart():
    scene = a_scene("park", [Thing("balloon", 1, "red"), Thing("balloon", 2, "blue")])
    for caption in write_captions(scene, random.Random(0), count=20):
        for match in re.finditer(r"balloons?", caption):
            assert caption[: match.start()].rstrip().split()[-1] in ("red", "blue"), caption
