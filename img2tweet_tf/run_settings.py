"""The settings of a run: whether they can be, and whether a run is resumed under those it was started with."""

import hashlib
import inspect
import json

from img2tweet_tf import home
from img2tweet_tf.console import Img2TweetError, notice


def check_run(out, settings, resume):
    """Returns whether there is a run to go on with; refuses to write over one, or to resume it under other settings."""
    home.check_folder(out)
    if not resume:
        if (out / "history.json").exists() or (out / "captioner.json").exists():
            raise Img2TweetError(f"{out}: holds a run already; --resume it, or name another --out")
        return False
    try:
        before = dict(json.loads((out / "run.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise Img2TweetError(f"{out}: no run to resume (no run.json in it); train without --resume first") from None
    except (OSError, ValueError, TypeError) as error:
        raise Img2TweetError(f"{out}/run.json: damaged ({error}); name a new --out") from None
    for name, value in settings.items():
        if before.get(name) != json.loads(json.dumps(value)):
            was = f"was started with {name} {_shown(before.get(name))}, not {_shown(value)}"
            was = f"the pairs of {settings['data']} have changed since it was started" if name == "data_digest" else was
            raise Img2TweetError(f"{out}: {was}; resume it as it was started, or name a new --out")
    if not (out / "history.json").exists():
        notice(f"{out}: stopped before its first epoch was done; starts again")
        return False
    return True


def check_sizes(kind, sizes):
    """Raises `Img2TweetError` unless a captioner of this class has these sizes, of these types."""
    known = {
        name: parameter.default
        for name, parameter in inspect.signature(kind.__init__).parameters.items()
        if isinstance(parameter.default, (bool, int, float))
    }
    for name, value in sizes.items():
        if name not in known:
            there = ", ".join(f"{name}={default}" for name, default in known.items())
            raise Img2TweetError(f'{kind.__name__} has no size "{name}" (there are, with their defaults: {there})')
        number = isinstance(known[name], float) and type(value) is int
        if type(value) is not type(known[name]) and not number:
            expected = f"a value like {json.dumps(known[name])}"
            raise Img2TweetError(f"{kind.__name__}: expected {expected} for {name}, got {json.dumps(value)}")
        if type(value) is int and value < 1 and not number:
            raise Img2TweetError(f"{kind.__name__}: expected a size of 1 or more, got {name}={value}")


def digest(pairs):
    """Returns a hex digest of what a run learns from: ids, images' names, texts and splits."""
    keys = ("id", "image", "text", "captions", "split")
    lines = (json.dumps([pair.record.get(key) for key in keys]) + "\n" for pair in pairs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _shown(value):
    """Returns a setting as one short text; an encoder's is its name and weights."""
    encoder = isinstance(value, dict) and {"name", "weights"} <= value.keys()
    return f"{value['name']} ({value['weights']})" if encoder else json.dumps(value, ensure_ascii=False)
