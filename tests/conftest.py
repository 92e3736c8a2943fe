"""What tests share: where real data lies, toy pairs folders, toy captioners."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real test data, `$IMG2TWEET_TEST_DATA` or beside the checkout; skips where there is none."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("IMG2TWEET_TEST_DATA", beside))
    if not folder.is_dir():
        pytest.skip("no real test data: set IMG2TWEET_TEST_DATA to a folder with flickr8k/ and mvsa/")
    return folder


@pytest.fixture
def data_home(tmp_path, monkeypatch):
    """An empty data home of the test's own."""
    monkeypatch.setenv("IMG2TWEET_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def make_pairs(tmp_path):
    """Returns a function that writes a pairs folder: `make_pairs(records)`, images included, and returns its path."""

    def make(records, name="pairs"):
        folder = tmp_path / name
        (folder / "images").mkdir(parents=True)
        for place, record in enumerate(records):
            if "image" in record:
                shade = np.random.default_rng(place).integers(0, 255, (8, 8, 3), np.uint8)
                Image.fromarray(shade).resize((40, 30)).save(folder / record["image"])
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (folder / "pairs.jsonl").write_text(text, encoding="utf-8")
        return folder

    return make


def toy_records(count, key="text"):
    """Returns records of `count` pairs, a third of them in each split, with a few words in many combinations."""
    whose, what = ("my", "your", "this", "that"), ("cat", "dog", "tram", "song", "goal")
    records = []
    for place in range(count):
        text = f"{whose[place % 4]} {what[place % 5]} made {whose[place % 3]} day"
        split = ("train", "train", "train", "val", "test")[place % 5]
        records.append({"id": f"p{place}", "image": f"images/{place}.png", "split": split})
        records[-1].update({key: text} if key == "text" else {key: [text, text + " again"]})
    return records
