"""Toy studies for tests: pairs with hostile texts, two systems, and answers as a form gives them."""

import json

import numpy as np
from conftest import toy_records, write_toy_pairs

from img2tweet_tf.study import build_study

HOSTILE = "<script>document.title = 'broken'</script> \u202eabc & <b>bold</b> </script><!-- 日本語 🎉"


def toy_study(root, items=6, raters=4, systems=("first", "second"), count=40, **options):
    """Builds a study of toy pairs and evaluations that lie beside it; returns its folder."""
    records = toy_records(count)
    for place, record in enumerate(records):
        record |= {"split": "test", "category": "ab"[place % 2], "text": f"{HOSTILE} {place}"}
    pairs = write_toy_pairs(root / "pairs", records)
    for name in systems:
        (root / name).mkdir()
        rows = [{"id": record["id"], "prediction": f"{name} of {record['id']}"} for record in records]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (root / name / "predictions.jsonl").write_text(text, encoding="utf-8")
    build_study([root / name for name in systems], pairs, root / "study", items=items, raters=raters, **options)
    return root / "study"


def answers_of(study, rater, value=None, seed=0):
    """Returns the answers (dict) that a rater's form gives; `value(system, question)` says what, else chance."""
    design = json.loads((study / "study.json").read_text(encoding="utf-8"))
    key = json.loads((study / "key.json").read_text(encoding="utf-8"))["stimuli"]
    of = next(each for each in design["raters"] if each["rater"] == rater)
    chance = np.random.default_rng([seed, int(rater[1:])])
    questions = [question["id"] for question in design["questions"]]

    def answer(stimulus, question):
        if stimulus in of["checks"]:
            return of["checks"][stimulus]
        return int(value(key[stimulus]["system"], question)) if value else int(chance.integers(1, 6))

    said = [{"stimulus": "practice", "values": dict.fromkeys(questions, 3), "seconds": 2.0}]
    for stimulus in of["stimuli"]:
        values = {question: answer(stimulus, question) for question in questions}
        said.append({"stimulus": stimulus, "values": values, "seconds": 5.0})
    return {
        "study": design["study"], "form": of["form"], "rater": rater, "language": design["language"], "answers": said,
        "started": "2026-11-01T10:00:00.000Z", "finished": "2026-11-01T10:20:00.000Z",
    }  # fmt: skip
