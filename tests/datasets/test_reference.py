"""MNIST and 20 Newsgroups from the data home; stand-ins, and a line that says so, where they cannot be had."""

import gzip
import json
import urllib.error
import urllib.request

import numpy as np
import pytest

from img2tweet_tf.datasets import reference
from img2tweet_tf.datasets.reference import labelled, load_crisis_tweets, load_mnist, load_newsgroups
from img2tweet_tf.utils.errors import Img2TweetError


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No network, and caches of libraries that are empty."""

    def refuse(*_, **__):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", refuse)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "sklearn"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def write_mnist(home, **arrays):
    home.mkdir(parents=True, exist_ok=True)
    np.savez(home / "mnist.npz", **arrays)


def test_mnist_of_the_data_home(data_home):
    images, digits = np.zeros((12, 28, 28), np.uint8), np.arange(12) % 3
    write_mnist(data_home, x_train=images, y_train=digits, x_test=images, y_test=digits)
    found = load_mnist()
    assert (found.name, len(found), found.names) == ("MNIST", 12, ["0", "1", "2"])
    assert found.items.shape == (12, 28, 28) and found.labels.tolist() == digits.tolist()


def test_digits_stand_in_for_mnist_and_say_so(data_home, offline, capsys, monkeypatch):
    from img2tweet_tf.utils.backend import keras

    def cannot():
        urllib.request.build_opener().open("http://localhost/mnist.npz")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", cannot)
    found = load_mnist()
    assert found.name == "scikit-learn's digits (for MNIST)" and found.items.shape == (1797, 8, 8)
    assert found.items.dtype == np.uint8 and found.items.max() == 255
    assert "stand in for MNIST" in capsys.readouterr().err


def test_a_broken_mnist_is_named(data_home, capsys):
    write_mnist(data_home, other=np.zeros(3))
    assert len(load_mnist()) == 1797
    assert "mnist.npz: expected x_train and y_train" in capsys.readouterr().err


def test_newsgroups_stand_in(data_home, offline, capsys, monkeypatch):
    import sklearn.datasets

    def cannot(**wanted):
        assert wanted["remove"] == ("headers", "footers", "quotes")
        raise OSError("no network")

    monkeypatch.setattr(sklearn.datasets, "fetch_20newsgroups", cannot)
    found = load_newsgroups(lambda: labelled("captions", ["a dog", "a cat"], ["x", "y"]))
    assert found.name == "captions (for 20 Newsgroups)" and found.items == ["a dog", "a cat"]
    assert "captions stand in for 20 Newsgroups" in capsys.readouterr().err


def test_newsgroups_without_a_word_are_left_out(data_home, capsys, monkeypatch):
    import sklearn.datasets
    from sklearn.utils import Bunch

    bunch = Bunch(data=["space ship", " -- ", "a god"], target=np.array([1, 0, 0]), target_names=["god", "space"])
    monkeypatch.setattr(sklearn.datasets, "fetch_20newsgroups", lambda **_: bunch)
    found = load_newsgroups(None)
    assert found.items == ["space ship", "a god"] and found.labels.tolist() == [1, 0]
    assert "2 of 3 texts" in capsys.readouterr().err


def test_crisis_tweets(data_home, capsys):
    assert load_crisis_tweets() is None and "left out" in capsys.readouterr().err
    data_home.mkdir()
    lines = [{"text": "wind", "category": "storm"}, {"text": "shake", "category": "quake"}]
    file = data_home / "crisis_tweets.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    found = load_crisis_tweets()
    assert (found.items, found.names, found.labels.tolist()) == (["wind", "shake"], ["quake", "storm"], [1, 0])
    file.write_bytes(gzip.compress(b'{"text": "wind", "category": "storm"}\n{"text": "no category"}\n'))
    with pytest.raises(Img2TweetError, match='line 2: expected JSON with "text" and "category"'):
        load_crisis_tweets()


def test_a_part_is_drawn_at_random_and_repeats_itself():
    everything = labelled("numbers", [str(number) for number in range(50)], [number % 2 for number in range(50)])
    part = everything.part(10, seed=3)
    assert len(part) == 10 and part.items == everything.part(10, seed=3).items != everything.part(10, seed=4).items
    assert all(int(text) % 2 == int(part.names[label]) for text, label in zip(part.items, part.labels, strict=True))
    assert everything.part(None) is everything is everything.part(50)


def test_real_sets(shared_data, monkeypatch):
    for name in ("mnist.npz", "20news-bydate_py3.pkz", "crisis_tweets.jsonl.gz"):
        if not (shared_data / name).is_file():
            pytest.skip(f"no {name} in {shared_data}")
    monkeypatch.setenv("IMG2TWEET_DATA", str(shared_data))
    mnist, newsgroups = load_mnist(), load_newsgroups(None)
    assert len(mnist) == 60_000 and mnist.names == list("0123456789")
    assert 18_000 < len(newsgroups) < 18_846 and len(newsgroups.names) == 20
    assert len(load_crisis_tweets()) == 4096 and len(reference.load_crisis_tweets().names) == 7
