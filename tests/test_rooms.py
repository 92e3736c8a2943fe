"""The package's rooms: each imports only from those above it."""

import ast
from pathlib import Path

import pytest

import img2tweet_tf

PACKAGE = Path(img2tweet_tf.__file__).parent
ROOMS = (
    "console", "home", "backend", "sample", "pairs", "features", "text", "models", "generation", "familiar",
    "captioner", "training", "evaluation", "results", "classic_sets", "projection", "lettering", "plots", "__main__",
)  # fmt: skip


def room_of(parts):
    return parts[0].removesuffix(".py")


def imported_rooms(tree):
    """Yields (line, room) of every import from this package, wherever it stands in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import; name it from img2tweet_tf"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            if name.startswith("img2tweet_tf."):
                yield node.lineno, name.split(".")[1]


FILES = sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_go_upwards_only(file):
    room = room_of(file.relative_to(PACKAGE).parts)
    assert room in ROOMS, f"{room} has no place in the order of rooms"
    for line, source in imported_rooms(ast.parse(file.read_text(encoding="utf-8"))):
        assert ROOMS.index(source) <= ROOMS.index(room), f"{file.name} line {line}: {room} must not import {source}"


def test_a_backward_arrow_would_be_found():
    tree = ast.parse("def late():\n    from img2tweet_tf.training import train\n    import img2tweet_tf.plots")
    assert list(imported_rooms(tree)) == [(2, "training"), (3, "plots")]


def test_what_every_room_promises_can_be_imported():
    for name in img2tweet_tf.__all__:
        assert getattr(img2tweet_tf, name) is not None, name
    with pytest.raises(AttributeError, match="no attribute 'poet'"):
        _ = img2tweet_tf.poet
