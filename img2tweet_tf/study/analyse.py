"""From answers to figures: what people said of each system, and which automatic metrics go with them."""

import json
from pathlib import Path

import numpy as np

from img2tweet_tf.evaluation.bleu import ORDERS, bleu
from img2tweet_tf.evaluation.metrics import example_stats, score
from img2tweet_tf.study import statistics
from img2tweet_tf.study.answers import read_answers, read_study
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log
from img2tweet_tf.utils.paths import write_json

FEWEST_RATERS = 2
FEWEST_SYSTEMS = 4  # that an order of systems can say anything about
OWN = ("human", "reference")  # systems that are the pairs' own texts


def analyse_study(folder, files=(), out=None, simulated=False):
    """Analyses the answers of a study.

    Args:
        folder: the study's folder; what `study serve` collected in it counts, too.
        files: files of answers, as forms save them, or folders of these.
        out: folder for `analysis.json` and `report.html`; None writes nothing.
        simulated: whether the raters are simulated; every figure then says so.

    Returns:
        dict: "raters" (who answered, who failed a check, which files were refused), "questions" {question: {"systems"
        {system: mean, low, high, counts of 1 to 5}, "effects" (ordinal model), "friedman", "pairs" (Wilcoxon, with
        Holm's correction), "alpha"}}, "metrics" {"by_text", "by_system"}: {metric: {question: Kendall's tau}}.

    Raises:
        Img2TweetError: fewer than two raters can be counted.
    """
    design, key = read_study(folder)
    rows, raters = read_answers(folder, files)
    judged = sorted({row["rater"] for row in rows})
    if len(judged) < FEWEST_RATERS:
        raise Img2TweetError(
            f"{folder}: {len(judged)} raters can be counted, expected {FEWEST_RATERS} or more "
            f"({len(raters['missing'])} did not answer, {len(raters['failed'])} failed a check, "
            f"{len(raters['refused'])} files were refused)"
        )
    questions = [question["id"] for question in design["questions"]]
    results = {
        "study": design["study"], "data": design["data"], "systems": key["systems"], "simulated": simulated,
        "images": len(design["items"]), "raters": {**raters, "counted": judged},
        "questions": {question: _question(rows, question, key["systems"]) for question in questions},
    }  # fmt: skip
    every = [pair for question in questions for pair in results["questions"][question]["pairs"]]  # corrected together
    for pair, corrected in zip(every, statistics.holm([pair["p"] for pair in every]), strict=True):
        pair["p_holm"] = float(corrected)
    results["metrics"] = _metrics(rows, key, questions)
    if out is not None:
        from img2tweet_tf.study.report import write_report

        write_json(Path(out) / "analysis.json", _without_nan(results))
        write_report(results, design, Path(out) / "report.html")
        log(f"{out}: analysis.json and report.html, of {len(judged)} raters")
    return results


def _question(rows, question, systems):
    """Returns the figures of one question."""
    values = np.array([row["values"][question] for row in rows])
    of = {name: np.array([row[name] for row in rows]) for name in ("system", "rater", "item", "stimulus")}
    raters = np.unique(of["rater"])
    by_rater = {}
    for system in systems:
        here = of["system"] == system
        by_rater[system] = [values[here & (of["rater"] == rater)] for rater in raters]
    described = {}
    for system in systems:
        table = np.full((len(raters), max(map(len, by_rater[system]))), np.nan)
        for row, said in enumerate(by_rater[system]):
            table[row, : len(said)] = said
        mean, low, high = statistics.means(table)
        counts = [int(np.sum(values[of["system"] == system] == value)) for value in range(1, 6)]
        described[system] = {"mean": mean, "low": low, "high": high, "counts": counts}
    mean_of = np.array([[said.mean() for said in by_rater[system]] for system in systems]).T
    statistic, p = statistics.friedman(mean_of)
    pairs = [
        {"first": systems[a], "second": systems[b], "difference": float(np.mean(mean_of[:, a] - mean_of[:, b]))}
        | dict(zip(("statistic", "p"), statistics.wilcoxon(mean_of[:, a], mean_of[:, b]), strict=True))
        for a, b in statistics.pairs_of(range(len(systems)))
    ]
    stimuli = np.unique(of["stimulus"])
    ratings = np.full((len(raters), len(stimuli)), np.nan)
    ratings[np.searchsorted(raters, of["rater"]), np.searchsorted(stimuli, of["stimulus"])] = values
    return {
        "systems": described,
        "effects": {
            "baseline": systems[0],
            **statistics.ordinal_effects(values, of["system"], of["rater"], of["item"], systems[0]),
        },
        "friedman": {"statistic": statistic, "p": p},
        "pairs": pairs,
        "alpha": statistics.agreement(ratings),
    }


def _metrics(rows, key, questions):
    """Returns how far each automatic metric goes with people: {"by_text", "by_system"} {metric: {question: tau}}.

    People's own texts are left out: a metric would compare them with themselves. By text count the metrics that one
    text can have; by system all of `evaluate`, over the texts that were judged or, of an evaluation, over all.
    """
    said = {}
    for row in rows:
        if key["stimuli"][row["stimulus"]]["references"] and row["system"] not in OWN:
            said.setdefault(row["stimulus"], []).append(row["values"])
    of = [key["stimuli"][name] for name in said]
    if len(of) < 3:
        return {"by_text": {}, "by_system": {}}
    judged = {question: [np.mean([each[question] for each in said[name]]) for name in said] for question in questions}
    texts, references = [each["text"] for each in of], [each["references"] for each in of]
    stats = example_stats(texts, references)
    of_text = {f"bleu_{order}": [bleu(row, order) for row in stats["bleu"]] for order in range(1, ORDERS + 1)}
    of_text |= {name: stats[name] for name in ("cider", "rouge_l", "length")}
    of_text |= {name: [each["facts"][name] for each in of] for name in of[0].get("facts", ())}
    systems = np.array([each["system"] for each in of])
    names, of_system = sorted(set(systems)), {}
    for name in names:
        here = np.flatnonzero(systems == name)
        scores = score([texts[place] for place in here], [references[place] for place in here])
        of_system[name] = scores | key.get("metrics", {}).get(name, {})
    shared = [metric for metric in of_system[names[0]] if all(metric in scores for scores in of_system.values())]
    means = {
        question: [np.mean(np.array(judged[question])[systems == name]) for name in names] for question in questions
    }
    ranked = shared if len(names) >= FEWEST_SYSTEMS else ()
    scores = {metric: [of_system[name][metric] for name in names] for metric in ranked}
    return {
        "by_text": {
            metric: {question: _tau(values, judged[question]) for question in questions}
            for metric, values in of_text.items()
        },
        "by_system": {
            metric: {question: _tau(values, means[question]) for question in questions}
            for metric, values in scores.items()
        },
    }


def _tau(values, judged):
    tau, low, high = statistics.correlation(values, judged)
    return {"tau": tau, "low": low, "high": high, "n": len(judged)}


def _without_nan(value):
    """Returns a value with None for what is no number, as JSON asks."""
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def load_analysis(folder):
    """Returns what `analyse_study` left in a folder."""
    return json.loads((Path(folder) / "analysis.json").read_text(encoding="utf-8"))
