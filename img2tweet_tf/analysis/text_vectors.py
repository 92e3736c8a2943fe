"""Texts as vectors, for maps and probes: TF-IDF, mean word vectors; and topics of tweets by their hashtags."""

from collections import Counter

import numpy as np
import regex

from img2tweet_tf.text.tokenizer import clean
from img2tweet_tf.utils.errors import Img2TweetError

_WORD = r"(?u)\b[^\W\d_][^\W\d_']+\b"  # two letters or more
_HASHTAG = regex.compile(r"[#＃](\w+)")


def tf_idf(texts, least=5, most=0.5):
    """Returns TF-IDF of texts, sparse float (n, words), rows of length 1, and the list of words.

    Args:
        texts: list of raw strings; links and retweet marks are left out.
        least: texts that a word must occur in (fewer in small sets: one in 200, at least 2).
        most: share of texts that it may occur in; English function words are left out in any case.

    Raises:
        Img2TweetError: no word is left.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    least = min(least, max(2, len(texts) // 200))
    vectorizer = TfidfVectorizer(
        preprocessor=_plain, token_pattern=_WORD, stop_words="english", sublinear_tf=True, min_df=least, max_df=most
    )
    try:
        return vectorizer.fit_transform(texts), list(vectorizer.get_feature_names_out())
    except ValueError:
        raise Img2TweetError(f"tf_idf: no word occurs in {least} of {len(texts)} texts or more") from None


def mean_vectors(texts, vectors):
    """Returns the mean of each text's word vectors, float32 (n, d); zeros where it has no known word.

    Args:
        texts: list of raw strings.
        vectors: gensim `KeyedVectors`, of `load_glove`.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(preprocessor=_plain, token_pattern=_WORD)
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # no word at all
        return np.zeros((len(texts), vectors.vector_size), np.float32)
    words = counter.get_feature_names_out()
    known = [place for place, word in enumerate(words) if word in vectors]
    counts = counts[:, known].astype(np.float32)
    matrix = np.array([vectors[words[place]] for place in known], np.float32).reshape(len(known), -1)
    return np.asarray(counts @ matrix, np.float32) / np.maximum(np.asarray(counts.sum(axis=1)), 1)


def hashtag_topics(texts, vectors, topics=6, seed=0):
    """Sorts tweets into topics by the meaning of their hashtags.

    Hashtags with a word vector are clustered by k-means on vectors of length 1, each counted as often as it is used; a
    tweet belongs where most of its hashtags do, the first of equals.

    Args:
        texts: list of raw tweets.
        vectors: gensim `KeyedVectors`, of `load_glove`.
        topics: number of clusters.
        seed: int, of k-means.

    Returns:
        list with a topic for each tweet, its three most used hashtags ("winter rainy windy"), None for tweets without a
        known hashtag.

    Raises:
        Img2TweetError: fewer different known hashtags than topics.
    """
    from sklearn.cluster import KMeans

    tags = [[tag.lower() for tag in _HASHTAG.findall(text) if tag.lower() in vectors] for text in texts]
    uses = Counter(tag for each in tags for tag in each)
    known = sorted(uses)
    if len(known) < topics:
        raise Img2TweetError(f"hashtag_topics: {len(known)} known hashtags in {len(texts)} texts, for {topics} topics")
    matrix = np.array([vectors[tag] for tag in known], np.float64)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    clusters = KMeans(topics, n_init=10, random_state=seed).fit_predict(matrix, sample_weight=[uses[t] for t in known])
    cluster = dict(zip(known, map(int, clusters), strict=True))
    names = {}
    for number in range(topics):
        members = sorted((tag for tag in known if cluster[tag] == number), key=lambda tag: (-uses[tag], tag))
        names[number] = " ".join(members[:3])
    return [names[Counter(cluster[tag] for tag in each).most_common(1)[0][0]] if each else None for each in tags]


def _plain(text):
    return clean(text).lower()
