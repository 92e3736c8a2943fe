"""Where data lies, and that files appear whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from img2tweet_tf.utils import paths
from img2tweet_tf.utils.errors import Img2TweetError


def test_the_environment_names_the_data_home(monkeypatch, tmp_path):
    monkeypatch.setenv("IMG2TWEET_DATA", str(tmp_path / "there"))
    assert paths.data_home() == tmp_path / "there"
    assert not (tmp_path / "there").exists()


def test_the_default_does_not_depend_on_the_current_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("IMG2TWEET_DATA", raising=False)
    before = paths.data_home()
    monkeypatch.chdir(tmp_path)
    assert paths.data_home() == before and before.is_absolute()


def test_a_read_only_home_is_left_alone(monkeypatch, tmp_path):
    (tmp_path / "shared").mkdir(mode=0o555)
    monkeypatch.setenv("IMG2TWEET_DATA", str(tmp_path / "shared"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert paths.writable_home() == tmp_path / "cache" / "img2tweet"


def test_a_written_file_is_whole(tmp_path):
    with paths.atomic_write(tmp_path / "new" / "a.txt") as fresh:
        fresh.write_text("all of it")
        assert not (tmp_path / "new" / "a.txt").exists()
    assert os.listdir(tmp_path / "new") == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_half(tmp_path, error):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(error), paths.atomic_write(tmp_path / "a.txt") as fresh:
        fresh.write_text("ha")
        raise error
    assert os.listdir(tmp_path) == ["a.txt"] and (tmp_path / "a.txt").read_text() == "old"


def test_a_written_folder_replaces_the_old_one(tmp_path):
    for name in ("old", "new"):
        with paths.atomic_write(tmp_path / "folder") as fresh:
            fresh.mkdir()
            (fresh / name).touch()
    assert os.listdir(tmp_path) == ["folder"] and os.listdir(tmp_path / "folder") == ["new"]


def test_what_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError) as caught, paths.atomic_write(tmp_path / "file" / "a.txt"):
        pass
    assert caught.value.filename == str(tmp_path / "file" / "a.txt")


def test_a_folder_is_checked_without_making_it(tmp_path):
    paths.check_folder(tmp_path / "a" / "b")
    paths.check_folder(tmp_path)
    assert not os.listdir(tmp_path)
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 5000)):
        with pytest.raises(Img2TweetError):
            paths.check_folder(path)


@pytest.mark.parametrize("name", ["", ".", "..", "../other", "/tmp", "a/b"])
def test_a_run_folder_leads_nowhere_else(name):
    with pytest.raises(Img2TweetError, match="plain name"):
        paths.run_folder(name)


def test_importing_the_package_is_quiet_and_loads_no_tensorflow(tmp_path):
    code = """
import socket, sys
def refuse(*_, **__): raise AssertionError("the network was asked")
socket.socket.connect = socket.getaddrinfo = refuse
import img2tweet_tf
assert dir(img2tweet_tf) and img2tweet_tf.load_pairs and img2tweet_tf.Img2TweetError
loaded = {"tensorflow", "keras"} & set(sys.modules)
assert not loaded, loaded
"""
    root = Path(paths.__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
