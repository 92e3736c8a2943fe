"""Writes what the notebooks need in Colab, from the project's address in pyproject.toml: `make badges` calls this.

The address stands in one place, under `[project.urls]` as `Repository`. With it each notebook gets a badge that opens
it in Colab, and a cell that clones the project there; without it there is no badge, and the reader brings the project.
"""

import re
import sys
import tomllib
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
COLAB = "https://colab.research.google.com/github"


def main(folder=HERE, project=HERE.parent / "pyproject.toml"):
    """Rewrites the notebooks of a folder as the project file has it; returns the exit status."""
    address = tomllib.loads(project.read_text(encoding="utf-8"))["project"].get("urls", {}).get("Repository")
    if address and not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
        print(f"{project}: expected Repository to be https://github.com/OWNER/NAME, got {address}", file=sys.stderr)
        return 2
    for file in sorted(folder.glob("[0-9]*.ipynb")):
        notebook = nbformat.read(file, as_version=4)
        title, setup = notebook.cells[:2]
        title.source = re.sub(r"\[!\[Open in Colab\].*\n\n", "", title.source)
        setup.source = re.sub(r" *!git clone .*\n", "", setup.source)
        if address:
            path = f"{address.removeprefix('https://github.com')}/blob/HEAD/notebooks/{file.name}"
            title.source = title.source.replace("\n\n", f"\n\n{BADGE}({COLAB}{path})\n\n", 1)
            clone = f"    !git clone --quiet --depth 1 {address} img2tweet\n"
            setup.source = re.sub(r"(?m)^(?=    %pip)", clone, setup.source)
        nbformat.write(notebook, file)
    print(f"badges of {address}" if address else f"no badges: {project.name} has no Repository in [project.urls]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
