"""Which pairs can be learned from, and what is said of the others."""

import numpy as np
import pytest
from conftest import ToyEncoder, toy_records

from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.features import extract_features
from img2tweet_tf.training import corpus as module
from img2tweet_tf.training import read_corpus
from img2tweet_tf.utils.errors import Img2TweetError


@pytest.fixture
def load(make_pairs, data_home):
    """Returns a function: records -> (pairs, features)."""

    def load(records):
        pairs = load_pairs(make_pairs(records))
        return pairs, extract_features(pairs, ToyEncoder())

    return load


def ids_of(corpus):
    return [pair.id for pair in corpus.pairs]


def test_there_is_an_entry_for_each_pair_with_its_texts_and_tokens(load):
    records = toy_records(3, key="captions")
    records[1]["captions"] = ["A cat, asleep", "http://t.co/x", "", "Two @dogs #run"]
    pairs, features = load(records)
    corpus = read_corpus(pairs, features, "caption")
    assert len(corpus) == 3 and ids_of(corpus) == ["p0", "p1", "p2"]
    assert corpus.texts[1] == ["A cat, asleep", "Two @dogs #run"], "raw texts, without those that have no words"
    assert corpus.tokens[1][0] == ["A", "cat", ",", "asleep"]
    assert corpus.flat_tokens() == [tokens for texts in corpus.tokens for tokens in texts]
    np.testing.assert_array_equal(corpus.rows, features.rows(["p0", "p1", "p2"]))


def test_rows_are_those_of_the_features_whatever_is_left_out(load):
    records = toy_records(5)
    records[0]["text"] = "http://t.co/x"
    pairs, features = load(records)
    corpus = read_corpus(pairs[::-1], features, "tweet")
    assert ids_of(corpus) == ["p4", "p3", "p2", "p1"] and corpus.rows.tolist() == [4, 3, 2, 1]


def test_each_text_is_tokenized_once(load, monkeypatch):
    pairs, features = load(toy_records(4, key="captions"))
    seen, tokenize = [], module.tokenize
    monkeypatch.setattr(module, "tokenize", lambda text: seen.append(text) or tokenize(text))
    read_corpus(pairs, features, "caption")
    assert len(seen) == 8


def test_texts_without_words_are_named_and_missing_ones_counted(load, capsys):
    records = toy_records(5)
    records[1]["text"] = "https://t.co/abc"
    records[2] = {**records[2], "text": None, "captions": ["a cat"]}
    assert ids_of(read_corpus(*load(records), "tweet")) == ["p0", "p3", "p4"]
    err = capsys.readouterr().err
    assert 'p1: nothing but links and marks in "https://t.co/abc"' in err and '1 of 5 pairs have no "text"' in err


def test_broken_images_are_named_and_the_rest_goes_on(make_pairs, data_home, capsys):
    folder = make_pairs(toy_records(4))
    (folder / "images" / "1.png").write_text("no image")
    pairs = load_pairs(folder)
    assert ids_of(read_corpus(pairs, extract_features(pairs, ToyEncoder()), "tweet")) == ["p0", "p2", "p3"]
    assert "p1: " in (err := capsys.readouterr().err) and "1 image left out" in err


@pytest.mark.parametrize(
    "target, named",
    [("tweet", "none of 3 pairs"), ("caption", "try the target tweet"), ("poem", "unknown target")],
)
def test_nothing_usable_is_said_in_one_line(load, target, named):
    pairs, features = load([{**record, "text": "http://t.co/a"} for record in toy_records(3)])
    with pytest.raises(Img2TweetError, match=named) as caught:
        read_corpus(pairs, features, target)
    assert "\n" not in str(caught.value)
