"""What tests share: where real data lies, toy pairs folders, toy captioners."""

import functools
import gc
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Toy models are compiled more often than they run, and tracing makes millions of objects that stay: compile them
# without the costly passes of XLA and of numba (UMAP), and look for garbage less often.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
os.environ.setdefault("NUMBA_OPT", "0")
gc.set_threshold(100_000, 20, 100)
# Arguments of `train` that make it a matter of seconds.
TOY = {
    "glove": "none", "min_count": 1, "batch_size": 8, "learning_rate": 0.01,
    "sizes": {"embedding_dim": 8, "units": 16, "dropout": 0.2},
}  # fmt: skip


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
    return lambda records, name="pairs": write_toy_pairs(tmp_path / name, records)


@pytest.fixture
def toy_encoder(monkeypatch):
    """A `ToyEncoder`, which now can also be had by its name, "toy"; nothing is traced, see `without_tracing`."""
    from img2tweet_tf import features
    from img2tweet_tf.training import pipeline

    without_tracing(monkeypatch)

    def load(name, weights=None):
        assert name == "toy" and weights is None
        return ToyEncoder()

    for module in (features, pipeline):
        monkeypatch.setattr(module, "load_encoder", load)
    monkeypatch.setattr(features, "encoder_from_config", lambda config, weights=None: load(config["name"], weights))
    return ToyEncoder()


def without_tracing(patch):
    """Lets models train and write without being traced first, which at toy size takes longer than the work itself."""
    from img2tweet_tf.utils.backend import keras, tf

    patch.setattr(keras.Model, "compile", functools.partialmethod(keras.Model.compile, run_eagerly=True))
    patch.setattr(tf, "function", untraced)


def untraced(function=None, **_):
    """Stands for `tf.function`, or for the decorator that it makes of options; leaves the function as it is."""
    if function is None:
        return untraced
    function.get_concrete_function = lambda *_: function
    return function


@pytest.fixture(scope="session")
def toy_world(tmp_path_factory):
    """Returns (pairs folder of 30 toy pairs, folder of a captioner trained on them, that `Captioner`)."""
    from img2tweet_tf.training import train

    root = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMG2TWEET_DATA", str(root / "home"))
        without_tracing(patch)
        data = write_toy_pairs(root / "pairs", toy_records(30))
        return data, root / "run", train(data, root / "run", encoder=ToyEncoder(), epochs=2, watch=1, **TOY)


@pytest.fixture(scope="session")
def world():
    """The sample world of seed 0, built once for all tests that look at it."""
    from img2tweet_tf.sample.world import World

    return World(0)


@pytest.fixture(scope="session")
def parts(world):
    """Split -> its moments, of the default sample."""
    from img2tweet_tf.sample.make import PAIRS
    from img2tweet_tf.sample.world import HELD_OUT

    return {split: world.moments(split, count) for split, count in {"train": PAIRS, **HELD_OUT}.items()}


@pytest.fixture(scope="session")
def moments(parts):
    """All moments, those of train first."""
    return [moment for part in parts.values() for moment in part]


@pytest.fixture(scope="session")
def drawn(parts):
    """(split, index) -> (scene, owners of its pixels) of every eighth moment."""
    from one_by_one import EVERY, stream

    from img2tweet_tf.sample.scenes import compose_with_owners

    return {
        (split, index): compose_with_owners(part[index], stream(split, index, "scene"))
        for split, part in parts.items()
        for index in range(0, len(part), EVERY)
    }


@pytest.fixture(scope="session")
def tweets(parts, drawn):
    """Tweets of all moments beside `moments`; those that are not drawn show just what was wanted."""
    from one_by_one import as_wanted, stream

    from img2tweet_tf.sample.tweets import write_tweet

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


@pytest.fixture
def toy_run(toy_world, toy_encoder, data_home, tmp_path):
    """A copy of the trained toy captioner's folder, to do anything to."""
    return Path(shutil.copytree(toy_world[1], tmp_path / "toy_run"))


class ToyEncoder:
    """Stands for `features.Encoder`: means and spreads of the colours in the four quarters of an 8 x 8 image."""

    name, weights, image_size, grid_shape, fingerprint = "toy", "none", 8, (2, 2, 6), "f" * 64

    def encode(self, images):
        quarters = np.asarray(images, np.float32).reshape(-1, 2, 4, 2, 4, 3) / 255
        return np.concatenate([quarters.mean(axis=(2, 4)), quarters.std(axis=(2, 4)) * 4], axis=-1)

    def config(self):
        return {"name": "toy", "weights": "none", "source": None, "fingerprint": self.fingerprint}


def write_toy_pairs(folder, records):
    """Writes a pairs folder with an image of coloured noise for each record; returns the folder."""
    (folder / "images").mkdir(parents=True)
    for place, record in enumerate(records):
        if "image" in record:
            shade = np.random.default_rng(place).integers(0, 255, (8, 8, 3), np.uint8)
            Image.fromarray(shade).resize((40, 30)).save(folder / record["image"])
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (folder / "pairs.jsonl").write_text(text, encoding="utf-8")
    return folder


def toy_records(count, key="text"):
    """Returns records of `count` pairs, a third of them in each split, with a few words in many combinations."""
    whose, what = ("my", "your", "this", "that"), ("cat", "dog", "tram", "song", "goal")
    records = []
    for place in range(count):
        text = f"{whose[place % 4]} {what[place % 5]} made {whose[place % 3]} day"
        split = ("train", "train", "train", "val", "test")[place % 5]
        account = f"account{place % 2}"
        records.append({"id": f"p{place}", "image": f"images/{place}.png", "split": split, "account": account})
        records[-1].update({key: text} if key == "text" else {key: [text, text + " again"]})
    return records
