"""The default sample as a whole: what its moments show of the world, with nothing too small to see or said too often.

The rooms' own tests hold each rule on made-up scenes; here the real moments, scenes, captions and tweets meet.
"""

from collections import Counter

import numpy as np
from one_by_one import stream

from img2tweet_tf.sample.captions import write_captions
from img2tweet_tf.sample.facts import CATEGORIES
from img2tweet_tf.sample.kinds import KINDS


def test_many_accounts_categories_kinds_and_cities_are_shown(parts, moments, drawn):
    shown = Counter(thing.kind for scene, _ in drawn.values() for thing in scene.things)
    seen = [parts[split][index] for split, index in drawn]
    assert len({moment.account.handle for moment in seen}) >= 12
    assert {moment.category for moment in seen} == set(CATEGORIES) and len(CATEGORIES) == 8
    assert len(shown) >= 60 and set(shown) <= set(KINDS)
    assert len({moment.hidden["city"] for moment in moments}) >= 30


def test_every_named_object_can_be_seen(drawn):
    for place, (scene, owners) in drawn.items():
        pixels = np.bincount(owners[owners >= 0], minlength=len(scene.objects))
        for number, found in enumerate(scene.objects):
            assert found["visible"] >= 0.6 and pixels[number] >= 400, (place, found, pixels[number])
    assert sum(len(scene.objects) for scene, _ in drawn.values()) > 2 * len(drawn)


def test_hardly_a_thing_is_left_out(parts, drawn):
    """What a moment is about is in its picture, nearly always, and no picture is empty."""
    main = [
        parts[split][index].things[0].kind in {thing.kind for thing in scene.things}
        for (split, index), (scene, _) in drawn.items()
    ]
    assert all(scene.objects for scene, _ in drawn.values())
    assert sum(main) >= 0.97 * len(main)


def test_no_two_pictures_are_alike(drawn):
    """Not even coarsely: on 16 x 16 pixels every two differ by more than a JPEG would."""
    small = np.stack([np.asarray(scene.image.resize((16, 16)), np.float32).ravel() for scene, _ in drawn.values()])
    distances = np.sqrt(np.maximum(((small[:, None] - small[None]) ** 2).mean(-1), 0)) + 1e3 * np.eye(len(small))
    assert distances.min() > 3


def test_hardly_a_tweet_is_posted_twice(tweets):
    """Word for word, that is; 37 of the 2,400 of version 2 repeat another one."""
    texts = Counter(tweet.text.lower() for tweet in tweets)
    assert sum(count - 1 for count in texts.values()) <= 0.02 * len(tweets)


def test_captions_of_drawn_scenes(drawn):
    for (split, index), (scene, _) in drawn.items():
        captions = write_captions(scene, stream(split, index, "captions"))
        assert len(set(captions)) >= 5, captions
