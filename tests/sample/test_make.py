"""The sample as a folder: nested in larger ones, its test part apart, whole or not there, of this version."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from joblib import parallel_config
from one_by_one import stream
from PIL import Image

from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.sample import make, make_sample, world
from img2tweet_tf.sample.captions import write_captions
from img2tweet_tf.sample.scenes import compose
from img2tweet_tf.sample.tweets import write_tweet
from img2tweet_tf.utils.errors import Img2TweetError


@pytest.fixture
def small(monkeypatch):
    """Few scenes to validate and test with, drawn in this process, so that a sample is made in a moment."""
    monkeypatch.setattr(world, "HELD_OUT", {"val": 2, "test": 5})
    monkeypatch.setattr(make, "PAIRS", 6)
    monkeypatch.setattr("img2tweet_tf.sample.PAIRS", 6)
    with parallel_config(backend="threading"):
        yield


def lines(folder):
    return (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines()


def test_pairs_of_a_small_sample_are_among_those_of_a_larger_one(small, tmp_path):
    few, more = (make_sample(tmp_path / str(count), pairs=count) for count in (4, 9))
    assert set(lines(few)) < set(lines(more)) and len(lines(few)) == 11 and len(lines(more)) == 16
    for line in lines(few):
        image = json.loads(line)["image"]
        assert (few / image).read_bytes() == (more / image).read_bytes()
    assert [json.loads(line)["split"] for line in lines(few)] == ["train"] * 4 + ["val"] * 2 + ["test"] * 5


def test_what_is_written_is_what_the_rooms_make(small, tmp_path, parts):
    for line in lines(make_sample(tmp_path / "some", pairs=4)):
        record = json.loads(line)
        split, index = record["split"], int(record["id"][-5:])
        scene = compose(parts[split][index], stream(split, index, "scene"))
        tweet = write_tweet(parts[split][index], scene, 0.5, stream(split, index, "tweet"), split)
        assert record["text"] == tweet.text and record["objects"] == scene.objects
        assert record["captions"] == write_captions(scene, stream(split, index, "captions"))


def test_no_text_of_the_test_part_is_trained_on(small, tmp_path, monkeypatch):
    """Though nearly all that is written here is one of five texts."""
    from img2tweet_tf.sample import tweets

    def write(moment, scene, hidden_share, rng, split):
        return tweets.Tweet(f"text {rng.randrange(5)}" if split == "test" else f"Text {rng.randrange(7)}")

    monkeypatch.setattr(tweets, "write_tweet", write)
    records = list(map(json.loads, lines(make_sample(tmp_path / "some", pairs=20))))
    texts = [{r["text"].lower() for r in records if (r["split"] == "test") is held_out} for held_out in (True, False)]
    assert texts[0] and texts[1] and not texts[0] & texts[1]


def test_a_number_of_pairs_is_read(small, data_home):
    sizes = [len(load_pairs("sample", pairs)) for pairs in (3, None, 8, None)]
    assert sizes == [10, 13, 15, 13]
    folder = load_pairs("sample", 8).folder
    assert [pair.id for pair in load_pairs(folder, 2)][:3] == [
        "sample-train-00000",
        "sample-train-00001",
        "sample-val-00000",
    ]
    with pytest.raises(Img2TweetError, match="8 pairs to train on, 9 asked for"):
        load_pairs(folder, 9)


def test_only_of_the_sample_a_number_can_be_asked_for(toy_world):
    with pytest.raises(Img2TweetError, match="not the sample world"):
        load_pairs(toy_world[0], 5)


def test_a_sample_of_an_older_version_is_made_anew(small, data_home, monkeypatch, capfd):
    before = load_pairs("sample")
    assert "making the sample" in capfd.readouterr().err
    assert load_pairs("sample").folder == before.folder and "making" not in capfd.readouterr().err
    monkeypatch.setattr(make, "VERSION", make.VERSION + 1)
    load_pairs("sample")
    assert "anew" in capfd.readouterr().err
    assert json.loads((before.folder / "sample.json").read_text())["version"] == make.VERSION


def test_a_folder_of_that_name_that_is_none_is_left_alone(small, data_home, make_pairs):
    mine = data_home / "sample" / "pairs.jsonl"
    mine.parent.mkdir(parents=True)
    mine.write_text("{}\n")
    with pytest.raises(Img2TweetError, match="not the sample world"):
        load_pairs("sample")
    assert mine.read_text() == "{}\n"


def test_a_full_disk_leaves_nothing_and_is_named(small, data_home, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError, match="No space left") as caught:
        make_sample(data_home / "sample")
    assert caught.value.filename == str(data_home / "sample") and not os.listdir(data_home)


MAKE = """
from img2tweet_tf.sample import make, world
world.HELD_OUT, make.PAIRS = {"val": 2, "test": 5}, 60
print(make.sample_folder(60))
"""


def start(home):
    environment = {**os.environ, "IMG2TWEET_DATA": str(home)}
    return subprocess.Popen([sys.executable, "-c", MAKE], env=environment, stderr=subprocess.PIPE, text=True)


def test_two_that_make_it_at_once_both_get_it(tmp_path):
    both = [start(tmp_path), start(tmp_path)]
    assert [each.wait() for each in both] == [0, 0], [each.stderr.read() for each in both]
    assert os.listdir(tmp_path) == ["sample"] and len(lines(tmp_path / "sample")) == 67


def test_what_a_killed_one_left_is_removed(tmp_path):
    killed = start(tmp_path)
    while not list(tmp_path.glob(".sample.*/sample/images/*.jpg")):
        time.sleep(0.05)
        assert killed.poll() is None, killed.stderr.read()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert len(os.listdir(tmp_path)) == 1  # what it had drawn
    assert start(tmp_path).wait() == 0
    assert os.listdir(tmp_path) == ["sample"]
