"""Reads the YAML files under `data/`: every text knows its file and line, so that a mistake in it can be named."""

from dataclasses import MISSING, fields
from pathlib import Path

import yaml

from img2tweet_tf.utils.errors import Img2TweetError

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


def read_records(name, record, key=None, **parts):
    """Returns dict of key -> `record`, a dataclass, from a file of mappings.

    Args:
        name: path below `data/`.
        record: dataclass of a mapping.
        key: field of the dataclass that takes the key, if any.
        parts: entry -> dataclass of the mapping in it; {"*": dataclass} for each of the mappings in it.

    Raises:
        Img2TweetError: an entry that the dataclass lacks, or one that is missing.
    """
    return {
        own: _record(f"{name} {own}", ({key: own} if key else {}) | entries, record, parts)
        for own, entries in read_yaml(name).items()
    }


def _record(where, entries, record, parts):
    if isinstance(record, dict):
        return {own: _record(f"{where} {own}", entry, record["*"], {}) for own, entry in entries.items()}
    check_keys(where, entries, [each.name for each in fields(record)])
    for each in fields(record):
        if each.name not in entries and each.default is MISSING and each.default_factory is MISSING:
            raise Img2TweetError(f"{where}: no {each.name}")
    given = [name for name in parts if name in entries]
    return record(**entries | {name: _record(f"{where} {name}", entries[name], parts[name], {}) for name in given})


def check_keys(where, found, known):
    """Raises an `Img2TweetError` that names the first key of a mapping that is not among the known ones."""
    for key in found:
        if key not in known:
            raise Img2TweetError(f"{getattr(key, 'where', where)}: unknown key {key} (keys: {', '.join(known)})")
