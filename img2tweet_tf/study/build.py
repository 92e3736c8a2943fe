"""Builds a study: images, texts of each system, who sees what, and a form for each rater.

The folder holds `study.json` (the design: no system stands in it), `key.json` (which system wrote what, and the
references), `forms/` (one HTML file a rater, everything inside), `tokens.csv` (for `study serve`).
"""

import base64
import csv
import hashlib
import io
import json
import secrets
from importlib import resources
from pathlib import Path

import numpy as np
import yaml
from PIL import Image, ImageDraw

from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.evaluation.evaluate import split_part
from img2tweet_tf.evaluation.facts import FactsMeasure, fact_scores
from img2tweet_tf.evaluation.metrics import BASELINES, METRICS
from img2tweet_tf.features.images import read_thumbnail
from img2tweet_tf.study.design import assign, choose_items, orders
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, progress, report_problems
from img2tweet_tf.utils.paths import atomic_write, check_folder, write_json

PIXELS = 720  # of an image's longer side in a form
CHECKS = 2  # attention checks a rater


def build_study(
    systems, data, out, human=False, items=30, raters=35, seed=0, split="test", language="en", questions=None
):
    """Builds a blinded, balanced study in a new folder.

    Args:
        systems: folders of saved captioners, or of evaluations (`evaluate --out`) on these data; or dict of
            {name: folder}. Each writes with what its captioner was saved with.
        data: name or folder of the pairs, or `Pairs`.
        out: new folder.
        human: whether what the pairs themselves say is one of the systems: people's tweets, or on the sample its
            reference tweets, and called that.
        items, raters: how many images, and how many people. Images are drawn by chance, evenly over the categories.
        seed: the same seed gives the same images and the same design.
        split: which part of the pairs the images are of.
        language: of `questions.yaml`.
        questions: another YAML file of that form; None takes the package's.

    Returns:
        The design (dict), as in `study.json`.

    Raises:
        Img2TweetError: too few systems, images or texts, a folder that can't write, or what else is wrong.
    """
    out = Path(out)
    check_folder(out)
    if out.is_dir() and any(out.iterdir()):
        raise Img2TweetError(f"{out}: not empty; name a new folder")
    words = read_questions(questions, language)
    pairs = load_pairs(data)
    named = _named(systems)
    if len(named) + human < 2:
        raise Img2TweetError("study: expected two systems or more, of which the pairs' own texts (human) may be one")
    written = {name: _writer(folder) for name, folder in named.items()}
    if human:
        own = {pair.id: text for pair in pairs for text in pair.texts("tweet")}
        written["reference" if pairs.is_sample else "human"] = own
    chosen, images = _choose(split_part(pairs, split), written, items, seed)
    texts = {name: of if isinstance(of, dict) else of(chosen) for name, of in written.items()}
    stimuli, key = _stimuli(chosen, texts, seed)
    if pairs.is_sample:
        _add_facts(key, chosen, FactsMeasure(pairs.whole))
    seen = assign(raters, items, len(texts), seed)
    design = {
        "data": pairs.name, "split": split, "seed": seed, "language": language, "questions": words["questions"],
        "items": [pair.id for pair in chosen], "stimuli": sorted(key), "raters": _raters(seen, stimuli, seed),
    }  # fmt: skip
    design = {"study": _short_hash(design), **design}
    for rater in progress(design["raters"], "forms"):
        pages = _pages(rater, key, images, words)
        rater["form"] = _short_hash(pages)
        with atomic_write(out / "forms" / f"{rater['rater']}.html") as fresh:
            fresh.write_text(make_form(design, rater, pages, words), encoding="utf-8")
    measured = {name: _measured(folder) for name, folder in named.items()}
    write_json(
        out / "key.json", {"study": design["study"], "systems": list(texts), "stimuli": key, "metrics": measured}
    )
    rows = [(rater["rater"], secrets.token_urlsafe(16)) for rater in design["raters"]]
    with atomic_write(out / "tokens.csv") as fresh, open(fresh, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("rater", "token"), *rows])
    write_json(out / "study.json", design)
    log(f"{out}: {raters} forms, {items} images, systems: {', '.join(texts)}; give out forms/, nothing else")
    return design


def make_form(design, rater, pages, words, submit=None):
    """Returns a rater's form, an HTML file with everything inside; `submit` is where it sends its answers, if anywhere.

    All that comes from tweets stands in it as JSON without "<", and is shown as text.
    """
    data = {
        "study": design["study"], "rater": rater["rater"], "form": rater["form"], "language": design["language"],
        "submit": submit, "words": words, "pages": pages,
    }  # fmt: skip
    text = json.dumps(data, ensure_ascii=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    form = resources.files(__package__).joinpath("form.html").read_text(encoding="utf-8")
    script = form.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return form.replace("SCRIPT_HASH", digest).replace("STUDY_DATA", text)


def read_questions(file=None, language="en"):
    """Returns what raters read, in one language.

    Raises:
        Img2TweetError: no such file or language, or a text is missing.
    """
    try:
        if file is None:
            text = resources.files(__package__).joinpath("questions.yaml").read_text(encoding="utf-8")
        else:
            text = Path(file).read_text(encoding="utf-8")
        found = yaml.safe_load(text)
    except OSError as error:
        raise Img2TweetError(f"{file}: cannot be read as questions ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Img2TweetError(f"{file}: no YAML in UTF-8 ({' '.join(str(error).split())})") from None
    if not isinstance(found, dict) or not isinstance(found.get(language), dict):
        there = ", ".join(found) if isinstance(found, dict) else "none"
        raise Img2TweetError(f"{file or 'questions.yaml'}: no language {language} (there are: {there})")
    words = found[language]
    if file is not None:
        ours = read_questions(language=language if language in ("en", "ja") else "en")
        if missing := ours.keys() - words.keys():
            raise Img2TweetError(f"{file}: {language}: no {', '.join(sorted(missing))}")
    for question in words["questions"]:
        if not isinstance(question, dict) or {"id", "text", "low", "high"} - question.keys():
            raise Img2TweetError(f"{file}: {language}: a question has an id, a text, low and high")
    return words


def _named(systems):
    """Returns {name: folder}; a folder's name, with the one above where names are alike."""
    if isinstance(systems, dict):
        return {str(name): Path(folder) for name, folder in systems.items()}
    folders = [Path(folder) for folder in systems]
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names):
        names = [f"{folder.resolve().parent.name}/{folder.resolve().name}" for folder in folders]
    if len(set(names)) < len(names):
        raise Img2TweetError(f"study: one system is named twice ({', '.join(names)})")
    return dict(zip(names, folders, strict=True))


def _writer(folder):
    """Returns what a system writes: {pair id: text} of an evaluation, or for a captioner a function of pairs."""
    file = folder / "predictions.jsonl"
    if file.is_file():
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return {row["id"]: row["prediction"] for row in rows}
    if not (folder / "captioner.json").is_file():
        raise Img2TweetError(f"{folder}: no saved captioner and no evaluation in it, so it can't write")

    from img2tweet_tf.captioner import load_captioner
    from img2tweet_tf.context import facts_of
    from img2tweet_tf.features import encode_sources

    captioner = load_captioner(folder)

    def write(pairs):
        grids, _ = encode_sources([pair.path for pair in pairs], captioner.encoder)
        told = None if captioner.context is None else [facts_of(pair, captioner.context.kind) for pair in pairs]
        return dict(zip([pair.id for pair in pairs], captioner.write(grids, told)[0], strict=True))

    return write


def _measured(folder):
    """Returns the metrics (numbers by name) of an evaluation's folder, without those of the trivial systems."""
    file = folder / "metrics.json"
    found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {name: of for name, of in found.items() if name in METRICS and not name.startswith(tuple(BASELINES))}


def _choose(pairs, written, count, seed):
    """Returns the pairs (list) that are judged, and {pair id: data URI} of their images; what can't be is named."""
    known = [of for of in written.values() if isinstance(of, dict)]
    candidates = [pair for pair in pairs if all(of.get(pair.id) for of in known)]
    images, problems = {}, []
    while True:
        if len(candidates) < count:
            report_problems(problems, "images")
            raise Img2TweetError(f"study: {count} images asked for, {len(candidates)} have a text of every system")
        places = choose_items([pair.record.get("category") for pair in candidates], count, seed)
        chosen = [candidates[place] for place in places]
        for pair in chosen:
            try:
                images[pair.id] = images.get(pair.id) or _as_data(pair.path)
            except Img2TweetError as error:
                problems.append(f"{pair.id}: {error}")
                candidates.remove(pair)
        if all(pair.id in images for pair in chosen):
            report_problems(problems, "images")
            return chosen, images


def _as_data(path):
    """Returns an image as a data URI, a JPEG whose longer side has at most `PIXELS`; it may be of any size."""
    with io.BytesIO() as file:
        read_thumbnail(path, PIXELS).save(file, "JPEG", quality=80)
        return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def _stimuli(pairs, texts, seed):
    """Returns {(item, system): stimulus} by their places, and what each stimulus is, numbered by chance."""
    every = [(item, system) for item in range(len(pairs)) for system in range(len(texts))]
    numbers = np.random.default_rng([seed, 3]).permutation(len(every))
    named = {each: f"s{number:03d}" for each, number in zip(every, numbers, strict=True)}
    key = {}
    for (item, system), stimulus in sorted(named.items(), key=lambda of: of[1]):
        pair, name = pairs[item], list(texts)[system]
        key[stimulus] = {
            "item": pair.id, "system": name, "text": texts[name][pair.id], "references": pair.texts("tweet"),
            "alt": next(iter(pair.texts("caption")), ""),
        }  # fmt: skip
    return named, key


def _add_facts(key, pairs, measure):
    """Adds to each stimulus what it states of its pair's facts, true or false: of the sample all facts are known."""
    of_item = {pair.id: pair for pair in pairs}
    for of in key.values():
        of["facts"] = fact_scores([of["text"]], [of_item[of["item"]]], measure)


def _raters(seen, stimuli, seed):
    """Returns each rater's stimuli in their order, the checks among them: {"rater", "stimuli", "checks"}."""
    raters, items = seen.shape
    chance, found = np.random.default_rng([seed, 4]), []
    for number, order in enumerate(orders(raters, items, seed)):
        of_rater = [stimuli[int(item), int(seen[number, item])] for item in order]
        places = chance.choice(np.arange(1, items + 1), min(CHECKS, items), replace=False)
        places = sorted(places.tolist(), reverse=True)
        checks = {f"check{at}": int(chance.integers(2, 5)) for at in range(len(places))}
        for name, place in zip(checks, places, strict=True):
            of_rater.insert(place, name)
        found.append({"rater": f"r{number + 1:02d}", "stimuli": of_rater, "checks": checks})
    return found


def _pages(rater, key, images, words):
    """Returns the pages of a rater's form: a practice page, then each stimulus; a check shows no image of the study."""
    sun = _sun()
    pages = [{"stimulus": "practice", "kind": "practice", "image": sun, "text": words["example"], "alt": ""}]
    for stimulus in rater["stimuli"]:
        if stimulus in rater["checks"]:
            text = words["check"].replace("{value}", str(rater["checks"][stimulus]))
            pages.append({"stimulus": stimulus, "kind": "check", "image": sun, "text": text, "alt": ""})
        else:
            of = key[stimulus]
            page = {"stimulus": stimulus, "kind": "item", "image": images[of["item"]]}
            pages.append(page | {"text": of["text"], "alt": of["alt"]})
    return pages


def _sun():
    """Returns the image of the practice page as a data URI: a sun over the sea."""
    picture = Image.new("RGB", (480, 320), "#9fd3f0")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((300, 40, 400, 140), fill="#ffd23f")
    draw.rectangle((0, 220, 480, 320), fill="#1f6fa8")
    with io.BytesIO() as file:
        picture.save(file, "PNG")
        return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _short_hash(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
