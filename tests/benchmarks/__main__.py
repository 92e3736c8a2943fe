"""Speed and memory as ratios, beside the goals: `make benchmark`, or `python tests/benchmarks [NAME ...]`.

Figures hold for one machine, so each is a ratio to a baseline that is measured in the same run, in turns with ours.
Each benchmark runs in a process of its own. What is measured against what is in README.md beside this file.
"""

import argparse
import os
import platform
import subprocess
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path

import maps
import memory
import table
import training
import writing

BENCHMARKS = {
    "train": partial(training.run, texts=1, goal=1.5),
    "train_five": partial(training.run, texts=5, goal=2.5),
    "train_float32": partial(training.run, texts=1, bfloat16=False),
    "train_five_float32": partial(training.run, texts=5, bfloat16=False),
    "write": partial(writing.show_attend_tell, batch=1, goal=100),
    "write_64": partial(writing.show_attend_tell, batch=64, goal=500),
    "write_transformer": partial(writing.transformer, goal=5),
    "memory": partial(memory.run, goal=2.0),
    "map_digits": maps.digits,
    "map_newsgroups": maps.newsgroups,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], prog="python tests/benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which (default: all of {', '.join(BENCHMARKS)})")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # in this process: one benchmark
    arguments = parser.parse_args()
    names = arguments.names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))} (there are: {', '.join(BENCHMARKS)})")
    if arguments.here:
        return BENCHMARKS[names[0]](names[0])
    print(about(), flush=True)
    table.head()
    ends = [subprocess.run([sys.executable, Path(__file__).parent, "--here", name]).returncode for name in names]
    return max(ends)


def about():
    """Returns the lines on what the figures were measured with."""
    from img2tweet_tf.backend import fast_bfloat16

    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    versions = ", ".join(f"{name} {version(name.lower())}" for name in ("TensorFlow", "Keras"))
    products = "bfloat16" if fast_bfloat16() else "float32"
    return (
        f"{cpu or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"Python {platform.python_version()}, {versions}; matrix products in training: {products}"
    )


if __name__ == "__main__":
    sys.exit(main())
