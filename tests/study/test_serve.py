"""The server of a laboratory: tokens, second submits, nothing lost at kill -9, 35 raters at once."""

import csv
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from studies import answers_of, toy_study

pytest.importorskip("flask", reason="the study needs the extra: pip install 'img2tweet-tf[study]'")

from img2tweet_tf.study.answers import read_answers
from img2tweet_tf.study.serve import make_app


@pytest.fixture
def study(tmp_path):
    return toy_study(tmp_path, items=4, raters=35)


def tokens(study):
    with open(study / "tokens.csv", encoding="utf-8", newline="") as file:
        return {row["rater"]: row["token"] for row in csv.DictReader(file)}


def test_forms_and_submits(study):
    client, of = make_app(study).test_client(), tokens(study)
    page = client.get(f"/{of['r02']}").get_data(as_text=True)
    assert f'"submit": "/{of["r02"]}"' in page and '"rater": "r02"' in page
    assert client.get("/nothing").status_code == client.get("/").status_code == 404
    assert client.get("/../key.json").status_code == 404
    answers = answers_of(study, "r02", seed=1)
    assert client.post(f"/{of['r02']}", json=answers).status_code == 200
    assert client.post(f"/{of['r03']}", json=answers).get_json() == {"error": "of another rater"}
    assert client.post(f"/{of['r02']}", data=b"{").status_code == 400
    assert client.post(f"/{of['r02']}", data=b" " * 6_000_000).status_code == 413
    again = answers_of(study, "r02", seed=2) | {"finished": "2026-11-02T10:00:00.000Z"}
    assert client.post(f"/{of['r02']}", json=again).get_json() == {"number": 2}
    rows, raters = read_answers(study)
    said = {each["stimulus"]: each["values"] for each in again["answers"]}
    assert raters["answered"] == ["r02"] and all(row["values"] == said[row["stimulus"]] for row in rows)


def serving(study):
    """Starts the command; returns its process and its address, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "img2tweet_tf", "study", "serve", str(study), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/none", timeout=5)
        except urllib.error.HTTPError:
            return process, f"http://127.0.0.1:{port}"
        except OSError:
            assert process.poll() is None
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def post(address, answers):
    request = urllib.request.Request(address, json.dumps(answers).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["number"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_35_at_once_and_kill_9(study):
    of = tokens(study)
    process, address = serving(study)
    try:
        with ThreadPoolExecutor(35) as pool:
            numbers = list(pool.map(lambda rater: post(f"{address}/{of[rater]}", answers_of(study, rater)), of))
        assert sorted(numbers) == list(range(1, 36))
        confirmed = []

        def submit_until_killed(rater):
            try:
                while True:
                    confirmed.append(post(f"{address}/{of[rater]}", answers_of(study, rater)))
            except OSError:
                pass

        with ThreadPoolExecutor(8) as pool:
            for rater in list(of)[:8]:
                pool.submit(submit_until_killed, rater)
            while len(confirmed) < 30:
                time.sleep(0.01)
            process.kill()
    finally:
        process.kill()
        process.wait()
    import sqlite3

    with sqlite3.connect(study / "answers.sqlite") as connection:
        kept = {number for (number,) in connection.execute("select number from answers")}
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    assert set(numbers) | set(confirmed) <= kept
    assert len(read_answers(study)[1]["answered"]) == 35
