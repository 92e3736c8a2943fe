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


def run_folder(name):
    """Returns a new, empty folder for a run called `name`; what a former run left there is removed.

    It lies in the checkout's `runs/`, or in `runs` of the current folder where there is no checkout.

    Raises:
        Img2TweetError: the name leads elsewhere.
    """
    if name in ("", "..") or Path(name).name != name:
        raise Img2TweetError(f"run_folder: expected a plain name, got {name!r}")
    checkout = _checkout()
    folder = Path(os.path.relpath((checkout or Path.cwd()) / "runs" / name))  # as short as it can be shown
    shutil.rmtree(folder, ignore_errors=True)
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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.{platform.node()}.{os.getpid()}.", dir=path.parent))
    except OSError as error:
        raise OSError(error.errno, f"can't be written ({error.strerror})", str(path)) from None
    try:
        fresh = scratch / path.name
        yield fresh
        _put(fresh, path, scratch)
    except OSError as error:
        if error.filename or not error.errno:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None  # a write to an open file names none
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _put(fresh, path, scratch):
    """Gives `fresh` the name `path`; a folder of that name goes into `scratch` first, and comes back if this fails."""
    for attempt in range(3):  # another process may do the same in the same moment
        old = scratch / f"old-{attempt}"
        try:
            if fresh.is_dir() and path.is_dir():
                path.rename(old)
            fresh.replace(path)
            return
        except OSError:
            if old.exists() and not path.exists():
                old.rename(path)
            if attempt == 2:
                raise


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
