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
    clients = [run_all.Progress(file) for file in (good, bad, dead)]
    asyncio.run(run_all.execute_all(clients, together=2))
    assert [client.error and client.error.split(":")[0] for client in clients] == [None, "KeyError", "Kernel died"]
    assert clients[0].nb.cells[1].outputs[0]["data"]["text/plain"] == "2"
    lines = capsys.readouterr().out.splitlines()
    ends = {line.split()[0]: line for line in lines}
    assert ends["00_good"].endswith("done") and "2/2" in ends["00_good"]
    assert ends["01_bad"].endswith("KeyError: 'key'")
    assert (tmp_path / "runs" / "notebooks" / "00_good.html").exists()
    told = run_all.where_the_time_went(clients, 75)
    assert "00_good" in told and "1:15" in told and "processor seconds" in told


def test_a_terminal_shows_a_line_a_notebook_with_what_its_cell_said_last(run_all, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(run_all.sys.stdout, "isatty", lambda: True, raising=False)
    slow = notebook(tmp_path, "00_slow", "import time; print('epoch 1\\nepoch 2', flush=True); time.sleep(1.5)")
    asyncio.run(run_all.execute_all([run_all.Progress(slow)], together=1))
    shown = capsys.readouterr().out.split("\x1b[1F")
    assert any(line.rstrip().endswith("00_slow | epoch 2") and "0/1" in line for line in shown)
    assert shown[-1].rstrip().endswith("done") and all(line.count("\n") == 1 for line in shown)


def test_minutes_are_recorded_and_make_the_next_plan(run_all, tmp_path, monkeypatch):
    monkeypatch.setattr(run_all, "MINUTES", tmp_path / "notebooks.json")
    monkeypatch.delenv("IMG2TWEET_FAST", raising=False)
    file = notebook(tmp_path, "00_good", "1 + 1")
    assert "? minutes" in run_all.plan([file], 2)
    client = run_all.Progress(file)
    client.started, client.ended = 0.0, 150.0
    run_all.record([client])
    assert "2.5 minutes" in run_all.plan([file], 2) and "2 at a time, setting: run" in run_all.plan([file], 2)
    monkeypatch.setenv("IMG2TWEET_FULL", "1")
    assert "? minutes" in run_all.plan([file], 2)


def test_a_wrong_name_and_a_record_of_the_fast_setting_end_in_one_line(run_all, capsys, monkeypatch):
    monkeypatch.setenv("IMG2TWEET_FAST", "1")
    for arguments, said in ((["07_none"], "no notebook 07_none"), (["--record"], "fast setting")):
        with pytest.raises(SystemExit):
            run_all.main(arguments)
        assert said in capsys.readouterr().err


def test_the_page_shows_results_maps_and_figures_and_escapes_what_it_is_told(run_all, tmp_path):
    maps = tmp_path / "runs" / "02_maps"
    maps.mkdir(parents=True)
    (maps / "digits.html").write_text("<title>Digits &amp; tweets</title>", encoding="utf-8")
    figure = nbformat.v4.new_output("display_data", {"image/png": "aGVs\nbG8="})
    cells = [nbformat.v4.new_markdown_cell("# 02 Maps <of> digits"), nbformat.v4.new_markdown_cell("## 1. PCA")]
    notebook = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell("draw()", outputs=[figure])])
    rows = [("glove_lstm <b>", "sample, 600 images (test), seed 0", {"cider": 0.1624})]
    page = run_all.whole_page(rows, [run_all.section("02_maps", notebook)])
    assert "<td>glove_lstm &lt;b&gt;</td>" in page and "<td>0.162</td>" in page and "<td>-</td>" in page
    assert "<h2>02 Maps &lt;of&gt; digits</h2>" in page and "<h3>1. PCA</h3>" in page
    assert 'src="data:image/png;base64,aGVsbG8="' in page
    assert 'src="02_maps/digits.png"><br>Digits &amp; tweets</a>' in page
