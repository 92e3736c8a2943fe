"""The data home, where big inputs are looked for and generated things kept; files that appear whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def data_home():
    """Returns the data home as an absolute `Path`.

    `$IMG2TWEET_DATA` if set; else the checkout's `data/` folder, wherever the command or notebook runs; else, where the
    package was installed without a checkout, `img2tweet` in the user's cache folder.
    """
    named = os.environ.get("IMG2TWEET_DATA")
    if named:
        return Path(named).expanduser().resolve()
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
    """
    checkout = _checkout()
    folder = (checkout or Path.cwd()) / "runs" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextlib.contextmanager
def written_whole(path):
    """Yields a temporary path beside `path`; what was written there takes the name `path` only if no error came.

    The body may write a file or make a folder. A folder replaces an older folder of the same name.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        fresh = scratch / path.name
        yield fresh
        if fresh.is_dir() and path.is_dir():
            path.rename(scratch / "old")
        fresh.replace(path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _checkout():
    """Returns the checkout this package runs from, None where it was installed without one."""
    folder = Path(__file__).resolve().parent.parent
    return folder if (folder / "pyproject.toml").is_file() and (folder / "notebooks").is_dir() else None


def _user_cache():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "img2tweet"
