"""Named experiments of `configs/` to figures in `results/`.

A config says what is trained and evaluated, with which seeds. `run_experiment` trains one seed, evaluates it with all
its controls and ways, adds it to `results/NAME.json`, then goes on with the next: it can be stopped anywhere and gone
on with later. Each seed is a few commands of the command line, which stand in the file beside what they gave.
"""

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import yaml

from img2tweet_tf.evaluation.bootstrap import bootstrap_interval, paired_bootstrap
from img2tweet_tf.evaluation.metrics import BASELINES, FACTS, example_stats
from img2tweet_tf.results.provenance import machine, versions
from img2tweet_tf.utils import paths
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log

# Another one of these makes another experiment.
SHAPING = ("data", "world", "train", "of", "evaluate", "controls", "ways", "after")
KEYS = {"about", "seeds", *SHAPING}
DEFAULTS = {
    "about": "", "seeds": [0, 1, 2], "world": None, "train": None, "of": None, "evaluate": {}, "controls": [],
    "ways": {}, "after": None,
}  # fmt: skip
SUMMARISED = (
    "bleu_1", "bleu_4", "cider", "rouge_l", "perplexity", "perplexity_known", "perplexity_in_facts",
    "perplexity_not_in_facts", "length", "distinct_2", "copied", "repeated", "same_beginning", "unsupported", *FACTS,
)  # fmt: skip


def load_experiment(file):
    """Reads a config: {"about", "data", "world", "seeds", "train", "of", "evaluate", "controls", "ways", "after"}.

    `train` and `evaluate` are options of these commands without their dashes (`set` is a mapping of sizes), `world`
    those of the command `sample`, which makes the folder `data` where it is not there yet. `controls` are kinds of
    context that the same captioner is evaluated with as well, `ways` are by name other options of evaluate. `after`
    names the experiment whose run of the same seed is the start (`--init`). In place of `train`, `of` names the
    experiment whose captioners are evaluated.

    Raises:
        Img2TweetError: the file is no config, and why.
    """
    try:
        config = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise Img2TweetError(f"{file}: cannot be read as a config ({' '.join(str(error).split())})") from None
    if not isinstance(config, dict) or not {"data"} <= config.keys() <= KEYS or ("train" in config) == ("of" in config):
        got = ", ".join(map(str, config)) if isinstance(config, dict) else type(config).__name__
        raise Img2TweetError(f"{file}: expected data, train or of, and at most {', '.join(sorted(KEYS))}; got {got}")
    return {**DEFAULTS, **config}


def run_experiment(name, folder=Path()):
    """Trains and evaluates the seeds of an experiment that its results file does not have yet.

    Args:
        name: of a file in `configs/`, without ".yaml".
        folder: where `configs/`, `results/` and `runs/` lie.

    Returns:
        The contents of `results/NAME.json`.

    Raises:
        Img2TweetError: no such experiment, or one of its commands failed.
    """
    config = load_experiment(_config_file(name, folder))
    out = folder / "results" / f"{name}.json"
    if out.is_file() and not _read(out, config)["seeds"]:
        log(f"{out}: made with other settings; starts again")
    for seed in config["seeds"]:
        if str(seed) not in _read(out, config)["seeds"]:
            done = _run_seed(name, config, seed, folder)
            results = _read(out, config)  # anew: another seed may have been run beside this one
            results["seeds"] = dict(sorted({**results["seeds"], str(seed): done}.items()))
            _write(out, {**results, "summary": summarise(results["seeds"])})
    return json.loads(out.read_text(encoding="utf-8"))


def commands(name, config, seed, folder=Path()):
    """Returns the arguments of the commands of one seed: to train, to evaluate, to evaluate in each other way."""
    run = folder / "runs" / "results" / name / f"seed-{seed}"
    if config["of"]:
        train, *_ = commands(config["of"], load_experiment(_config_file(config["of"], folder)), seed, folder)
    else:
        train = _training(run, config, seed)
    trained = train[train.index("--out") + 1]
    evaluations = []
    for way, options in {"test": {}, **_other_ways(config)}.items():
        evaluate = ["evaluate", "--model", trained, "--data", config["data"], *_options(config["evaluate"] | options)]
        evaluations.append([*evaluate, "--out", str(run / way)])
    return train, *evaluations


def _training(run, config, seed):
    train = ["train", "--data", config["data"], *_options(config["train"]), "--seed", str(seed), "--out", str(run)]
    if config["after"]:
        train += ["--init", str(run.parent.parent / config["after"] / f"seed-{seed}")]
    return train


def _other_ways(config):
    """Returns by name the options of `evaluate` by which a captioner is evaluated besides."""
    return {control: {"context": control} for control in config["controls"]} | config["ways"]


def world_command(config):
    """Returns the arguments of the command that makes the data of a config; None where they are not made."""
    return config["world"] and ["sample", "--out", config["data"], *_options(config["world"])]


def summarise(seeds):
    """Returns mean and sd over the seeds of each figure, and of CIDEr-D what is gained over the trivial systems.

    Args:
        seeds: dict of what each seed gave, see `run_experiment`.

    Returns:
        dict of figures {"mean", "sd"}, those of a control or way under "NAME/FIGURE"; "cider" also has "low" and
        "high", the 95 % interval over images (bootstrap, the seeds averaged), and "gain": for each trivial system
        [gain, low, high], paired by image.
    """
    figures = {}
    for name in seeds[next(iter(seeds))]["metrics"]:
        values = [seed["metrics"][name] for seed in seeds.values() if name in seed["metrics"]]
        if len(values) < len(seeds):
            continue  # a seed of before there was this figure
        if name.split("/")[-1].removeprefix(_prefix(name)) in SUMMARISED:
            figures[name] = {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=min(1, len(values) - 1)))}
    each = {name: [{"cider": seed["per_image"][name]} for seed in seeds.values()] for name in _systems(seeds)}
    _, low, high = bootstrap_interval(each[""], "cider")
    others = [prefix for prefix in each if prefix]
    gains = {prefix: paired_bootstrap(each[""], each[prefix], "cider") for prefix in others}
    return {**figures, "cider": {**figures["cider"], "low": low, "high": high, "gain": gains}}


def _run_seed(name, config, seed, folder):
    """Trains and evaluates one seed, going on where a former attempt stopped; returns what it gave."""
    started, trained = time.perf_counter(), _trained(name, config, seed, folder)
    train, *evaluations = commands(name, config, seed, folder)
    run = folder / "runs" / "results" / name / f"seed-{seed}"
    for evaluate in evaluations:
        _call(evaluate)
    about = json.loads((trained / "captioner.json").read_text(encoding="utf-8"))
    metrics = _metrics(run / "test")
    for way in _other_ways(config):
        metrics |= {f"{way}/{key}": value for key, value in _metrics(run / way).items() if not _prefix(key)}
    kept = ("vectors", "images", "texts", "words", "parameters", "epochs", "best", "seconds")
    all_commands = filter(None, (world_command(config), train, *evaluations))
    return {
        "commands": [shlex.join(["python", "-m", "img2tweet_tf", *arguments]) for arguments in all_commands],
        "metrics": {key: round(value, 6) for key, value in metrics.items() if isinstance(value, float)},
        "training": {key: about["training"][key] for key in kept},
        "test_images": metrics["images"],
        "per_image": _cider_per_image(run / "test" / "predictions.jsonl"),
        "seconds": round(time.perf_counter() - started),
        "versions": versions(),
        "machine": machine(),
    }


def _metrics(folder):
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


def _trained(name, config, seed, folder):
    """Trains one seed, and makes what it starts from, unless they are there; returns the run's folder."""
    if config["world"] and not Path(config["data"]).is_dir():
        _call(world_command(config))
    if config["of"]:
        return _trained(config["of"], load_experiment(_config_file(config["of"], folder)), seed, folder)
    if config["after"]:
        _trained(config["after"], load_experiment(_config_file(config["after"], folder)), seed, folder)
    train, *_ = commands(name, config, seed, folder)
    run = Path(train[train.index("--out") + 1])
    if not (run / "captioner.json").is_file():
        _call([*train, "--resume"] if (run / "run.json").is_file() else train)
    return run


def _call(arguments):
    log(shlex.join(["python", "-m", "img2tweet_tf", *arguments]))
    status = subprocess.run([sys.executable, "-m", "img2tweet_tf", *arguments]).returncode
    if status == 130:
        raise KeyboardInterrupt
    if status not in (0, 1):  # 1: done, but some inputs were left out
        raise Img2TweetError(f"stopped: {arguments[0]} ended with exit status {status}")


def _cider_per_image(file):
    """Returns by system the CIDEr-D of each image, so that intervals need no texts, which may not be published."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    references, found = [row["references"] for row in rows], {}
    for prefix in ("", *BASELINES):
        name = prefix.rstrip("_") or "prediction"
        if name in rows[0]:
            found[prefix] = example_stats([row[name] for row in rows], references)["cider"].round(4).tolist()
    return found


def _config_file(name, folder):
    file = folder / "configs" / f"{name}.yaml"
    if not file.is_file():
        there = ", ".join(sorted(each.stem for each in (folder / "configs").glob("*.yaml"))) or "none"
        raise Img2TweetError(f"no experiment {name} in {folder / 'configs'} (there are: {there})")
    return file


def _options(options):
    """Returns {"learning-rate": 1e-3, "set": {"units": 8}, "avoid-copies": False} as arguments of a command."""
    arguments = []
    for name, value in options.items():
        if name == "set":
            arguments += [part for size, of in value.items() for part in ("--set", f"{size}={json.dumps(of)}")]
        elif isinstance(value, bool):
            arguments.append(f"--{name}" if value else f"--no-{name}")
        elif isinstance(value, list):
            arguments += [f"--{name}", *map(str, value)]
        else:
            arguments += [f"--{name}", str(value)]
    return arguments


def _read(out, config):
    """Returns the results file of a config; empty where there is none, or where it was made with another config."""
    start = {"about": config["about"], "config": config, "seeds": {}}
    if not out.is_file():
        return start
    results = json.loads(out.read_text(encoding="utf-8"))
    if any(results["config"].get(key, DEFAULTS.get(key)) != config[key] for key in SHAPING):
        return start
    return {**results, **start, "seeds": results["seeds"]}


def _write(out, results):
    """Writes JSON with each list of numbers on one line."""
    text = json.dumps(results, indent=1, ensure_ascii=False)
    text = re.sub(r"\[[-\d.,\se+]*\]", lambda found: " ".join(found[0].split()), text)
    with paths.atomic_write(out) as fresh:
        fresh.write_text(text + "\n", encoding="utf-8")


def _prefix(name):
    return next((prefix for prefix in (*BASELINES, "reference_") if name.startswith(prefix)), "")


def _systems(seeds):
    return next(iter(seeds.values()))["per_image"]
