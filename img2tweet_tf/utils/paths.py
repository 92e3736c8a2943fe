"""The data home, where big inputs are looked for and generated things kept; files that appear whole or not at all."""

import contextlib
import glob
import json
import os
import platform
import shutil
import tempfile
from pathlib import Path

import psutil

from img2tweet_tf.utils.errors import Img2TweetError


def data_home():
    """Returns the data home as an absolute `Path`.

    `$IMG2TWEET_DATA` if set; else the checkout's `data/` folder, wherever the command or notebook runs; else, where the
    package was installed without a checkout, `img2tweet` in the user's cache folder.
    """
    named = os.environ.get("IMG2TWEET_DATA")
    if named:
        return Path(os.path.expanduser(named)).resolve()
    if _checkout():
        return _checkout() / "data"
    return _user_cache()


def writable_home():
    """Returns the folder for generated things: the data home, or the user's cache folder where that is read-only.

    A folder without any write permission is read-only to root too: whoever set that wants nothing written there.
    """
    home = data_home()
    if not home.exists() or (os.access(home, os.W_OK) and home.stat().st_mode & 0o222):
        return home
    return _user_cache()


def run_folder(name, overwrite=False):
    """Returns a new, empty folder for a run called `name`.

    It lies in the checkout's `runs/`, or in `runs` of the current folder where there is no checkout.

    Args:
        name: a plain name.
        overwrite: whether to remove what a former run left there.

    Raises:
        Img2TweetError: the name leads elsewhere, or there is such a run and `overwrite` is false.
    """
    if name in ("", "..") or Path(name).name != name:
        raise Img2TweetError(f"run_folder: expected a plain name, got {name!r}")
    checkout = _checkout()
    folder = (checkout or Path.cwd()) / "runs" / name
    with contextlib.suppress(ValueError):  # on Windows, from another drive
        folder = Path(os.path.relpath(folder))  # shorter to show
    if folder.exists() and not overwrite:
        raise Img2TweetError(f"{folder}: there is such a run; overwrite=True removes it, or choose another name")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def check_folder(path):
    """Raises `Img2TweetError` if no folder can be at `path`, or nothing be written to it; makes nothing."""
    path = Path(path)
    above = path.absolute()
    try:
        while not above.exists():
            above = above.parent
        if not above.is_dir():
            what = "a file" if above == path.absolute() else f"{above} is a file"
            raise Img2TweetError(f"{path}: {what}; expected a folder, or a name for a new one")
        if not os.access(above, os.W_OK):
            raise Img2TweetError(f"{path}: no permission to write to {above}")
    except OSError as error:
        raise Img2TweetError(f"{path}: no folder can be there ({error.strerror})") from None


@contextlib.contextmanager
def atomic_write(path):
    """Yields a temporary path beside `path`; what was written there takes the name `path` only if no error came.

    The body may write a file or make a folder. A folder replaces an older folder of the same name. Of several processes
    that write the same, the last one's stays. What a process left that was killed meanwhile, the next one removes.

    Raises:
        OSError: nothing can be written there, or the disk is full; it names `path`.
    """
    path = Path(path)
    with _scratch_beside(path) as scratch:
        fresh = scratch / path.name
        yield fresh
        _put(fresh, path, aside=path.with_name(f"{scratch.name[1:]}.former"))


@contextlib.contextmanager
def atomic_files(folder):
    """Yields an empty folder; the files made in it move into `folder` once no error came: all of them, or none.

    Other files in `folder` stay.

    Raises:
        OSError: nothing can be written there, or the disk is full; it names `folder`.
    """
    folder, moved = Path(folder), []
    with _scratch_beside(folder / "files") as scratch:
        fresh, former = scratch / "fresh", scratch / "former"
        fresh.mkdir()
        former.mkdir()
        yield fresh
        try:
            for file in sorted(fresh.iterdir()):
                target = folder / file.name
                if target.exists():
                    target.rename(former / file.name)
                moved.append(target)
                file.rename(target)
        except BaseException:
            for target in moved:
                target.unlink(missing_ok=True)
                if (former / target.name).exists():
                    (former / target.name).rename(target)
            raise


def with_path(error, path):
    """Returns an `OSError` that names a path; one from a write to an open file, or from HDF5, names none."""
    if error.filename:
        return error
    return OSError(error.errno, error.strerror or " ".join(str(error).split()), str(path))


@contextlib.contextmanager
def _scratch_beside(path):
    """Yields a new folder beside `path` that is removed in the end; every `OSError` names a path."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.{platform.node()}.{os.getpid()}.", dir=path.parent))
    except OSError as error:
        raise OSError(error.errno, f"can't be written ({error.strerror})", str(path)) from None
    try:
        yield scratch
    except OSError as error:
        raise with_path(error, path) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _put(fresh, path, aside):
    """Gives `fresh` the name `path`; a folder of that name goes to `aside` first, and comes back if this fails.

    If it can't come back, either, it stays there, and the error names it.
    """
    for attempt in range(3):  # another process may do the same in the same moment
        try:
            if fresh.is_dir() and path.is_dir():
                path.rename(aside)
            fresh.replace(path)
            break
        except OSError:
            if aside.exists() and not path.exists():
                aside.rename(path)
            if attempt == 2:
                raise
    shutil.rmtree(aside, ignore_errors=True)


def _remove_abandoned(path):
    """Removes what killed processes of this computer left beside `path` while they wrote it."""
    start = f".{path.name}.{platform.node()}."
    for left in path.parent.glob(f"{glob.escape(start)}*"):
        process = left.name.removeprefix(start).split(".")[0]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def write_json(path, value):
    """Writes a value as JSON in UTF-8, whole or not at all."""
    with atomic_write(path) as fresh:
        fresh.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _checkout():
    """Returns the checkout this package runs from, None where it was installed without one."""
    folder = Path(__file__).resolve().parents[2]
    return folder if (folder / "pyproject.toml").is_file() and (folder / "notebooks").is_dir() else None


def _user_cache():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "img2tweet"
