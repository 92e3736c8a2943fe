"""Executes the notebooks, each in a fresh kernel, and leaves what they made under `runs/`: `make run` calls this.

`runs/notebooks/` gets the executed copies, `runs/index.html` all their figures on one page with a results table.
Names of notebooks as arguments execute only these. IMG2TWEET_FAST=1 makes them quick and small, IMG2TWEET_FULL=1 takes
as many pairs and epochs as it needs until validation stops improving. `--record` notes the minutes that each took in
`results/notebooks.json`, where the plan that is printed first comes from.

Two notebooks run at a time, with half the cores each: steps of models as small as these hardly gain by a second core.
"""

import argparse
import asyncio
import contextlib
import html
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import jinja2
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter

HERE = Path(__file__).resolve().parent
RUNS = HERE.parent / "runs"
PAGE = HERE / "page.html.j2"
MINUTES = HERE.parent / "results" / "notebooks.json"
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


class Progress(NotebookClient):
    """Executes one notebook and knows how far it is, for one line on a screen."""

    def __init__(self, file):
        notebook = nbformat.read(file, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        super().__init__(
            notebook,
            timeout=None,
            kernel_name="python3",
            coalesce_streams=True,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": str(HERE)}},
        )
        self.file, self.name, self.error = file, file.stem, None
        self.started = self.ended = self.cell_started = None
        self.heading, self.said, self.done, self.seconds = "", "", 0, {}
        self.code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        self.on_cell_start, self.on_cell_executed = self._begins, self._ends

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream" and msg["content"]["name"] == "stdout":
            self.said = ([self.said] + [line for line in msg["content"]["text"].splitlines() if line.strip()])[-1]
        return super().process_message(msg, cell, cell_index)

    def _begins(self, cell, cell_index, **_):
        self.heading = (headings(self.nb.cells[:cell_index]) or [self.name])[-1]
        self.said, self.cell_started = "", time.perf_counter()

    def _ends(self, cell, cell_index, **_):
        self.done += cell_index in self.code
        spent = time.perf_counter() - self.cell_started
        self.seconds[self.heading] = self.seconds.get(self.heading, 0) + spent

    def line(self, width=10_000):
        """Returns the line: name, cells done, minutes, section, and what its cell printed last."""
        if self.started is None:
            return f"{self.name:<22}waits"
        minutes = (time.perf_counter() if self.ended is None else self.ended) - self.started
        now = "done" if self.ended else f"{self.heading} | {self.said.strip()}" if self.said else self.heading
        return f"{self.name:<22}{self.done:>3}/{len(self.code)}  {clock(minutes)}  {self.error or now}"[:width]


def main(arguments=None):
    there = sorted(HERE.glob("[0-9]*.ipynb"))
    parser = argparse.ArgumentParser(description="Executes the notebooks; results, figures and a page under runs/.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(file.stem for file in there)}")
    parser.add_argument("--record", action="store_true", help="note the minutes in results/notebooks.json")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - {file.stem for file in there}:
        parser.error(f"no notebook {', '.join(sorted(unknown))} (there are: {', '.join(file.stem for file in there)})")
    if options.record and setting() == "fast":
        parser.error("--record notes the minutes of what people run, not those of the tests' fast setting")
    files = [file for file in there if not options.names or file.stem in options.names]
    os.environ.update(MALLOC | os.environ)
    together, started = min(AT_A_TIME, len(files)), time.perf_counter()
    print(plan(files, together), flush=True)
    if together > 1:
        for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
            os.environ.setdefault(name, str(CORES // together))
        subprocess.run([sys.executable, "-c", COMMON], cwd=HERE)
    clients = [Progress(file) for file in files]
    asyncio.run(execute_all(clients, together))
    sections = [section(client.name, client.nb) for client in clients]
    rows = results(RUNS)
    page = RUNS / "index.html"
    page.write_text(whole_page(rows, sections), encoding="utf-8")
    print("\n" + as_text(rows))
    print("\n" + where_the_time_went(clients, time.perf_counter() - started))
    if options.record:
        record(clients)
    print(f"\nlook at {page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page}")
    return 1 if any(client.error for client in clients) else 0


def setting():
    """Returns the name of the notebooks' setting: "fast", "run" or "full"."""
    return next((name for name in ("fast", "full") if os.environ.get(f"IMG2TWEET_{name.upper()}") == "1"), "run")


def plan(files, together):
    """Returns the lines on what will run and how many minutes each notebook took where they were measured."""
    known = json.loads(MINUTES.read_text(encoding="utf-8")) if MINUTES.is_file() else {"rows": []}
    minutes = {row["notebook"]: row.get(f"minutes, {setting()}") for row in known["rows"]}
    lines = [f"{len(files)} notebooks, {together} at a time, setting: {setting()}"]
    lines += [f"  {file.stem:<22}{minutes.get(file.stem) or '?':>5} minutes" for file in files]
    if any(minutes.values()):
        lines.append(f"  (as measured on {known['machine']}; the first time, the sample world is drawn as well)")
    return "\n".join(lines)


def clock(seconds):
    return f"{int(seconds) // 60:>3}:{int(seconds) % 60:02}"


async def execute_all(clients, together):
    """Executes notebooks, so many together, and shows a line of each while they run."""
    free = asyncio.Semaphore(together)

    async def one(client):
        async with free:
            await execute(client)

    shown = asyncio.create_task(show(clients))
    # From the last to the first: the later ones take longer, and none should be left to run alone.
    await asyncio.gather(*(one(client) for client in reversed(clients)))
    shown.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await shown


async def show(clients):
    """Keeps one line a notebook up to date on a terminal; elsewhere prints those that run, twice a minute."""
    up = ""
    while True:
        try:
            await asyncio.sleep(0.5 if sys.stdout.isatty() else 30)
        finally:  # once more when all is done
            if sys.stdout.isatty():
                width = shutil.get_terminal_size().columns - 1
                print(up + "".join(f"\x1b[K{client.line(width)}\n" for client in clients), end="", flush=True)
                up = f"\x1b[{len(clients)}F"
            else:
                lines = [client.line() for client in clients if client.started and not client.ended]
                print("".join(f"{line}\n" for line in lines), end="", flush=True)


async def execute(client):
    """Executes one notebook and writes its copy; an error ends in `client.error`, as one line."""
    client.started = time.perf_counter()
    try:
        await client.async_execute(stderr=subprocess.DEVNULL)  # TensorFlow greets there; cells keep what they print
    except CellExecutionError as problem:
        client.error = f"{problem.ename}: {problem.evalue}"
    except DeadKernelError as problem:
        client.error = str(problem)
    client.ended = time.perf_counter()
    if not sys.stdout.isatty():
        print(client.line(), flush=True)
    for cell in client.nb.cells:
        cell.metadata.pop("execution", None)
        if "outputs" in cell:  # what TensorFlow prints at its start
            cell.outputs = [each for each in cell.outputs if not each.get("text", "").startswith(STARTING)]
    target = RUNS / "notebooks" / client.file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(client.nb, target)
    target.with_suffix(".html").write_text(HTMLExporter().from_notebook_node(client.nb)[0], encoding="utf-8")


def where_the_time_went(clients, seconds):
    """Returns the lines on minutes: of each notebook with its longest sections, and of all."""
    lines = ["where the time went (minutes:seconds)"]
    for client in clients:
        longest = sorted(client.seconds.items(), key=lambda item: -item[1])[:3]
        told = "; ".join(f"{clock(spent).strip()} {heading}" for heading, spent in longest)
        lines.append(f"  {client.name:<22}{clock(client.ended - client.started)}  {told}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines.append(f"  {'all':<22}{clock(seconds)}  {used.ru_utime + used.ru_stime:.0f} processor seconds")
    return "\n".join(lines)


def record(clients):
    """Notes the minutes of the notebooks that were executed without an error in this setting."""
    from img2tweet_tf.results import write_rows

    known = json.loads(MINUTES.read_text(encoding="utf-8"))["rows"] if MINUTES.is_file() else []
    rows = {row["notebook"]: row for row in known}
    for client in clients:
        if not client.error:
            row = rows.setdefault(client.name, {"notebook": client.name, "minutes, run": "", "minutes, full": ""})
            row[f"minutes, {setting()}"] = f"{(client.ended - client.started) / 60:.1f}"
    write_rows(MINUTES, [rows[name] for name in sorted(rows)], "python notebooks/run_all.py --record")


def headings(cells):
    """Returns the markdown headings of cells, without their marks."""
    lines = [line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    return [line.lstrip("# ") for line in lines if line.startswith("#")]


def section(name, notebook):
    """Returns what the page shows of one notebook: name, title, maps, figures (heading above, media type, base64)."""
    figures = []
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            for kind in ("image/png", "image/jpeg"):
                if image := output.get("data", {}).get(kind):
                    heading = (headings(notebook.cells[:index]) or [name])[-1]
                    figures.append((heading, kind, "".join(image.split())))
    title = (headings(notebook.cells) or [name])[0]
    return {"name": name, "title": title, "maps": list(maps(name)), "figures": figures}


def maps(name):
    """Yields (file, title) of the maps that a notebook left, pages with a thumbnail beside each (.png)."""
    for file in sorted((RUNS / name).glob("*.html")):
        title = re.search("<title>(.*?)</title>", file.read_text(encoding="utf-8"))
        yield file, html.unescape(title[1]) if title else file.stem


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
    page = jinja2.Environment(autoescape=True, trim_blocks=True).from_string(PAGE.read_text(encoding="utf-8"))
    return page.render(columns=COLUMNS, rows=rows, notebooks=sections)


if __name__ == "__main__":
    sys.exit(main())
