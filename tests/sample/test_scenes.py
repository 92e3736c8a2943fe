"""Scenes show what they say they show, enough of it to be seen, and depend on nothing that is hidden."""

import colorsys
import random
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from img2tweet_tf.sample import layout, scenes
from img2tweet_tf.sample.facts import CATEGORIES, Moment, Thing
from img2tweet_tf.sample.kinds import COLOURS, KINDS
from img2tweet_tf.sample.people import Account
from img2tweet_tf.sample.scenes import compose, compose_with_owners
from img2tweet_tf.sample.settings import DAYTIMES, INDOORS, SETTINGS, WEATHERS
from img2tweet_tf.sample.things import FINISH, PAINT, master, sprite


def a_moment(setting, shown, weather="sun", daytime="day", handle="@a", hidden=None, day=1):
    account = Account(handle, "A", "voice", "city")
    return Moment(account, datetime(2024, 5, day), CATEGORIES[0], "x", setting, weather, daytime, shown, hidden or {})


def many_moments(count=150, seed=0):
    """Moments in which all settings and all kinds occur."""
    rng, kinds, made = random.Random(seed), list(KINDS), []
    for index in range(count):
        first = kinds[index % len(kinds)]
        others = rng.sample([kind for kind in kinds if kind != first], rng.randrange(3))
        shown = [
            Thing(kind, rng.choice((1, 1, 2, 3)), rng.choice((None, *KINDS[kind].colours))) for kind in [first, *others]
        ]
        made.append(
            a_moment(list(SETTINGS)[index % len(SETTINGS)], shown, rng.choice(list(WEATHERS)), rng.choice(DAYTIMES))
        )
    return made


def test_every_kind_has_a_sprite_and_a_place():
    assert {kind.look.finish for kind in KINDS.values()} == {"", *FINISH}
    for kind in KINDS:
        picture = sprite(kind, None, 100)
        assert 90 <= max(picture.size) <= 100, kind
        assert (np.asarray(picture)[..., 3] > 127).sum() > 1000, kind


def test_named_objects_are_seen_well_enough():
    for index, moment in enumerate(many_moments()):
        scene, owners = compose_with_owners(moment, random.Random(index))
        assert scene.image.size == (299, 299) and scene.image.mode == "RGB"
        assert owners.max() == len(scene.objects) - 1
        for number, found in enumerate(scene.objects):
            rows, columns = np.nonzero(owners == number)
            assert len(rows) >= 400 and found["visible"] >= 0.6
            assert found["box"] == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_visibility_is_true_of_the_rendering(monkeypatch):
    """Draws every sprite in a colour of its own and counts that colour in the finished picture."""
    totals = {}

    def flat(kind, colour, size, mirror=False, lean=0.0):
        alpha = sprite(kind, colour, size, mirror, lean).getchannel("A").point(lambda a: 255 * (a > 127))
        paint = (255, len(totals) % 200, 255 - len(totals) // 200)
        totals[paint] = int((np.asarray(alpha) > 0).sum())
        picture = Image.new("RGBA", alpha.size, (*paint, 255))
        picture.putalpha(alpha)
        return picture

    monkeypatch.setattr(layout, "sprite", flat)
    monkeypatch.setattr(scenes, "VIGNETTE", Image.new("RGB", (299, 299), "white"))
    for name in ("_shadow", "glow"):
        monkeypatch.setattr(scenes, name, lambda *args: None)
    monkeypatch.setattr(scenes, "sprite_light", lambda *args: (255, 255, 255))
    for index, moment in enumerate(many_moments()):
        moment.weather = "clouds"
        moment.things = [thing for thing in moment.things if thing.kind != "duck"]  # swimming ones are cut
        totals.clear()
        scene = compose(moment, random.Random(index))
        counts = {paint: count for count, paint in scene.image.getcolors(299 * 299)}
        seen = {paint: counts[paint] for paint in totals if counts.get(paint, 0) > 100}  # not a speck of that colour
        assert len(seen) == len(scene.objects)
        assert min(seen.values(), default=400) >= 400
        shares = sorted(count / totals[paint] for paint, count in seen.items())
        assert min(shares, default=1) >= 0.6
        assert shares == pytest.approx(sorted(found["visible"] for found in scene.objects), abs=0.02)


def test_same_seed_same_bytes_and_another_seed_another_picture():
    moment = many_moments(1)[0]
    first, again, other = (compose(moment, random.Random(seed)) for seed in (1, 1, 2))
    assert first.image.tobytes() == again.image.tobytes() and first.objects == again.objects
    assert first.image.tobytes() != other.image.tobytes()


def test_nothing_hidden_is_drawn():
    shown = [Thing("football"), Thing("scarf", 2, "blue")]
    here = a_moment("stadium", shown, handle="@leeds", hidden={"score": "3-1"}, day=2)
    there = a_moment("stadium", shown, handle="@turin", hidden={"score": "0-4", "pet": "Miso"}, day=9)
    pictures = [compose(moment, random.Random(5)).image.tobytes() for moment in (here, there)]
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_in_every_weather(setting):
    looks = set()
    for weather in WEATHERS:
        for daytime in DAYTIMES:
            scene = compose(a_moment(setting, [Thing("apple"), Thing("dog")], weather, daytime), random.Random(3))
            assert {thing.kind for thing in scene.things} >= {"apple", "dog"}
            assert (scene.setting, scene.weather, scene.daytime) == (setting, weather, daytime)
            looks.add(scene.image.tobytes())
    assert len(looks) == len(WEATHERS) * len(DAYTIMES)


@pytest.mark.parametrize("setting", [setting for setting in SETTINGS if setting not in INDOORS])
def test_night_is_darker_than_day(setting):
    day, night = (
        np.asarray(compose(a_moment(setting, [Thing("dog")], "sun", when), random.Random(3)).image).mean()
        for when in ("day", "night")
    )
    assert night < 0.8 * day


def test_things_sum_up_the_objects_in_their_order():
    for index, moment in enumerate(many_moments(60, seed=4)):
        scene = compose(moment, random.Random(index))
        assert [found["name"] for found in scene.objects] == [t.kind for t in scene.things for _ in range(t.count)]
        asked = {thing.kind: thing.count for thing in moment.things}
        assert all(thing.count <= asked[thing.kind] for thing in scene.things if thing.kind in asked)


def test_what_fits_is_drawn():
    shown = [Thing("cat"), Thing("sofa", 1, "red"), Thing("yarn", 2), Thing("book", 1, "blue")]
    drawn = [compose(a_moment("living_room", shown), random.Random(seed)).things[:4] for seed in range(20)]
    assert sum(things == shown for things in drawn) >= 16


def test_a_ship_stays_out_of_the_kitchen():
    scene = compose(a_moment("kitchen", [Thing("ship"), Thing("rainbow"), Thing("coffee")]), random.Random(0))
    assert "coffee" in [thing.kind for thing in scene.things]
    assert not {"ship", "rainbow"} & {thing.kind for thing in scene.things}


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.colours])
def test_recoloured_things_have_their_hue(kind):
    before, own = np.asarray(master(kind, None)).astype(int), []
    for colour in KINDS[kind].colours:
        after = np.asarray(master(kind, colour)).astype(int)
        changed = after[(np.abs(after - before).sum(-1) > 30) & (after[..., 3] > 250), :3]
        if len(changed) < 200:
            own.append(colour)
            continue
        hue, _, value = colorsys.rgb_to_hsv(*np.median(changed, axis=0) / 255)
        if colour in ("black", "white"):
            assert value < 0.35 if colour == "black" else value > 0.8
        else:
            wanted = colorsys.rgb_to_hsv(*np.array(PAINT[colour]) / 255)[0]
            assert abs((hue - wanted + 0.5) % 1 - 0.5) < 0.06, colour
    assert len(own) <= 1  # the colour that it has anyway


def test_a_colour_that_a_kind_cannot_have():
    with pytest.raises(ValueError, match="banana"):
        master("banana", "blue")
    scene = compose(a_moment("kitchen", [Thing("banana", 1, "blue")]), random.Random(0))
    assert scene.things[0] == Thing("banana", 1, None)


def test_colours_are_words_of_the_world():
    for kind in KINDS.values():
        assert {*kind.colours, *kind.comes_in, kind.natural} - {None} <= set(COLOURS) == set(PAINT)
