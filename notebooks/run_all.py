"""Executes the notebooks, each in a fresh kernel, and leaves what they made under `runs/`: `make run` calls this.

`runs/notebooks/` gets the executed copies, `runs/index.html` all their figures on one page with a results table.
Names of notebooks as arguments execute only these; IMG2TWEET_FAST=1 makes them quick and small.

Two notebooks run at a time, with half the cores each: steps of models as small as these hardly gain by a second core.
"""

import asyncio
import html
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter

HERE = Path(__file__).resolve().parent
RUNS = HERE.parent / "runs"
CORES = os.cpu_count() or 1
AT_A_TIME = 1 if CORES == 1 or shutil.which("nvidia-smi") else 2  # a GPU's memory goes to one kernel alone
COMMON = (  # what the notebooks would make twice when two start at the same time
    "import img2tweet_tf as i2t; i2t.extract_features(i2t.load_pairs('sample'), i2t.load_encoder('efficientnet_lite0'))"
)
MALLOC = {  # as in the Makefile: glibc keeps freed memory for the next batch
    "MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "1073741824", "MALLOC_TOP_PAD_": "67108864",
}  # fmt: skip
COLUMNS = {
    "bleu_1": "BLEU-1",
    "bleu_4": "BLEU-4",
    "cider": "CIDEr-D",
    "rouge_l": "ROUGE-L",
    "perplexity": "perplexity",
    "distinct_2": "distinct-2",
    "copied": "copied",
}
SYSTEMS = {
    "": None,
    "nearest_image_": "nearest image",
    "most_frequent_": "most frequent text",
    "swapped_": "its own texts, images swapped",
}
STARTING = "WARNING: All log messages before absl::InitializeLog()"
STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:72em;margin:2em auto;padding:0 1em;color:#222}"
    "img{max-width:100%}table{border-collapse:collapse}"
    "td,th{padding:.2em .6em;border-bottom:1px solid #ccc;text-align:right}"
    "td:first-child,th:first-child,td:last-child,th:last-child{text-align:left}th{white-space:nowrap}td:first-child,td:last-child{white-space:nowrap}"
    ".text{color:#444}"
)


class HeardClient(NotebookClient):
    """A client that also prints what the notebook's cells print while they run, so that no long cell is silent."""

    name = ""

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream":
            lines = [line for line in msg["content"]["text"].splitlines() if line.strip()]
            print("".join(f"{self.name}     {line}\n" for line in lines), end="", flush=True)
        return super().process_message(msg, cell, cell_index)


def main(names):
    there = sorted(HERE.glob("[0-9]*.ipynb"))
    notebooks = [file for file in there if not names or file.stem in names]
    if not notebooks:
        print(f"run_all: no such notebook (there are: {', '.join(file.stem for file in there)})", file=sys.stderr)
        return 2
    os.environ.update(MALLOC | os.environ)
    together = min(AT_A_TIME, len(notebooks))
    if together > 1:
        subprocess.run([sys.executable, "-c", COMMON], cwd=HERE)
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(CORES // together))
    executed = asyncio.run(execute_all(notebooks, together))
    sections = [section(file.stem, notebook) for file, (notebook, _) in zip(notebooks, executed, strict=True)]
    failed = [file.stem for file, (_, error) in zip(notebooks, executed, strict=True) if error]
    rows = results(RUNS)
    page = RUNS / "index.html"
    page.write_text(whole_page(rows, sections), encoding="utf-8")
    print("\n" + as_text(rows))
    print(f"\nlook at {page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page}")
    return 1 if failed else 0


async def execute_all(files, together):
    """Executes notebooks, so many together, and returns what `execute` does of each, in their order."""
    free = asyncio.Semaphore(together)

    async def one(file):
        async with free:
            return await execute(file)

    # From the last to the first: the later ones take longer, and none should be left to run alone.
    return (await asyncio.gather(*(one(file) for file in reversed(files))))[::-1]


async def execute(file):
    """Executes one notebook with its progress printed; returns (executed notebook, the error's last line or None)."""
    notebook = nbformat.read(file, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = HeardClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(HERE)}},
    )
    client.name = file.stem
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    started, error = time.perf_counter(), None

    def show(cell, cell_index, **_):
        if cell_index in code:
            heading = next((line for line in reversed(headings(notebook.cells[:cell_index]))), file.stem)
            seconds = time.perf_counter() - started
            print(f"{file.stem} {code.index(cell_index) + 1:>3}/{len(code)} {seconds:5.0f} s  {heading}", flush=True)

    client.on_cell_start = show
    try:
        await client.async_execute()
    except CellExecutionError as problem:
        error = f"{problem.ename}: {problem.evalue}"
    except DeadKernelError as problem:
        error = str(problem)
    if error:
        print(f"{file.stem}: {error}", file=sys.stderr)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "outputs" in cell:  # what TensorFlow prints at its start
            cell.outputs = [each for each in cell.outputs if not each.get("text", "").startswith(STARTING)]
    target = RUNS / "notebooks" / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    target.with_suffix(".html").write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return notebook, error


def headings(cells):
    """Returns the markdown headings of cells, without their marks."""
    lines = [line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    return [line.lstrip("# ") for line in lines if line.startswith("#")]


def section(name, notebook):
    """Returns the HTML of one notebook's figures, each under the heading it stands below."""
    parts = [f"<h2>{html.escape((headings(notebook.cells) or [name])[0])}</h2>"]
    parts.append(f'<p class="text">All of it: <a href="notebooks/{name}.html">notebooks/{name}.html</a></p>')
    links = [f'<a href="{name}/{file.name}">{title}</a>' for file, title in maps(name)]
    parts += [f'<p class="text">To turn and to hover over: {"; ".join(links)}</p>'] if links else []
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            kind, image = next(
                ((kind, data[kind]) for kind in ("image/png", "image/jpeg") if kind in data), (None, None)
            )
            if image:
                parts.append(f"<h3>{html.escape((headings(notebook.cells[:index]) or [name])[-1])}</h3>")
                parts.append(f'<img alt="" src="data:{kind};base64,{"".join(image.split())}">')
    return "\n".join(parts)


def maps(name):
    """Yields (file, title in HTML) of the pages that a notebook left beside its other results."""
    for file in sorted((RUNS / name).glob("*.html")):
        title = re.search("<title>(.*?)</title>", file.read_text(encoding="utf-8"))
        yield file, title[1] if title else file.stem


def results(runs):
    """Returns rows (label, data, {column: value}) of every metrics.json under a folder, trivial systems included."""
    rows = []
    for file in sorted(runs.glob("**/metrics.json")):
        metrics = json.loads(file.read_text(encoding="utf-8"))
        data = f"{Path(metrics['data']).name}, {metrics['images']} images ({metrics['split']}), seed {metrics['seed']}"
        for prefix, label in SYSTEMS.items():
            values = {name: metrics[prefix + name] for name in COLUMNS if prefix + name in metrics}
            if values:
                rows.append((label or f"{metrics['system']} ({file.parent.relative_to(runs)})", data, values))
    return rows


def as_text(rows):
    """Returns the results as a plain table."""
    lines = [" " * 36 + "".join(f"{title:>11}" for title in COLUMNS.values())]
    for label, data, values in rows:
        cells = "".join(f"{values[name]:>11.3f}" if name in values else f"{'-':>11}" for name in COLUMNS)
        lines.append(f"{label:<36}{cells}  {data}")
    return "\n".join(lines)


def whole_page(rows, sections):
    """Returns the page: the results table, then the notebooks' figures."""
    head = "".join(f"<th>{title}</th>" for title in ("system", *COLUMNS.values(), "data"))
    body = ""
    for label, data, values in rows:
        cells = "".join(f"<td>{values[name]:.3f}</td>" if name in values else "<td>-</td>" for name in COLUMNS)
        body += f"<tr><td>{html.escape(label)}</td>{cells}<td>{html.escape(data)}</td></tr>\n"
    credit = 'Drawn scenes: emoji by <a href="https://openmoji.org">OpenMoji</a>, CC BY-SA 4.0.'
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>img2tweet</title><style>{STYLE}</style>\n'
        f"<h1>img2tweet</h1><h2>Results</h2><table><tr>{head}</tr>\n{body}</table><p>{credit}</p>\n"
        + "\n".join(sections)
        + "</html>\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
