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

import context
import maps
import memory
import table
import training
import writing

BENCHMARKS = {
    "train": partial(training.run, texts=1, product_dtype="float32", goal=1.1),
    "train_five": partial(training.run, texts=5, product_dtype="float32", goal=1.5),
    "train_bfloat16": partial(training.run, texts=1, product_dtype="mixed_bfloat16", goal=1.3),
    "train_five_bfloat16": partial(training.run, texts=5, product_dtype="mixed_bfloat16", goal=1.7),
    "write": partial(writing.show_attend_tell, batch=1, goal=100),
    "write_64": partial(writing.show_attend_tell, batch=64, goal=500),
    "write_transformer": partial(writing.transformer, goal=5),
    "write_top_k": partial(writing.sampling, method="top_k", goal=0.83),
    "write_nucleus": partial(writing.sampling, method="nucleus", goal=0.83),
    "train_context": partial(context.train, goal=0.67),
    "write_context": partial(context.write, method="greedy", goal=0.67),
    "write_context_beam": partial(context.write, method="beam", goal=0.67),
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
    from img2tweet_tf.results import machine
    from img2tweet_tf.utils.backend import product_dtype

    versions = ", ".join(f"{name} {version(name.lower())}" for name in ("TensorFlow", "Keras"))
    return (
        f"{machine()}, load {os.getloadavg()[0]:.1f}; Python {platform.python_version()}, {versions}; "
        f"large products in training: {product_dtype()}"
    )


if __name__ == "__main__":
    sys.exit(main())
