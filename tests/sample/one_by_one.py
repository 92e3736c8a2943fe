"""How the package draws, captions and tweets the moments of world 0, moment by moment."""

import random

from img2tweet_tf.sample.facts import Scene

EVERY = 8  # of the moments is drawn


def stream(split, index, part):
    """The random numbers that `make_sample` draws, captions and tweets a moment of world 0 with."""
    return random.Random(f"0:{split}-{index:05d}:{part}")


def as_wanted(moment):
    """A scene that shows just what the moment wants."""
    return Scene(None, moment.setting, moment.weather, moment.daytime, list(moment.things), [])
