"""The answers of raters: which files count, and which are refused, and why."""

import json
import sqlite3
from pathlib import Path

from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, report_problems

MOST_BYTES = 5_000_000  # of a file of answers
DATABASE = "answers.sqlite"


def read_study(folder):
    """Returns (design, key) of a study's folder.

    Raises:
        Img2TweetError: it is none, or its two files are of different studies.
    """
    found = []
    for name in ("study.json", "key.json"):
        try:
            found.append(json.loads((Path(folder) / name).read_text(encoding="utf-8")))
        except OSError as error:
            raise Img2TweetError(f"{folder}: no study ({name}: {error.strerror})") from None
        except ValueError as error:
            raise Img2TweetError(f"{folder}/{name}: damaged ({error})") from None
    design, key = found
    if design["study"] != key["study"]:
        raise Img2TweetError(f"{folder}: study.json and key.json are of different studies")
    return design, key


def read_answers(folder, files=()):
    """Reads the answers of a study: those files, and what `study serve` has collected in its folder.

    A file that can't count is refused by name. Of one rater's several answers the one that was finished last counts; a
    rater who failed an attention check is left out.

    Returns:
        list of dicts {"rater", "stimulus", "item", "system", "values"}, one for each text that was judged; and a dict
        of what came of the raters: {"answered", "missing", "failed", "refused"}, lists of str.
    """
    design, key = read_study(folder)
    raters = {rater["rater"]: rater for rater in design["raters"]}
    refused, by_rater = [], {}
    for name, content in _contents(folder, files):
        try:
            answers = check_answers(content, design)
        except ValueError as error:
            refused.append(f"{name}: {error}")
            continue
        former = by_rater.get(answers["rater"])
        if former is not None:
            log(f"{name}: rater {answers['rater']} answered twice; the later one counts")
        if former is None or former["finished"] <= answers["finished"]:
            by_rater[answers["rater"]] = answers
    failed = sorted(name for name, answers in by_rater.items() if not _passed(answers, raters[name]))
    report_problems(refused + [f"{name}: failed an attention check" for name in failed], "files of answers")
    rows = []
    for name in sorted(by_rater.keys() - set(failed)):
        for said in by_rater[name]["answers"]:
            if said["stimulus"] in key["stimuli"]:
                of = key["stimuli"][said["stimulus"]]
                rows.append({"rater": name, **said, "item": of["item"], "system": of["system"]})
    return rows, {
        "answered": sorted(by_rater), "missing": sorted(raters.keys() - by_rater.keys()), "failed": failed,
        "refused": refused,
    }  # fmt: skip


def check_answers(content, design):
    """Returns the answers (dict) in a form's JSON (bytes or str).

    Raises:
        ValueError: they are none, not whole, not of this study, rater or form, or a value is out of range.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"{len(content):,} bytes; at most {MOST_BYTES:,}")
    try:
        answers = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("no JSON in UTF-8") from None
    if not isinstance(answers, dict) or not isinstance(answers.get("answers"), list):
        raise ValueError("not what a form saves")
    if answers.get("study") != design["study"]:
        raise ValueError(f"of another study ({str(answers.get('study'))[:20]}, this is {design['study']})")
    rater = next((of for of in design["raters"] if of["rater"] == answers.get("rater")), None)
    if rater is None:
        raise ValueError(f"of a rater that this study does not have ({str(answers.get('rater'))[:20]})")
    if answers.get("form") != rater["form"]:
        raise ValueError(f"of another form of {rater['rater']} than this study's")
    wanted, questions = {"practice", *rater["stimuli"]}, {question["id"] for question in design["questions"]}
    got = [said.get("stimulus") if isinstance(said, dict) else None for said in answers["answers"]]
    if sorted(map(str, got)) != sorted(wanted):
        raise ValueError(f"answers to {len(set(map(str, got)) & wanted)} of {len(wanted)} pages, or to some twice")
    for said in answers["answers"]:
        values = said.get("values")
        if not isinstance(values, dict) or values.keys() != questions:
            raise ValueError(f"{said['stimulus']}: not an answer to each question")
        if bad := [value for value in values.values() if type(value) is not int or not 1 <= value <= 5]:
            raise ValueError(f"{said['stimulus']}: an answer of {str(bad[0])[:20]}; expected 1 to 5")
    if not isinstance(answers.get("finished"), str):
        raise ValueError("not finished")
    return answers


def _passed(answers, rater):
    """Whether all attention checks were answered as they asked."""
    said = {each["stimulus"]: each["values"].values() for each in answers["answers"]}
    return all(set(said[check]) == {value} for check, value in rater["checks"].items())


def _contents(folder, files):
    """Yields (name, content) of all answers; a folder stands for the JSON files in it."""
    named = [Path(name) for name in files]
    for file in (each for name in named for each in (sorted(name.glob("*.json")) if name.is_dir() else [name])):
        try:
            if file.stat().st_size > MOST_BYTES:
                raise OSError(0, f"more than {MOST_BYTES:,} bytes")
            yield str(file), file.read_bytes()
        except OSError as error:
            raise Img2TweetError(f"{file}: cannot be read as answers ({error.strerror})") from None
    database = Path(folder) / DATABASE
    if database.exists():
        try:
            with sqlite3.connect(f"file:{database.resolve().as_posix()}?mode=ro", uri=True) as connection:
                rows = connection.execute("select rater, number, body from answers order by number").fetchall()
        except sqlite3.Error as error:
            raise Img2TweetError(f"{database}: cannot be read ({error})") from None
        for rater, number, body in rows:
            yield f"{database.name}: {rater}, answer {number}", body
