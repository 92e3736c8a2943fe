"""What `make run` does with notebooks, on some that are quick."""

import asyncio
import importlib.util
from pathlib import Path

import nbformat
import pytest

FILE = Path(__file__).parent.parent / "notebooks" / "run_all.py"


@pytest.fixture
def run_all(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("run_all", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "RUNS", tmp_path / "runs")
    return module


def notebook(folder, name, *cells):
    file = folder / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), file)
    return file


def test_notebooks_run_together_and_one_that_fails_stops_no_other(run_all, tmp_path, capsys):
    good = notebook(tmp_path, "00_good", "print(6 * 7)", "1 + 1")
    bad = notebook(tmp_path, "01_bad", "import os", "{}['key']", "print('never')")
    dead = notebook(tmp_path, "02_dead", "import os; os._exit(3)")
    executed = asyncio.run(run_all.execute_all([good, bad, dead], together=2))
    assert [error and error.split(":")[0] for _, error in executed] == [None, "KeyError", "Kernel died"]
    assert executed[0][0].cells[1].outputs[0]["data"]["text/plain"] == "2"
    heard = capsys.readouterr()
    assert "00_good     42\n" in heard.out and "01_bad: KeyError: 'key'" in heard.err and "never" not in heard.out
    assert (tmp_path / "runs" / "notebooks" / "00_good.html").exists()
