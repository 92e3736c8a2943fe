"""Where data lies, and that files appear whole or not at all."""

import errno
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


@pytest.mark.parametrize("failing", [2, 3])
def test_a_folder_survives_a_rename_that_fails(tmp_path, monkeypatch, failing):
    """The second rename gives the new folder its name, the third takes the old one back."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").touch()
    calls, rename, replace = [], Path.rename, Path.replace

    def counted(real):
        def call(self, target):
            calls.append(target)
            if len(calls) >= failing or (failing == 3 and len(calls) == 2):
                raise PermissionError(errno.EACCES, "Permission denied", str(self))
            return real(self, target)

        return call

    monkeypatch.setattr(Path, "rename", counted(rename))
    monkeypatch.setattr(Path, "replace", counted(replace))
    with pytest.raises(OSError) as caught, paths.atomic_write(tmp_path / "folder") as fresh:
        fresh.mkdir()
    (kept,) = tmp_path.glob("**/old")
    assert str(kept.parent) in (caught.value.filename, str(tmp_path / "folder"))


def test_files_are_moved_together_or_not_at_all(tmp_path, monkeypatch):
    for name in ("a", "b", "other"):
        (tmp_path / name).write_text("old")
    rename = Path.rename

    def no_b(self, target):
        if self.name == "b" and self.parent.name == "fresh":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    def write():
        with paths.atomic_files(tmp_path) as fresh:
            for name in ("a", "b", "new"):
                (fresh / name).write_text("new")

    monkeypatch.setattr(Path, "rename", no_b)
    with pytest.raises(OSError):
        write()
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == dict.fromkeys(("a", "b", "other"), "old")
    monkeypatch.undo()
    write()
    texts = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert texts == {"a": "new", "b": "new", "new": "new", "other": "old"}


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), OSError("HDF5 cannot write")])
def test_a_full_disk_is_named_by_the_path(tmp_path, error):
    with pytest.raises(OSError) as caught, paths.atomic_write(tmp_path / "a.txt"):
        raise error
    assert caught.value.filename == str(tmp_path / "a.txt") and caught.value.strerror in str(error)


def test_a_run_is_replaced_only_when_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "_checkout", lambda: tmp_path)
    (paths.run_folder("mine") / "model.keras").touch()
    with pytest.raises(Img2TweetError, match="overwrite=True"):
        paths.run_folder("mine")
    assert (tmp_path / "runs" / "mine" / "model.keras").exists()
    assert not os.listdir(paths.run_folder("mine", overwrite=True))


def test_a_run_folder_on_another_drive(tmp_path, monkeypatch):
    def another_drive(path):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(paths, "_checkout", lambda: tmp_path)
    monkeypatch.setattr(os.path, "relpath", another_drive)
    assert paths.run_folder("mine") == tmp_path / "runs" / "mine"


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
