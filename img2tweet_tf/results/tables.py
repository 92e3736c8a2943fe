"""The tables of README and docs, written from the files of `results/`."""

import json
import re
from pathlib import Path

import numpy as np

from img2tweet_tf.utils import paths


def write_tables(folder=Path(), files=("README.md", "docs/results.md")):
    """Writes the tables that stand between `<!-- table ... -->` and `<!-- end -->` anew; returns the files changed."""
    changed = []
    for file in (folder / name for name in files):
        before = file.read_text(encoding="utf-8")
        after = with_tables(before, folder / "results")
        if after != before:
            with paths.atomic_write(file) as fresh:
                fresh.write_text(after, encoding="utf-8")
            changed.append(file)
    return changed


def with_tables(text, results):
    """Returns a document (str) with its tables made of the files in the folder `results`.

    A table's mark says what is in it: `<!-- table: EXPERIMENT ... | COLUMN ... -->`, a row an experiment that has been
    run, and one for each trivial system where no column "nearest" shows it beside each; with a column of facts also
    controls and ways, and the systems that only facts tell apart. The word `ways` among the columns, itself no column,
    brings controls and ways alone. Or `<!-- table: FILE -->`: the "rows" of that file.
    """
    return re.sub(
        r"(<!-- table: ([^|>]+?)(?: \| ([^>]+?))? -->\n).*?(<!-- end -->)",
        lambda found: found[1] + _table(found[2].split(), (found[3] or "").split(), results) + found[4],
        text,
        flags=re.DOTALL,
    )


def _table(names, columns, results):
    there = [results / f"{name}.json" for name in names if (results / f"{name}.json").is_file()]
    files = [json.loads(file.read_text(encoding="utf-8")) for file in there]
    if not files:
        return f"*Not run yet: {', '.join(names)}.*\n"
    if not columns:
        rows = files[0]["rows"]
        return _lines([list(rows[0]), *(list(row.values()) for row in rows)])
    facts = "facts_hidden" in columns
    ways = facts or "ways" in columns
    columns = [column for column in columns if column != "ways"]
    head = ["system", *(COLUMNS[column][0] for column in columns)]
    rows = []
    for file in files:
        config = file.get("config", {})
        others = [*config.get("controls", []), *config.get("ways", {})] if ways else []
        for control in ("", *(f"{name}/" for name in others)):
            about = file["about"] + (control and f", {control[:-1].replace('_', ' ')}")
            rows.append([about, *(COLUMNS[column][1](file, control) for column in columns)])
    trivial = () if "nearest" in columns else (*TRIVIAL, *OF_FACTS) if facts else TRIVIAL
    for prefix, label in trivial:
        cells = [COLUMNS[column][1](files[0], prefix) for column in columns]
        if any(cells):
            rows.append([f"*{label}*", *cells])
    return _lines([head, *rows])


def _lines(rows):
    rows = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "".join("| " + " | ".join(map(str, row)) + " |\n" for row in rows)


def _figure(name, digits=3):
    """Returns the function (file, prefix of a system) -> "mean ± sd"; one seed or a trivial system has no spread."""

    def cell(file, prefix):
        if prefix + name not in file["summary"]:
            return ""
        of = file["summary"][prefix + name]
        alone = prefix.endswith("_") or len(file["seeds"]) == 1
        return f"{of['mean']:.{digits}f}" + ("" if alone else f" ± {of['sd']:.{digits}f}")

    return cell


def _gain(over):
    def cell(file, prefix):
        if prefix or over not in file["summary"]["cider"]["gain"]:
            return ""
        gain, low, high = file["summary"]["cider"]["gain"][over]
        return f"{gain:+.3f} [{low:+.3f}, {high:+.3f}]".replace("-", "−")

    return cell


def _nearest(file, prefix):
    return f"{file['summary']['nearest_image_cider']['mean']:.3f}"


def _data(file, prefix):
    return DATA.get(file["config"]["data"], file["config"]["data"])


def _of_training(text):
    def cell(file, prefix):
        return "" if prefix else text([seed["training"] for seed in file["seeds"].values()])

    return cell


DATA = {"flickr8k": "captions of photographs", "sample": "tweets of the sample world", "mvsa": "real tweets"}
TRIVIAL = (("nearest_image_", "nearest image"), ("most_frequent_", "most frequent text"))
OF_FACTS = (
    ("nearest_account_", "nearest image of the account"), ("all_facts_", "all facts in a row"),
    ("reference_", "reference tweets"),
)  # fmt: skip
COLUMNS = {
    "data": ("data", _data),
    "nearest": ("nearest image", _nearest),
    "bleu_1": ("BLEU-1", _figure("bleu_1")),
    "bleu_4": ("BLEU-4", _figure("bleu_4")),
    "cider": ("CIDEr-D", _figure("cider")),
    "gain": ("gain over the nearest image", _gain("nearest_image_")),
    "account_gain": ("gain over the nearest image of the account", _gain("nearest_account_")),
    "swapped": ("CIDEr-D on swapped images", _figure("swapped_cider")),
    "swapped_gain": ("gain over swapped images", _gain("swapped_")),
    "perplexity": ("perplexity", _figure("perplexity", 1)),
    "perplexity_known": ("perplexity, known words", _figure("perplexity_known", 1)),
    "perplexity_in_facts": ("of words in the facts", _figure("perplexity_in_facts", 1)),
    "perplexity_not_in_facts": ("of other words", _figure("perplexity_not_in_facts", 1)),
    "facts_hidden": ("hidden facts, true", _figure("facts_hidden", 2)),
    "facts_hidden_false": ("hidden facts, false", _figure("facts_hidden_false", 2)),
    "facts_visible": ("visible facts, true", _figure("facts_visible", 2)),
    "facts_visible_false": ("visible facts, false", _figure("facts_visible_false", 2)),
    "copied": ("copied", _figure("copied")),
    "repeated": ("repeated", _figure("repeated")),
    "same_beginning": ("commonest beginning", _figure("same_beginning")),
    "distinct_2": ("distinct-2", _figure("distinct_2")),
    "seeds": ("seeds", _of_training(lambda runs: str(len(runs)))),
    "images": ("training images", _of_training(lambda runs: f"{runs[0]['images']['train']:,}")),
    "parameters": ("parameters", _of_training(lambda runs: f"{runs[0]['parameters'] / 1e6:.1f} million")),
    "epochs": ("epochs", _of_training(lambda runs: f"{np.mean([run['epochs'] for run in runs]):.0f}")),
    "minutes": ("minutes", _of_training(lambda runs: f"{np.mean([run['seconds'] for run in runs]) / 60:.1f}")),
}
