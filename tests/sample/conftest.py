"""The sample world as the package writes it, built once for all tests that look at it."""

import random

import pytest

from img2tweet_tf.sample.facts import Scene
from img2tweet_tf.sample.make import PAIRS
from img2tweet_tf.sample.scenes import compose_with_owners
from img2tweet_tf.sample.tweets import write_tweet
from img2tweet_tf.sample.world import HELD_OUT, World

EVERY = 8  # of the moments is drawn


def stream(split, index, part):
    """The random numbers that `make_sample` draws, captions and tweets a moment of world 0 with."""
    return random.Random(f"0:{split}-{index:05d}:{part}")


def as_wanted(moment):
    """A scene that shows just what the moment wants."""
    return Scene(None, moment.setting, moment.weather, moment.daytime, list(moment.things), [])


@pytest.fixture(scope="session")
def world():
    return World(0)


@pytest.fixture(scope="session")
def parts(world):
    """Split -> its moments, of the default sample."""
    return {split: world.moments(split, count) for split, count in {"train": PAIRS, **HELD_OUT}.items()}


@pytest.fixture(scope="session")
def moments(parts):
    """All moments, those of train first."""
    return [moment for part in parts.values() for moment in part]


@pytest.fixture(scope="session")
def drawn(parts):
    """(split, index) -> (scene, owners of its pixels) of every eighth moment."""
    return {
        (split, index): compose_with_owners(part[index], stream(split, index, "scene"))
        for split, part in parts.items()
        for index in range(0, len(part), EVERY)
    }


@pytest.fixture(scope="session")
def tweets(parts, drawn):
    """Tweets of all moments beside `moments`; those that are not drawn show just what was wanted."""
    return [
        write_tweet(
            moment,
            drawn[split, index][0] if (split, index) in drawn else as_wanted(moment),
            0.5,
            stream(split, index, "tweet"),
            split,
        )
        for split, part in parts.items()
        for index, moment in enumerate(part)
    ]
