"""The probe of words finds those that images tell, and no others."""

import numpy as np
import pytest

from img2tweet_tf.analysis import probe_words, visible_share
from img2tweet_tf.utils.errors import Img2TweetError


def a_world(count=300, seed=0):
    """Texts of which the image tells "dog", and not "monday"."""
    rng = np.random.default_rng(seed)
    dog, monday = rng.random(count) < 0.4, rng.random(count) < 0.4
    images = rng.normal(size=(count, 12)).astype(np.float32)
    images[:, 0] += 3 * dog
    return [f"oh{' Dog' * d}{' monday' * m} !" for d, m in zip(dog.tolist(), monday.tolist(), strict=True)], images


def test_what_is_seen_comes_first_and_the_rest_is_chance():
    texts, images = a_world()
    rows = {row["word"]: row for row in probe_words(texts, images)}
    assert list(rows) == ["dog", "monday"]  # "oh" is everywhere, "!" is no word
    assert rows["dog"]["auc"] > 0.95 and abs(rows["monday"]["auc"] - 0.5) < 0.15
    assert abs(rows["dog"]["shuffled"] - 0.5) < 0.15 and rows["dog"]["texts"] == sum("Dog" in text for text in texts)


def test_the_share_of_visible_words():
    rows = [{"auc": 0.9, "shuffled": 0.5}, {"auc": 0.51, "shuffled": 0.52}, {"auc": 0.4, "shuffled": 0.49}]
    assert visible_share(rows) == pytest.approx(1 / 3)


def test_texts_and_images_must_fit():
    texts, images = a_world()
    with pytest.raises(Img2TweetError, match="300 texts and 299 images"):
        probe_words(texts, images[1:])
    with pytest.raises(Img2TweetError, match="no word stands in 15 of 20"):
        probe_words(texts[:20], images[:20])
