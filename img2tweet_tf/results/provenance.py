"""What a figure was made with: versions, and the processor."""

import os
import platform
from importlib import metadata
from pathlib import Path

from img2tweet_tf.utils import paths

PACKAGES = ("tensorflow", "keras", "numpy")


def write_rows(file, rows, command):
    """Leaves a table, a list of dicts of str with the same keys, with the command that made it; a mark can show it."""
    about = {"command": command, "versions": versions(), "machine": machine()}
    paths.write_json(file, {**about, "rows": rows})


def versions():
    """Returns a dict of the versions of Python and of what computes."""
    return {"python": platform.python_version(), **{key: metadata.version(key) for key in PACKAGES}}


def machine():
    """Returns in a line what processor this is."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return f"{next(names, platform.processor() or platform.machine())}, {os.cpu_count()} cores"
