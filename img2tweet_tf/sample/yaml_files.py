"""Reads the YAML files under `data/`: every text knows its file and line, so that a mistake in it can be named."""

from pathlib import Path

import yaml

from img2tweet_tf.console import Img2TweetError

DATA = Path(__file__).parent / "data"


class Text(str):
    """A string of a YAML file; `where` says which one and on what line: "voices/cat.yaml line 12"."""

    where = ""


def read_yaml(name):
    """Returns what `data/NAME` holds, its strings as `Text`.

    Args:
        name: path below `data/`.

    Raises:
        Img2TweetError: no YAML, or a key that occurs twice.
    """

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        pass

    def text(loader, node):
        made = Text(loader.construct_scalar(node))
        made.where = f"{name} line {node.start_mark.line + 1}"
        return made

    def mapping(loader, node):
        made = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            if key in made:
                raise Img2TweetError(f"{name} line {key_node.start_mark.line + 1}: {key} occurs twice")
            made[key] = loader.construct_object(value_node, deep=True)
        return made

    Loader.add_constructor("tag:yaml.org,2002:str", text)
    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    try:
        return yaml.load((DATA / name).read_text(encoding="utf-8"), Loader)
    except yaml.YAMLError as error:
        raise Img2TweetError(f"{name}: no YAML ({' '.join(str(error).split())})") from None
