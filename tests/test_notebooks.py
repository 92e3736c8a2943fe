"""What a reader of the saved notebooks may count on; nbval runs them."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda file: file.stem)
def notebook(request):
    return request.param


def cells(notebook, kind):
    return [cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_it_is_small_and_its_first_cell_says_what_it_is(notebook):
    assert notebook.stat().st_size < 600_000
    title = "".join(cells(notebook, "markdown")[0]["source"])
    assert title.startswith("# " + notebook.stem[:2]) and "colab" in title
    assert all(word in title for word in ("reads", "leaves", "takes"))


def test_its_outputs_were_saved_and_hold_no_path_of_a_machine_and_no_litter(notebook):
    code = cells(notebook, "code")
    outputs = json.dumps([cell["outputs"] for cell in code])
    outputs = re.sub(r'("image/(jpeg|png)": )"[^"]*"', r"\1...", outputs)  # letters of a picture mean nothing
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1)), "run it from top to bottom"
    assert not re.search(r"/(home|root|Users|tmp|work|mnt|content)/|[A-Z]:\\\\", outputs)
    assert not re.search(r"it/s|batch/s|image/s|\\r|widget-view|\"error\"", outputs)


def test_its_cells_are_short_and_define_no_class(notebook):
    for cell in cells(notebook, "code"):
        source = "".join(cell["source"])
        assert source.count("\n") < 18 and not re.search(r"^class ", source, re.MULTILINE), source


def test_the_readme_names_it(notebook):
    assert f"(notebooks/{notebook.name})" in (ROOT / "README.md").read_text(encoding="utf-8")
