"""From files of answers to figures and a report; and what must not count."""

import json

import numpy as np
import pytest
from studies import answers_of, toy_study

pytest.importorskip("statsmodels", reason="the study needs the extra: pip install 'img2tweet-tf[study]'")

from img2tweet_tf.cli import main
from img2tweet_tf.datasets import load_pairs
from img2tweet_tf.sample import make_sample
from img2tweet_tf.study import analyse_study, build_study, load_analysis
from img2tweet_tf.utils.errors import Img2TweetError

LIKED = {"first": 3, "second": 2, "human": 4}


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """Returns (study of 9 images and 18 raters, files of answers) in which raters like some systems more."""
    root = tmp_path_factory.mktemp("study")
    study = toy_study(root, items=9, raters=18, human=True)
    files = []
    for number in range(1, 19):
        chance = np.random.default_rng(number)
        answers = answers_of(
            study, f"r{number:02d}", lambda system, _, c=chance: np.clip(LIKED[system] + c.integers(-2, 3), 1, 5)
        )
        files.append(root / f"{number}.json")
        files[-1].write_text(json.dumps(answers), encoding="utf-8")
    return study, files


def test_figures_and_report(answered, tmp_path, capsys):
    study, files = answered
    command = ["study", "analyse", str(study), *map(str, files), "--out", str(tmp_path / "report"), "--simulated"]
    assert main(command) == 0
    assert "humour: first 2." in capsys.readouterr().out.replace("first 3.", "first 2.")
    found = load_analysis(tmp_path / "report")
    assert found["raters"]["counted"] == [f"r{number:02d}" for number in range(1, 19)]
    humour = found["questions"]["humour"]
    for system, of in humour["systems"].items():
        assert of["low"] <= of["mean"] <= of["high"] and abs(of["mean"] - LIKED[system]) < 0.6
        assert sum(of["counts"]) == 54
    assert humour["effects"]["second"]["high"] < 0 and humour["friedman"]["p"] < 0.001
    assert all(pair["p"] <= pair["p_holm"] <= 1 for pair in humour["pairs"])
    assert 0.1 < humour["alpha"] < 1
    by_text = found["metrics"]["by_text"]
    assert set(by_text) == {"bleu_1", "bleu_2", "bleu_3", "bleu_4", "cider", "rouge_l", "length"}
    assert by_text["length"]["humour"]["n"] == 18, "people's own texts must not count"
    assert found["metrics"]["by_system"] == {}, "two captioners are no ranking"
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 4 and "simulated raters" in page and "<script" not in page


def test_metrics_by_system(tmp_path):
    """Four captioners, of which people like the longer texts more: length goes with people, the rest is in range."""
    names = ("a", "bb", "ccc", "dddd")
    study = toy_study(tmp_path, items=8, raters=16, systems=names)
    for name in names:
        (tmp_path / name / "metrics.json").write_text('{"perplexity": 7.5, "swapped_cider": 1}', encoding="utf-8")
    key = json.loads((study / "key.json").read_text(encoding="utf-8"))
    for of in key["stimuli"].values():
        of["text"] = " ".join(["word"] * (1 + len(of["system"])))
    (study / "key.json").write_text(json.dumps(key), encoding="utf-8")
    (tmp_path / "answers").mkdir()
    for number in range(1, 17):
        answers = answers_of(study, f"r{number:02d}", lambda system, _: len(system))
        (tmp_path / "answers" / f"{number}.json").write_text(json.dumps(answers), encoding="utf-8")
    found = analyse_study(study, [tmp_path / "answers"])["metrics"]
    assert found["by_system"]["length"]["humour"]["tau"] == pytest.approx(1)
    assert found["by_text"]["length"]["humour"]["tau"] == pytest.approx(1)
    assert all(not of["humour"]["tau"] < -1 for of in found["by_system"].values())


def test_facts_beside_people(tmp_path, monkeypatch):
    """On the sample each text's facts are known: raters who like the true text go with the true facts."""
    monkeypatch.setattr("img2tweet_tf.sample.world.HELD_OUT", {"val": 2, "test": 12})
    pairs = load_pairs(make_sample(tmp_path / "sample", pairs=20))
    test = [pair for pair in pairs if pair.split == "test"]
    for name, further in (("right", 0), ("wrong", 5)):
        (tmp_path / name).mkdir()
        rows = [(pair.id, test[(place + further) % 12].record["text"]) for place, pair in enumerate(test)]
        lines = "".join(json.dumps({"id": key, "prediction": text}) + "\n" for key, text in rows)
        (tmp_path / name / "predictions.jsonl").write_text(lines, encoding="utf-8")
    study = tmp_path / "study"
    build_study([tmp_path / "right", tmp_path / "wrong"], pairs, study, items=10, raters=16)
    for number in range(1, 17):
        chance = np.random.default_rng(number)
        answers = answers_of(
            study, f"r{number:02d}", lambda system, _, c=chance: (4 if system == "right" else 2) + c.integers(-1, 2)
        )
        (tmp_path / f"{number}.json").write_text(json.dumps(answers), encoding="utf-8")
    found = analyse_study(study, [tmp_path])["metrics"]["by_text"]
    assert found["facts_precision"]["correspondence"]["low"] > 0


def test_files_that_must_not_count(answered, tmp_path, capsys):
    study, files = answered
    good = json.loads(files[0].read_text(encoding="utf-8"))

    def altered(name, change):
        answers = json.loads(json.dumps(good))
        answers = change(answers) or answers
        file = tmp_path / f"{name}.json"
        file.write_text(answers if isinstance(answers, str) else json.dumps(answers), encoding="utf-8")
        return file

    changes = {
        "another study": lambda a: a.update(study="0" * 12), "a rater that": lambda a: a.update(rater="r99"),
        "another form": lambda a: a.update(form="0" * 12), "no JSON": lambda a: "{", "not what a form": lambda a: "[]",
        "of 12 pages": lambda a: a.update(answers=a["answers"][:6]),
        "an answer of 6": lambda a: a["answers"][1]["values"].update(humour=6),
        "an answer of True": lambda a: a["answers"][1]["values"].update(humour=True),
        "not an answer to each": lambda a: a["answers"][1]["values"].__delitem__("humour"),
        "or to some twice": lambda a: a["answers"].append(a["answers"][1]),
        "not finished": lambda a: a.__delitem__("finished"),
    }  # fmt: skip
    bad = [altered(f"bad{number}", change) for number, change in enumerate(changes.values())]
    found = analyse_study(study, [*files[1:], *bad])
    assert found["raters"]["missing"] == ["r01"] and len(found["raters"]["refused"]) == len(bad)
    for file, says, problem in zip(bad, changes, found["raters"]["refused"], strict=True):
        assert problem.startswith(str(file)) and says in problem
    assert "files of answers" in capsys.readouterr().err


def test_checks_and_second_answers(answered, tmp_path, capsys):
    study, files = answered
    careless = json.loads(files[0].read_text(encoding="utf-8"))
    for said in careless["answers"]:
        if said["stimulus"].startswith("check"):
            said["values"] = dict.fromkeys(said["values"], 1)
    later = json.loads(files[1].read_text(encoding="utf-8"))
    later["finished"] = "2026-11-02T10:00:00.000Z"
    for said in later["answers"]:
        if not said["stimulus"].startswith("check"):
            said["values"] = dict.fromkeys(said["values"], 1)
    for name, answers in (("careless", careless), ("later", later)):
        (tmp_path / f"{name}.json").write_text(json.dumps(answers), encoding="utf-8")
    found = analyse_study(study, [tmp_path / "careless.json", tmp_path / "later.json", *files[1:]])
    assert found["raters"]["failed"] == ["r01"] and "r02" in found["raters"]["counted"]
    assert sum(of["counts"][0] for of in found["questions"]["humour"]["systems"].values()) >= 9
    assert "answered twice" in capsys.readouterr().err


def test_half_the_answers_and_none(answered, tmp_path, capsys):
    study, files = answered
    for file in files[:6]:
        (tmp_path / "some").mkdir(exist_ok=True)
        (tmp_path / "some" / file.name).write_bytes(file.read_bytes())
    assert len(analyse_study(study, [tmp_path / "some"])["raters"]["missing"]) == 12
    with pytest.raises(Img2TweetError, match="0 raters can be counted.*18 did not answer"):
        analyse_study(study)
    for arguments, says in (
        ([str(tmp_path)], "no study"), ([str(study), str(tmp_path / "none.json")], "cannot be read as answers"),
    ):  # fmt: skip
        assert main(["study", "analyse", *arguments]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and says in said
    (tmp_path / "large.json").write_bytes(b" " * 6_000_000)
    assert main(["study", "analyse", str(study), str(tmp_path / "large.json")]) == 2
    assert "more than 5,000,000 bytes" in capsys.readouterr().err
    assert main(["study", "power", "--raters", "8", "--items", "6", "--systems", "2", "--samples", "10"]) == 0
