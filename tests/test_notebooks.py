"""What a reader of the saved notebooks may count on; nbval runs them."""

import importlib.util
import json
import re
import shutil
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
    assert title.startswith("# " + notebook.stem[:2])
    assert all(word in title for word in ("reads", "leaves", "takes"))


def test_its_outputs_were_saved_and_hold_no_path_of_a_machine_and_no_litter(notebook):
    code = cells(notebook, "code")
    outputs = json.dumps([cell["outputs"] for cell in code])
    assert "image/jpeg" not in outputs
    outputs = re.sub(r'("image/png": )"[^"]*"', r"\1...", outputs)  # letters of a picture mean nothing
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1)), "run it from top to bottom"
    assert not re.search(r"/(home|root|Users|tmp|work|mnt|content)/|[A-Z]:\\\\", outputs)
    assert not re.search(r"it/s|batch/s|image/s|\\r|widget-view|\"error\"", outputs)


def test_its_cells_are_short(notebook):
    for cell in cells(notebook, "code"):
        source = "".join(cell["source"])
        longest = 90 if "(keras.Model)" in source else 50 if "\nclass " in f"\n{source}" else 18
        assert sum(bool(line.strip()) for line in source.splitlines()) <= longest, source


def test_one_cell_holds_the_settings(notebook):
    sources = ["".join(cell["source"]) for cell in cells(notebook, "code")]
    assert sum("SETTINGS = {" in source and "IMG2TWEET_FULL" in source for source in sources) == 1
    others = [source for source in sources if "SETTINGS" not in source]
    assert not any(re.search(r"NBVAL_|\bFAST\b.* else |os.environ.get", source) for source in others)


@pytest.mark.parametrize("name", ["04_glove_lstm", "05_show_attend_tell", "06_transformer", "08_pretrain_finetune"])
def test_a_captioner_is_built_before_the_package_is_used(name):
    file = ROOT / "notebooks" / f"{name}.ipynb"
    sources = ["".join(cell["source"]) for cell in cells(file, "code")]
    first = next(at for at, source in enumerate(sources) if re.search(r"^(import|from) img2tweet_tf", source, re.M))
    assert any("class " in source and "keras.Model" in source for source in sources[:first])
    assert "np.allclose(" in sources[first] or "np.allclose(" in sources[first + 1]
    last = "".join("".join(cell["source"]) for cell in cells(file, "markdown")[-1:])
    assert "## Exercises" in last and "<details>" in last


def test_the_readme_names_it(notebook):
    assert f"(notebooks/{notebook.name})" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_badges_come_from_the_address_in_the_project_file_and_go_without_it(tmp_path, capsys):
    spec = importlib.util.spec_from_file_location("badges", ROOT / "notebooks" / "badges.py")
    badges = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(badges)
    project, file = tmp_path / "pyproject.toml", tmp_path / NOTEBOOKS[0].name
    shutil.copy(NOTEBOOKS[0], file)
    project.write_text('[project.urls]\nRepository = "https://github.com/someone/their-fork"\n')
    for _ in range(2):  # the second time changes nothing
        assert badges.main(tmp_path, project) == 0
        title, setup = cells(file, "markdown")[0]["source"], "".join(cells(file, "code")[0]["source"])
        assert sum("Open in Colab" in line for line in title) == 1 and title[1] == "\n"
        assert f"github/someone/their-fork/blob/HEAD/notebooks/{file.name})" in title[2]
        assert setup.count("git clone --quiet --depth 1 https://github.com/someone/their-fork img2tweet\n    %pip") == 1
    project.write_text("[project]\n")
    assert badges.main(tmp_path, project) == 0
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(NOTEBOOKS[0].read_text(encoding="utf-8"))
    project.write_text('[project.urls]\nRepository = "https://example.org/x; rm"\n')
    assert badges.main(tmp_path, project) == 2 and "expected Repository" in capsys.readouterr().err


def test_the_notebooks_name_no_address_that_is_not_in_the_project_file(notebook):
    text = notebook.read_text(encoding="utf-8")
    if "Repository" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8"):
        assert "colab.research" not in text and "git clone" not in text and "pip install --quiet git+" not in text
