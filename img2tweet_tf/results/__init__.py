"""Named experiments of `configs/` to figures in `results/`, and those to the tables of README and docs."""

from img2tweet_tf.results.experiments import commands, load_experiment, run_experiment, summarise, world_command
from img2tweet_tf.results.provenance import machine, write_rows
from img2tweet_tf.results.tables import with_tables, write_tables

__all__ = [
    "commands", "load_experiment", "machine", "run_experiment", "summarise", "with_tables", "write_rows",
    "world_command", "write_tables",
]  # fmt: skip
