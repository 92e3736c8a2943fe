"""The default sample as a whole: what 2,000 moments show of the world, with nothing too small to see or said too often.

The rooms' own tests hold each rule on made-up scenes; here the real moments, scenes, captions and tweets meet.
"""

import json
import random
from collections import Counter, defaultdict

import numpy as np
import pytest

from img2tweet_tf.sample import make_sample
from img2tweet_tf.sample.captions import write_captions
from img2tweet_tf.sample.facts import CATEGORIES, Scene
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.scenes import compose_with_owners
from img2tweet_tf.sample.tweets import write_tweet
from img2tweet_tf.sample.world import World, split_of

PAIRS, SEED, HIDDEN_SHARE = 2000, 0, 0.5  # of `sample_folder`
EVERY = 8  # of the moments is drawn


def stream(index, part):
    """The random numbers that `make_sample` draws, captions and tweets moment `index` with."""
    return random.Random(f"{SEED}:{index}:{part}")


@pytest.fixture(scope="module")
def moments():
    return World(SEED).moments(PAIRS)


@pytest.fixture(scope="module")
def drawn(moments):
    """Index -> (scene, owners of its pixels) of every eighth moment."""
    return {index: compose_with_owners(moments[index], stream(index, "scene")) for index in range(0, PAIRS, EVERY)}


@pytest.fixture(scope="module")
def tweets(moments, drawn):
    """Tweets of all moments; those that are not drawn here show just what was wanted."""
    written = []
    for index, moment in enumerate(moments):
        scene = Scene(None, moment.setting, moment.weather, moment.daytime, list(moment.things), [])
        scene = drawn[index][0] if index in drawn else scene
        written.append(write_tweet(moment, scene, HIDDEN_SHARE, stream(index, "tweet"), split_of(index, PAIRS)))
    return written


def test_the_fixtures_are_the_real_sample(tmp_path, moments):
    """What the streams above give is what `make_sample` writes."""
    lines = (make_sample(tmp_path / "some", pairs=12) / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    for index, (moment, line) in enumerate(zip(World(SEED).moments(12), lines, strict=True)):
        record, (scene, _) = json.loads(line), compose_with_owners(moment, stream(index, "scene"))
        tweet = write_tweet(moment, scene, HIDDEN_SHARE, stream(index, "tweet"), split_of(index, 12))
        assert record["text"] == tweet.text and record["objects"] == scene.objects
        assert record["captions"] == write_captions(scene, stream(index, "captions"))


def test_many_accounts_categories_kinds_and_cities_are_shown(moments, drawn):
    shown = Counter(thing.kind for scene, _ in drawn.values() for thing in scene.things)
    seen = [moments[index] for index in drawn]
    assert len({moment.account.handle for moment in seen}) >= 12
    assert {moment.category for moment in seen} == set(CATEGORIES) and len(CATEGORIES) == 8
    assert len(shown) >= 60 and set(shown) <= set(KINDS)
    assert len({moment.hidden["city"] for moment in moments}) >= 30


def test_every_named_object_can_be_seen(drawn):
    for index, (scene, owners) in drawn.items():
        pixels = np.bincount(owners[owners >= 0], minlength=len(scene.objects))
        for number, found in enumerate(scene.objects):
            assert found["visible"] >= 0.6 and pixels[number] >= 400, (index, found, pixels[number])
    assert sum(len(scene.objects) for scene, _ in drawn.values()) > 2 * len(drawn)


def test_hardly_a_thing_is_left_out(moments, drawn):
    """What a moment is about is in its picture, nearly always, and no picture is empty."""
    main = [moments[index].things[0].kind in {t.kind for t in scene.things} for index, (scene, _) in drawn.items()]
    assert all(scene.objects for scene, _ in drawn.values())
    assert sum(main) >= 0.97 * len(main)


def test_no_two_pictures_are_alike(drawn):
    """Not even coarsely: on 16 x 16 pixels every two differ by more than a JPEG would."""
    small = np.stack([np.asarray(scene.image.resize((16, 16)), np.float32).ravel() for scene, _ in drawn.values()])
    distances = np.sqrt(np.maximum(((small[:, None] - small[None]) ** 2).mean(-1), 0)) + 1e3 * np.eye(len(small))
    assert distances.min() > 3


def test_phrasings_are_many_and_none_is_frequent(tweets):
    skeletons = Counter(tweet.skeleton for tweet in tweets)
    assert len(skeletons) >= 1000
    assert skeletons.most_common(1)[0][1] <= 0.005 * PAIRS


def test_hardly_a_tweet_is_posted_twice(tweets):
    """Word for word, that is; 16 of the 2,000 of version 1 repeat an earlier one."""
    texts = Counter(tweet.text.lower() for tweet in tweets)
    assert sum(count - 1 for count in texts.values()) <= 0.01 * PAIRS


def test_no_emoji_that_is_drawn_is_tweeted(drawn, tweets):
    for index, (scene, _) in drawn.items():
        shown = {KINDS[thing.kind].look.sprite[0] for thing in scene.things}
        assert not shown & set(tweets[index].text), tweets[index].text


def test_captions_of_drawn_scenes(drawn):
    for index, (scene, _) in drawn.items():
        captions = write_captions(scene, stream(index, "captions"))
        assert len(set(captions)) >= 5, captions


def test_the_parts_follow_each_other_in_time(moments):
    days, accounts = defaultdict(list), defaultdict(set)
    for index, moment in enumerate(moments):
        days[split_of(index, PAIRS)].append(moment.time)
        accounts[split_of(index, PAIRS)].add(moment.account.handle)
    assert max(days["train"]) <= min(days["val"]) and max(days["val"]) <= min(days["test"])
    assert [len(days[part]) for part in ("train", "val", "test")] == [1600, 200, 200]
    assert accounts["test"] - accounts["train"] - accounts["val"]
    assert accounts["val"] <= accounts["train"]
