"""Encoders by name: sizes, preprocessing, where weights come from, and what happens when they cannot be had."""

import http.server
import json
import socket
import subprocess
import sys
import threading

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from img2tweet_tf.features import encoder_from_config, load_encoder
from img2tweet_tf.utils import downloads
from img2tweet_tf.utils.errors import Img2TweetError

INCEPTION_MODULE = sys.modules[keras.applications.InceptionV3.__module__]
MOBILENET_MODULE = sys.modules[keras.applications.MobileNetV2.__module__]


def noise(encoder, count=2):
    size = encoder.image_size
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)


@pytest.fixture(scope="module")
def lite0():
    return load_encoder("efficientnet_lite0")


@pytest.fixture
def no_cache(data_home, monkeypatch, tmp_path):
    """No weights in the data home, none in the cache of keras."""
    keras_home = tmp_path / "keras"
    keras_home.mkdir()
    for module in (INCEPTION_MODULE, MOBILENET_MODULE):
        monkeypatch.setattr(sys.modules[module.file_utils.__name__].config, "keras_home", lambda: str(keras_home))
    return data_home


@pytest.fixture
def server(tmp_path):
    """Serves the folder `tmp_path / "served"`; yields its URL and the list of paths it was asked for."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=tmp_path / "served")

        def log_message(self, *args):
            asked.append(self.path)

    (tmp_path / "served").mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/", asked
        running.shutdown()
        thread.join()


def test_efficientnet_lite0_grid_and_config(lite0):
    grid = lite0.encode(noise(lite0))
    assert grid.shape == (2, 7, 7, 1280) == (2, *lite0.grid_shape) and grid.dtype == np.float32
    assert grid.min() == 0 and 1 < grid.max() <= 6
    again = encoder_from_config(json.loads(json.dumps(lite0.config())))
    np.testing.assert_array_equal(again.encode(noise(lite0)), grid)


def test_a_batch_of_another_length_changes_no_feature(lite0):
    images = noise(lite0, 5)
    np.testing.assert_allclose(lite0.encode(images)[:2], lite0.encode(images[:2]), atol=1e-4)


def test_images_of_another_size_are_refused(lite0):
    with pytest.raises(Img2TweetError, match=r"expected images \(n, 224, 224, 3\), got \(1, 64, 64, 3\)"):
        lite0.encode(np.zeros((1, 64, 64, 3), np.uint8))


def test_trained_weights_have_another_fingerprint_and_can_be_loaded_again(lite0, tmp_path, data_home):
    encoder = load_encoder("efficientnet_lite0")
    config = encoder.config()
    kernel = encoder.model.get_layer("conv_head").kernel
    kernel.assign(kernel + 0.01)
    assert encoder.fingerprint != lite0.fingerprint == config["fingerprint"]
    encoder.model.save_weights(tmp_path / "trained.weights.h5")
    again = encoder_from_config(config, weights=tmp_path / "trained.weights.h5")
    assert again.fingerprint == encoder.fingerprint
    np.testing.assert_array_equal(again.encode(noise(lite0)), encoder.encode(noise(lite0)))


def test_a_config_whose_weights_have_changed_is_refused(lite0):
    with pytest.raises(Img2TweetError, match="are not those it was used with"):
        encoder_from_config({**lite0.config(), "fingerprint": "0" * 64})


def test_inception_v3_shapes_and_preprocessing(data_home, capfd):
    encoder = load_encoder("InceptionV3", weights="random")
    assert (encoder.name, encoder.image_size, encoder.grid_shape) == ("inception_v3", 299, (8, 8, 2048))
    assert "random weights" in capfd.readouterr().err
    inputs = encoder.preprocess(np.array([0, 255, 51], np.uint8).reshape(1, 1, 1, 3))
    np.testing.assert_allclose(inputs.ravel(), [-1, 1, -0.6], atol=1e-6)
    assert encoder.encode(noise(encoder, 1)).shape == (1, 8, 8, 2048)


def test_random_weights_are_the_same_each_time(data_home):
    first, second = (load_encoder("mobilenet_v2", weights="random") for _ in range(2))
    assert first.fingerprint == second.fingerprint
    np.testing.assert_array_equal(first.encode(noise(first)), second.encode(noise(first)))


def test_inception_v3_from_a_weights_file(shared_data, data_home):
    file = shared_data / "weights" / "inception_v3_standin_notop.weights.h5"
    if not file.is_file():
        pytest.skip(f"no {file.name}")
    encoder = load_encoder("inception_v3", weights=file)
    assert encoder.weights == f"file {file.name}"
    grid = encoder.encode(noise(encoder, 1))
    assert grid.shape == (1, 8, 8, 2048) and grid.std() > 0.01
    home = data_home / "weights" / file.name
    home.parent.mkdir(parents=True)
    home.symlink_to(file)
    moved = {**encoder.config(), "source": f"/elsewhere/{file.name}"}  # a run that came from another machine
    np.testing.assert_array_equal(encoder_from_config(moved).encode(noise(encoder, 1)), grid)


@pytest.mark.parametrize(
    "name, size, grid_shape",
    [
        ("MobileNetV2", 224, (7, 7, 1280)),
        ("mobilenet_v3_small", 224, (7, 7, 576)),
        ("EFFICIENTNET-B1", 240, (8, 8, 1280)),
    ],
)
def test_any_backbone_of_keras_applications_by_name(data_home, name, size, grid_shape):
    encoder = load_encoder(name, weights="random")
    assert (encoder.image_size, encoder.grid_shape) == (size, grid_shape)


def test_a_backbone_has_its_own_preprocessing(data_home):
    grey = np.full((1, 1, 1, 3), 255, np.uint8)
    assert load_encoder("mobilenetv2", "random").preprocess(grey).max() == 1
    inputs = load_encoder("resnet50", "random").preprocess(grey)
    np.testing.assert_allclose(inputs.ravel(), 255 - np.array([103.939, 116.779, 123.68]), rtol=1e-5)


@pytest.mark.parametrize(
    "name, weights, message",
    [
        ("clip", None, "no encoder is called 'clip'; known: auto, efficientnet_lite0, inception_v3, resnet50"),
        ("inception_v3", "/absent.h5", "inception_v3: no weights file /absent.h5"),
        ("auto", "/absent.h5", "name the encoder it belongs to"),
    ],
)
def test_wrong_names_and_files_are_one_line_errors(data_home, name, weights, message):
    with pytest.raises(Img2TweetError, match=message) as error:
        load_encoder(name, weights)
    assert "\n" not in str(error.value)


def test_weights_of_another_network_are_refused(lite0, data_home, tmp_path):
    lite0.model.save_weights(tmp_path / "lite0.weights.h5")
    (tmp_path / "text.weights.h5").write_text("hello")
    for file in ("lite0.weights.h5", "text.weights.h5"):
        with pytest.raises(Img2TweetError, match=f"{file}: no Keras weights of mobilenetv2") as error:
            load_encoder("mobilenetv2", tmp_path / file)
        assert "\n" not in str(error.value)


def test_weights_in_the_data_home_are_taken_without_a_download(no_cache, server, monkeypatch):
    url, asked = server
    monkeypatch.setattr(MOBILENET_MODULE, "BASE_WEIGHT_PATH", url)
    random = load_encoder("mobilenetv2", "random")
    (no_cache / "weights").mkdir(parents=True)
    random.model.save_weights(no_cache / "weights" / "mobilenetv2_notop.weights.h5")
    encoder = load_encoder("mobilenetv2")
    assert encoder.fingerprint == random.fingerprint and not asked
    assert encoder.config()["source"] is None


def test_a_download_says_its_size_and_is_kept(no_cache, server, monkeypatch, tmp_path, capfd):
    url, asked = server
    monkeypatch.setattr(MOBILENET_MODULE, "BASE_WEIGHT_PATH", url)
    random = load_encoder("mobilenetv2", "random")
    served = tmp_path / "served" / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
    with h5py.File(served, "w") as file:  # published files have this old layout
        legacy_h5_format.save_weights_to_hdf5_group(file, random.model)
    for _ in range(2):
        assert load_encoder("mobilenetv2").fingerprint == random.fingerprint
    assert len(asked) == 1
    out, err = capfd.readouterr()
    assert f"downloading ImageNet weights of mobilenetv2: {served.stat().st_size / 1e6:.0f} MB" in err
    assert out == ""


def test_a_download_that_is_not_the_published_file_is_refused(no_cache, server, monkeypatch, tmp_path):
    url, _ = server
    (tmp_path / "served" / "weights.h5").write_bytes(b"x" * 1000)
    monkeypatch.setattr(INCEPTION_MODULE, "WEIGHTS_PATH_NO_TOP", url + "weights.h5")
    with pytest.raises(Img2TweetError, match="ImageNet weights of inception_v3 could not be loaded .*hash") as error:
        load_encoder("inception_v3")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("broken, reason", [("absent", "404"), ("closed", "refused"), ("silent", "no answer in")])
def test_auto_takes_efficientnet_lite0_where_inception_cannot_be_had(
    no_cache, server, monkeypatch, capfd, broken, reason
):
    monkeypatch.setattr(downloads, "CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        closed = socket.create_server(("127.0.0.1", 0))
        ports = {name: listening.getsockname()[1] for name, listening in (("silent", silent), ("closed", closed))}
        closed.close()
        url = server[0] if broken == "absent" else f"http://127.0.0.1:{ports[broken]}/"
        monkeypatch.setattr(INCEPTION_MODULE, "WEIGHTS_PATH_NO_TOP", url + "a.h5")
        assert load_encoder("auto").name == "efficientnet_lite0"
    out, err = capfd.readouterr()
    notices = [line for line in err.splitlines() if line.startswith("encoder auto")]
    assert len(notices) == 1 and "efficientnet_lite0" in notices[0] and reason in notices[0]
    assert out == ""


def test_auto_takes_inception_v3_where_its_weights_are(no_cache, capfd):
    random = load_encoder("inception_v3", "random")
    (no_cache / "weights").mkdir(parents=True)
    random.model.save_weights(no_cache / "weights" / "inception_v3_notop.weights.h5")
    encoder = load_encoder()
    assert encoder.name == "inception_v3" and encoder.fingerprint == random.fingerprint
    assert "encoder auto: inception_v3, file inception_v3_notop.weights.h5" in capfd.readouterr().err


def test_importing_features_loads_no_tensorflow():
    code = "import sys, img2tweet_tf.features; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
