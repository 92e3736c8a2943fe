"""The package's layout: each folder imports only from those above it."""

import ast
from pathlib import Path

import pytest

import img2tweet_tf

PACKAGE = Path(img2tweet_tf.__file__).parent
FOLDERS = (
    "utils", "sample", "datasets", "features", "collect", "text", "context", "models", "generation", "captioner",
    "training", "evaluation", "results", "analysis", "plots", "study", "cli", "__main__",
)  # fmt: skip


def folder_of(parts):
    return parts[0].removesuffix(".py")


def imported_folders(tree):
    """Yields (line, folder) of every import from this package, wherever it stands in a module."""
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
    folder = folder_of(file.relative_to(PACKAGE).parts)
    assert folder in FOLDERS, f"{folder} has no place in the order of folders"
    for line, source in imported_folders(ast.parse(file.read_text(encoding="utf-8"))):
        allowed = FOLDERS.index(source) <= FOLDERS.index(folder)
        assert allowed, f"{file.name} line {line}: {folder} must not import {source}"


def test_a_backward_arrow_would_be_found():
    tree = ast.parse("def late():\n    from img2tweet_tf.training import train\n    import img2tweet_tf.plots")
    assert list(imported_folders(tree)) == [(2, "training"), (3, "plots")]


def test_what_every_folder_promises_can_be_imported():
    for name in img2tweet_tf.__all__:
        assert getattr(img2tweet_tf, name) is not None, name
    assert dir(img2tweet_tf) == sorted(img2tweet_tf.__all__)
    with pytest.raises(AttributeError, match="no attribute 'poet'"):
        _ = img2tweet_tf.poet
