"""Fields of a dataclass of settings: help text, type and range stand once, for Python and for the command line."""

import os
from dataclasses import field, fields

from img2tweet_tf.utils.errors import Img2TweetError

_WORDS = {
    str: "a text", str | None: "a text or None", bool: "True or False", dict: "a dict of sizes",
    tuple: "a list of names",
}  # fmt: skip


def setting(default, says, least=None, most=None, over=None, **more):
    """A field with its help text, its range (from `least` or over `over`, to `most`), what else the parser needs."""
    metadata = {"says": says, "least": least, "most": most, "over": over, **more}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


def settings(of):
    """Returns the fields of a dataclass by name; `metadata` holds help text and range."""
    return {each.name: each for each in fields(of)}


def check_settings(made):
    """Raises `Img2TweetError` where a field of a dataclass is not of its type or out of its range."""
    for name, of in settings(made).items():
        value, choices = getattr(made, name), of.metadata.get("choices")
        wrong_number = isinstance(value, (int, float)) and not in_range(value, of.metadata)
        if not _is_a(value, of.type) or wrong_number or (choices and value not in choices):
            raise Img2TweetError(f"{name}: expected {expected(of)}, got {value!r}")


def _is_a(value, kind):
    """Whether a value is of a field's type; whole numbers are numbers, paths are texts, but True is no number."""
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    if kind is tuple:
        return isinstance(value, (list, tuple)) and all(isinstance(each, (str, os.PathLike)) for each in value)
    kind |= {float: int, float | None: int, str: os.PathLike, str | None: os.PathLike}.get(kind, kind)
    return isinstance(value, kind)


def in_range(number, says):
    """Whether a number keeps the range in a field's metadata; no setting is infinite, or no number."""
    return (
        (says["least"] is None or number >= says["least"])
        and (says["most"] is None or number <= says["most"])
        and (says["over"] is None or says["over"] < number)
        and abs(number) < float("inf")
    )


def expected(of):
    """Returns in words what a field takes."""
    says = of.metadata
    if says.get("choices"):
        return f"one of {', '.join(says['choices'])}"
    if of.type in _WORDS:
        return _WORDS[of.type]
    whole = "a whole number" if of.type in (int, int | None) else "a number"
    most = "" if says["most"] is None else f" to {says['most']}"
    if says["least"] is not None:
        return f"{whole} from {says['least']}" + most
    return whole + ("" if says["over"] is None else f" over {says['over']}") + most.replace(" to", ", at most")
