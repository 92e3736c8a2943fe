"""Collects answers on one machine of a laboratory: Flask, and one SQLite file; each rater has a token.

A submit is answered only after SQLite has written it to the disk. A second one of the same rater is kept beside the
first, and counts.
"""

import csv
import json
import sqlite3
from pathlib import Path

from img2tweet_tf.study.answers import DATABASE, MOST_BYTES, check_answers, read_study
from img2tweet_tf.study.build import make_form
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log


def make_app(folder):
    """Returns the Flask application of a study's folder: GET /TOKEN gives a form, POST /TOKEN takes its answers.

    Raises:
        Img2TweetError: it is no study, or Flask is not there.
    """
    try:
        from flask import Flask, abort, request
    except ModuleNotFoundError:
        raise Img2TweetError("study serve needs flask: pip install 'img2tweet-tf[study]'") from None
    folder = Path(folder)
    design, _ = read_study(folder)
    raters = {rater["rater"]: rater for rater in design["raters"]}
    with open(folder / "tokens.csv", encoding="utf-8", newline="") as file:
        tokens = {row["token"]: raters[row["rater"]] for row in csv.DictReader(file)}
    with _connected(folder) as connection:
        connection.execute(
            "create table if not exists answers (number integer primary key, rater text not null, "
            "received text not null default current_timestamp, body text not null)"
        )
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES

    def rater_of(token):
        return tokens.get(token) or abort(404)

    @app.get("/<token>")
    def form(token):
        rater = rater_of(token)
        saved = (folder / "forms" / f"{rater['rater']}.html").read_text(encoding="utf-8")
        data = json.loads(saved.partition('id="data">')[2].partition("</script>")[0])
        return make_form(design, rater, data["pages"], data["words"], submit=f"/{token}")

    @app.post("/<token>")
    def submit(token):
        rater, body = rater_of(token), request.get_data()
        try:
            answers = check_answers(body, design)
        except ValueError as error:
            return {"error": str(error)}, 400
        if answers["rater"] != rater["rater"]:
            return {"error": "of another rater"}, 400
        with _connected(folder) as connection:
            row = connection.execute("insert into answers (rater, body) values (?, ?)", (rater["rater"], body.decode()))
        log(f"{rater['rater']}: answers received, number {row.lastrowid}")
        return {"number": row.lastrowid}

    return app


def serve_study(folder, host="127.0.0.1", port=8000):
    """Serves a study until it is stopped; prints each rater's address.

    Args:
        folder: of the study.
        host: "127.0.0.1" for this machine only, "0.0.0.0" for its network.
        port: int.
    """
    app = make_app(folder)
    try:
        from waitress import serve
    except ModuleNotFoundError:
        raise Img2TweetError("study serve needs waitress: pip install 'img2tweet-tf[study]'") from None
    with open(Path(folder) / "tokens.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            print(f"{row['rater']}: http://{host}:{port}/{row['token']}")
    log(f"answers go to {Path(folder) / DATABASE}; stop with Ctrl-C")
    serve(app, host=host, port=port, threads=16, max_request_body_size=MOST_BYTES, ident=None)


def _connected(folder):
    """Returns a connection whose commit returns when the disk has it."""
    connection = sqlite3.connect(folder / DATABASE, timeout=30)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    return connection
