"""Invented names and phrases: `NAMES` is what `data/names.yaml` holds."""

from img2tweet_tf.sample.yaml_files import read_yaml

NAMES = read_yaml("names.yaml")
