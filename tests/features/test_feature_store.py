"""The cache of features: only what is missing is computed, whatever happened before."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from img2tweet_tf.features import encode_images, encode_sources, extract_features, read_pixels
from img2tweet_tf.utils.errors import Img2TweetError


class ToyEncoder:
    """Stands in for an Encoder: a grid of 2 x 2 x 3, the mean colour of each quarter; remembers how many it encoded."""

    name, image_size, grid_shape, fingerprint = "toy", 8, (2, 2, 3), "ab" * 32

    def __init__(self, fail_after=None, fingerprint=None):
        self.encoded, self.fail_after = 0, fail_after
        self.fingerprint = fingerprint or self.fingerprint

    def encode(self, images):
        if self.fail_after is not None and self.encoded >= self.fail_after:
            raise KeyboardInterrupt
        self.encoded += len(images)
        return images.reshape(-1, 2, 4, 2, 4, 3).mean((2, 4)).astype(np.float32)


def save_image(path, seed):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)).save(path)


@pytest.fixture
def pairs(tmp_path):
    """150 pairs, so that there are several shards."""
    made = [SimpleNamespace(id=f"p{n}", path=tmp_path / "images" / f"{n}.png") for n in range(150)]
    for seed, pair in enumerate(made):
        save_image(pair.path, seed)
    return made


def expected(pair):
    with Image.open(pair.path) as image:
        return np.asarray(image, np.float32).reshape(2, 4, 2, 4, 3).mean((1, 3))


def run(pairs, tmp_path, **options):
    encoder = ToyEncoder(**options)
    return extract_features(pairs, encoder, tmp_path / "cache", batch_size=10), encoder.encoded


def files(tmp_path, kind):
    return sorted((tmp_path / "cache").rglob(kind))


def test_grids_come_back_in_the_order_asked_for(pairs, tmp_path):
    features, encoded = run(pairs, tmp_path)
    assert encoded == len(features) == 150 and features.ids == [pair.id for pair in pairs]
    wanted = ["p149", "p3", "p70", "p3"]
    grid = features.grid(features.rows(wanted))
    assert grid.shape == (4, 2, 2, 3) and grid.dtype == np.float16
    np.testing.assert_allclose(grid, [expected(pairs[int(name[1:])]) for name in wanted], rtol=1e-3)
    np.testing.assert_allclose(features.pooled(), [expected(pair).mean((0, 1)) for pair in pairs], rtol=1e-3)
    assert features.pooled([5, 2]).shape == (2, 3) and features.pooled().dtype == np.float32
    assert features.grid([]).shape == (0, 2, 2, 3)


def test_on_disk_are_small_float16_shards_and_nothing_else(pairs, tmp_path):
    run(pairs, tmp_path)
    arrays = [np.load(path, mmap_mode="r") for path in files(tmp_path, "*.npy")]
    assert sorted(len(array) for array in arrays) == [22, 64, 64] and {array.dtype.str for array in arrays} == {"<f2"}
    assert {path.suffix for path in files(tmp_path, "*") if path.is_file()} == {".npy", ".json"}


def test_a_second_run_encodes_nothing(pairs, tmp_path):
    first, _ = run(pairs, tmp_path)
    second, encoded = run(pairs, tmp_path)
    assert encoded == 0
    np.testing.assert_array_equal(second.grid(range(150)), first.grid(range(150)))


def test_an_interrupted_run_goes_on_where_it_stopped(pairs, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(pairs, tmp_path, fail_after=100)
    features, encoded = run(pairs, tmp_path)
    assert encoded == 50
    np.testing.assert_allclose(features.grid(range(150)), [expected(pair) for pair in pairs], rtol=1e-3)


def test_another_data_set_shares_the_images_it_has_in_common(pairs, tmp_path):
    run(pairs[:40], tmp_path)
    copy = tmp_path / "other" / "copy.png"
    copy.parent.mkdir()
    copy.write_bytes(pairs[0].path.read_bytes())
    features, encoded = run([SimpleNamespace(id="x", path=copy), *pairs[30:50]], tmp_path)
    assert encoded == 10 and len(features) == 21
    np.testing.assert_allclose(features.grid([0, 20]), [expected(pairs[0]), expected(pairs[49])], rtol=1e-3)


def test_the_same_picture_twice_is_encoded_once_and_can_be_found(pairs, tmp_path):
    pairs[1].path.write_bytes(pairs[0].path.read_bytes())
    features, encoded = run(pairs[:3], tmp_path)
    assert encoded == 2 and features.keys["p0"] == features.keys["p1"] != features.keys["p2"]
    np.testing.assert_array_equal(features.grid([0]), features.grid([1]))


def test_a_changed_image_is_encoded_again(pairs, tmp_path):
    run(pairs, tmp_path)
    save_image(pairs[7].path, seed=1000)
    features, encoded = run(pairs, tmp_path)
    assert encoded == 1
    np.testing.assert_allclose(features.grid([7])[0], expected(pairs[7]), rtol=1e-3)


def test_other_weights_have_a_cache_of_their_own(pairs, tmp_path):
    run(pairs[:5], tmp_path)
    assert run(pairs[:5], tmp_path, fingerprint="cd" * 32)[1] == 5
    assert run(pairs[:5], tmp_path)[1] == 0


@pytest.mark.parametrize("damage", ["cut", "flipped", "no array", "no sidecar", "cut sidecar", "strange sidecar"])
def test_a_damaged_shard_is_computed_again(pairs, tmp_path, damage):
    run(pairs[:20], tmp_path)
    (array,), (sidecar,) = files(tmp_path, "*.npy"), files(tmp_path, "*.json")
    content = array.read_bytes()
    if damage == "cut":
        array.write_bytes(content[:-100])
    elif damage == "flipped":
        array.write_bytes(content[:-100] + bytes(100))
    elif damage == "no array":
        array.unlink()
    elif damage == "no sidecar":
        sidecar.unlink()
    else:
        sidecar.write_text("[1]" if damage == "strange sidecar" else sidecar.read_text()[:-9])
    features, encoded = run(pairs[:20], tmp_path)
    assert encoded == 20
    np.testing.assert_allclose(features.grid(range(20)), [expected(pair) for pair in pairs[:20]], rtol=1e-3)
    assert run(pairs[:20], tmp_path)[1] == 0


def test_broken_images_are_named_counted_and_left_out(pairs, tmp_path, capfd):
    pairs[3].path.write_bytes(pairs[3].path.read_bytes()[:60])
    pairs[5].path.unlink()
    features, encoded = run(pairs[:20], tmp_path)
    assert encoded == len(features) == 18
    assert not features.has("p3") and not features.has("p5") and features.has("p4")
    assert len(features.problems) == 2 and any(str(pairs[3].path) in problem for problem in features.problems)
    err = capfd.readouterr().err
    assert "2 images left out" in err and str(pairs[5].path) in err
    np.testing.assert_allclose(features.grid(features.rows(["p4", "p6"]))[1], expected(pairs[6]), rtol=1e-3)
    with pytest.raises(Img2TweetError, match="1 of 2 ids have no features, first 'p3'"):
        features.rows(["p4", "p3"])


def test_no_image_at_all_is_an_error(pairs, tmp_path):
    for pair in pairs[:2]:
        pair.path.write_text("no image")
    with pytest.raises(Img2TweetError, match="none of 2 images can be read"):
        run(pairs[:2], tmp_path)


def test_by_default_the_cache_is_in_the_data_home(pairs, data_home):
    extract_features(pairs[:2], ToyEncoder())
    assert len(list(Path(data_home, "features").rglob("*.npy"))) == 1


def test_values_that_float16_cannot_hold_stay_finite(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(ToyEncoder, "encode", lambda self, images: np.full((len(images), 2, 2, 3), 1e9, np.float32))
    features, _ = run(pairs[:2], tmp_path)
    assert np.isfinite(features.grid([0, 1])).all()


def test_a_few_images_without_the_cache(pairs, tmp_path):
    pairs[1].path.write_text("no image")
    grids, problems = encode_sources([pair.path for pair in pairs[:4]], ToyEncoder(), batch_size=2)
    assert grids.shape == (4, 2, 2, 3) and list(problems) == [1] and str(pairs[1].path) in problems[1]
    np.testing.assert_allclose(grids[3], expected(pairs[3]), rtol=1e-5)
    assert not grids[1].any()


def test_images_in_memory_give_the_features_of_files(pairs):
    size = ToyEncoder.image_size
    pixels = read_pixels(pairs[:5], size)
    assert pixels.shape == (5, size, size, 3) and pixels.dtype == np.uint8
    pooled = encode_images(pixels, ToyEncoder(), batch_size=2)
    np.testing.assert_allclose(pooled, [expected(pair).mean(axis=(0, 1)) for pair in pairs[:5]], rtol=1e-5)
    grey = encode_images(np.full((3, 28, 28), 51, np.uint8), ToyEncoder())
    assert grey.shape == (3, pooled.shape[1]) and np.allclose(grey, grey[0])
    assert len(encode_images(pixels[:0], ToyEncoder())) == 0
