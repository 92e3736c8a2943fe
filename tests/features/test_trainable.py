"""Where an encoder is cut to train its last blocks, and pictures that vary without becoming untrue."""

import numpy as np
import pytest
from conftest import ToyEncoder

from img2tweet_tf.backend import keras
from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.features import Version, extract_features, load_encoder, split_encoder, trainable_copy
from img2tweet_tf.features.trainable import vary
from img2tweet_tf.pairs import load_pairs

CUTS = {"efficientnet_lite0": (7, 7, 192), "mobilenetv2": (7, 7, 160), "inceptionv3": (8, 8, 2048)}


@pytest.fixture(scope="module")
def lite0():
    return load_encoder("efficientnet_lite0")


def noise(encoder, count=2):
    size = encoder.image_size
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)


@pytest.mark.parametrize("name", CUTS)
def test_both_parts_together_are_the_encoder(name):
    encoder = load_encoder(name, "random")
    lower, upper = split_encoder(encoder)
    assert lower.grid_shape == CUTS[name]  # the outputs of whole blocks: no residual connection, no branch is cut
    assert 0.1 < upper.count_params() / encoder.model.count_params() <= 0.4
    assert upper.count_params() + lower.model.count_params() == encoder.model.count_params()
    images = noise(encoder)
    np.testing.assert_allclose(upper(lower.encode(images), training=False), encoder.encode(images), atol=1e-5)


@pytest.mark.parametrize("share, channels", [(1, 3), (0.45, 192), (0.15, 320), (0.001, 320)])
def test_the_share_says_how_much_trains(lite0, share, channels):
    lower, upper = split_encoder(lite0, share)
    assert lower.grid_shape[-1] == channels and len(upper.trainable_variables) >= 3
    names = {split_encoder(lite0, other)[0].fingerprint for other in (1, 0.45, 0.15)}
    assert len(names) == 3 and (lower.fingerprint in names or share == 0.001)


@pytest.mark.parametrize("share", [0, -0.1, 1.01, float("nan"), "much", True])
def test_a_share_out_of_range_is_refused(lite0, share):
    with pytest.raises(Img2TweetError, match=f"over 0 and at most 1, got {share}"):
        split_encoder(lite0, share)


def test_an_encoder_without_layers_is_refused():
    for function in (split_encoder, trainable_copy):
        with pytest.raises(Img2TweetError, match="encoder toy can't be trained"):
            function(ToyEncoder())


def test_a_copy_trains_and_the_given_encoder_stays(lite0):
    before, images = lite0.fingerprint, noise(lite0, 1)
    copy = trainable_copy(lite0)
    assert copy.fingerprint == before
    np.testing.assert_array_equal(copy.encode(images), lite0.encode(images))
    lower, upper = split_encoder(copy)
    below = lower.fingerprint
    upper.trainable_variables[0].assign_add(keras.ops.ones_like(upper.trainable_variables[0]))
    assert np.abs(copy.encode(images) - lite0.encode(images)).max() > 0.1
    assert copy.fingerprint != before == lite0.fingerprint and lower.fingerprint == below


def picture(size=64):
    """Returns grey with a red, a green, a blue and a white corner of a quarter of its sides, in that order."""
    image = np.full((size, size, 3), 90, np.uint8)
    side = size // 4
    image[:side, :side], image[:side, -side:] = (255, 0, 0), (0, 255, 0)
    image[-side:, :side], image[-side:, -side:] = (0, 0, 255), (255, 255, 255)
    return image


def centre(image, colour):
    """Returns the mean (row, column) of the pixels near a colour, as shares of the sides."""
    near = np.abs(image.astype(int) - colour).max(axis=-1) < 60
    return np.argwhere(near).mean(axis=0) / len(image)


def test_what_is_true_of_a_picture_stays_true():
    image = picture()
    for version in range(1, 30):
        varied = vary(image, version)
        assert varied.shape == image.shape and varied.dtype == np.uint8
        corners = [centre(varied, colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))]
        assert [tuple(corner > 0.5) for corner in corners] == [(0, 0), (0, 1), (1, 0), (1, 1)]  # nothing is mirrored
        assert set(np.unique(varied[28:36, 28:36])) == {90}  # no colour is changed
        tilt = np.degrees(np.arctan2(*(corners[1] - corners[0])))
        assert abs(tilt) < 5  # 3, and what the pixels' size and the repeated edges add


def test_no_part_of_the_picture_is_lost():
    image = np.full((64, 64, 3), 90, np.uint8)
    image[0], image[-1], image[:, 0], image[:, -1] = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
    for version in range(1, 30):
        varied = vary(image, version).astype(int)
        for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)):
            seen = (np.abs(varied - colour).max(axis=-1) < 90).sum()
            assert seen > 20, (version, colour)


def test_versions_differ_and_are_always_the_same():
    image, other = picture(), 255 - picture()
    assert vary(image, 0) is image
    varied = [vary(image, version).tobytes() for version in range(5)]
    assert len(set(varied)) == 5 and varied == [vary(image.copy(), version).tobytes() for version in range(5)]
    assert (255 - vary(other, 1)).tobytes() != varied[1]  # another picture moves in another way


def test_each_version_is_cached_on_its_own(toy_world, toy_encoder, data_home):
    pairs = load_pairs(toy_world[0])
    versions = [extract_features(pairs, Version(toy_encoder, number)) for number in (0, 1, 2)]
    plain = extract_features(pairs, toy_encoder)
    grids = [version.grid(np.arange(len(pairs))) for version in versions]
    np.testing.assert_array_equal(grids[0], plain.grid(np.arange(len(pairs))))
    assert not np.array_equal(grids[0], grids[1]) and not np.array_equal(grids[1], grids[2])
    assert len({version.fingerprint for version in [*versions, plain]}) == 4
    toy_encoder.encode = None  # everything is there
    again = extract_features(pairs, Version(toy_encoder, 2))
    np.testing.assert_array_equal(again.grid(np.arange(len(pairs))), grids[2])
