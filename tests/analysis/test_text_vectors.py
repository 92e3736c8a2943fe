"""Texts as vectors: what counts, what is left out, and topics of hashtags."""

import numpy as np
import pytest
from gensim.models import KeyedVectors

from img2tweet_tf.analysis import hashtag_topics, mean_vectors, tf_idf
from img2tweet_tf.utils.errors import Img2TweetError


@pytest.fixture
def vectors():
    found = KeyedVectors(2)
    found.add_vectors(["dog", "cat", "rain", "storm"], np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], np.float32))
    return found


def test_tf_idf_leaves_links_function_words_and_rare_words_out():
    texts = ["RT @a: the dog barks http://t.co/x1", "the dog sleeps", "a cat sleeps", "cat and dog"]
    matrix, words = tf_idf(texts, most=1.0)
    assert words == ["cat", "dog", "sleeps"] and matrix.shape == (4, 3)
    np.testing.assert_allclose(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel(), 1, rtol=1e-5)


def test_tf_idf_of_texts_that_share_nothing():
    with pytest.raises(Img2TweetError, match="no word occurs in 2 of 2"):
        tf_idf(["one dog", "another cat"])


def test_mean_vectors_count_each_use_and_skip_unknown_words(vectors):
    means = mean_vectors(["Dog dog RAIN unheard", "unheard", ""], vectors)
    np.testing.assert_allclose(means, [[2 / 3, 1 / 3], [0, 0], [0, 0]], rtol=1e-5)
    assert mean_vectors(["", "!"], vectors).shape == (2, 2)


def test_topics_are_clusters_of_meaning_named_by_use(vectors):
    texts = ["#dog #Dog", "my #cat", "#storm #rain", "wet #rain", "no tag", "#unheard"]
    topics = hashtag_topics(texts, vectors, topics=2)
    assert topics == ["dog cat", "dog cat", "rain storm", "rain storm", None, None]
    assert hashtag_topics(texts, vectors, topics=2) == topics


def test_too_few_hashtags(vectors):
    with pytest.raises(Img2TweetError, match="1 known hashtags in 2 texts, for 6 topics"):
        hashtag_topics(["#dog", "#unheard"], vectors)
