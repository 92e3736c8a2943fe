"""Collecting from the three networks, each played by the local server."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from toy_posts import START, toy_posts

pytest.importorskip("atproto_client", reason="collect needs the extra: pip install 'img2tweet-tf[collect]'")

from img2tweet_tf.cli import main
from img2tweet_tf.collect import NETWORKS, collect, read_accounts, refresh
from img2tweet_tf.collect.local_server import LocalServer
from img2tweet_tf.datasets import load_pairs, split_pairs
from img2tweet_tf.utils.errors import Img2TweetError

KEY = "AAAAsecretkey%3D"
EVERY = pytest.mark.parametrize("network", NETWORKS)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("X_BEARER_TOKEN", KEY)


@pytest.fixture
def server(tmp_path):
    """Three accounts of eight posts each."""
    with LocalServer(toy_posts(tmp_path / "posts")) as server:
        yield server


def names(server):
    return dict.fromkeys(server.accounts)


def texts(folder):
    return [(pair.record["account"], pair.record["text"]) for pair in load_pairs(folder)]


def content(folder):
    """Returns {path: bytes} of a folder."""
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@EVERY
def test_a_post_becomes_a_pair(server, tmp_path, network):
    assert collect(network, {"alice1": "trams"}, tmp_path / "out", server.url) == 8
    pairs = load_pairs(tmp_path / "out")
    newest, record = pairs[0], pairs[0].record
    assert newest.path.read_bytes() == next(iter(server.accounts["alice1"]))["pair"].path.read_bytes()
    assert record["text"] == "day 7 & counting #tram1" and record["captions"] == ["a tram, number 7"]
    assert record["account"] == "alice1" and record["category"] == "trams" and record["hashtags"] == ["tram1"]
    assert record["created_at"] == "2026-05-01T15:01:00Z" and record["lang"] == "en" and record["likes"] >= 0
    assert record["link"].startswith("http") and record["id"].startswith(f"{network}-alice1-")
    assert all(agent.startswith("img2tweet/") for agent in server.agents)
    told = {name: fact["value"] for name, fact in record["context"].items()}
    assert told == {
        "account": "@alice1", "date": "2026-05-01", "weekday": "Friday", "month": "May", "time": "15:01"
    }  # fmt: skip
    assert [pair.record["text"][:5] for pair in pairs] == [f"day {place}" for place in range(7, -1, -1)]


@EVERY
def test_a_second_run_brings_only_what_is_new(server, tmp_path, network):
    posts = {name: of[:] for name, of in server.accounts.items()}
    server.accounts["alice0"] = posts["alice0"][3:]
    assert collect(network, names(server), tmp_path / "out", server.url) == 21
    server.requests.clear()
    assert collect(network, names(server), tmp_path / "out", server.url) == 0
    assert not [path for path in server.requests if path.startswith("/images")]
    server.accounts["alice0"] = posts["alice0"]
    server.requests.clear()
    assert collect(network, names(server), tmp_path / "out", server.url) == 3
    assert len([path for path in server.requests if path.startswith("/images")]) == 3
    assert len(set(texts(tmp_path / "out"))) == 24


@EVERY
def test_at_most_is_shared_and_the_rest_comes_later(server, tmp_path, network):
    posts = {name: of[:] for name, of in server.accounts.items()}
    for name in posts:
        server.accounts[name] = posts[name][2:]
    assert collect(network, names(server), tmp_path / "out", server.url, at_most=15) == 15
    assert {text for who, text in texts(tmp_path / "out") if who == "alice0"} == {
        f"day {place} & counting #tram0" for place in range(1, 6)
    }
    server.accounts.update(posts)
    assert collect(network, names(server), tmp_path / "out", server.url, at_most=300) == 9
    assert len(texts(tmp_path / "out")) == len(set(texts(tmp_path / "out"))) == 24


@EVERY
def test_accounts_that_must_be_left_alone(server, tmp_path, network):
    server.profiles = {"alice0": {"description": "trams, and #NoBot please"}, "alice1": {"gone": "protected"}}
    accounts = {**names(server), "nobody": None}
    if network != "mastodon":
        server.profiles["alice3"] = {"gone": "suspended"}
        server.accounts["alice3"], server.numbers["alice3"] = server.accounts["alice2"], "1003"
        accounts["alice3"] = None
    assert collect(network, accounts, tmp_path / "out", server.url) == 8
    assert {who for who, _ in texts(tmp_path / "out")} == {"alice2"}
    said = json.loads((tmp_path / "out" / "collect.json").read_text(encoding="utf-8"))["accounts"]
    assert "#NoBot" in said["alice0"]["left_alone"] and said["nobody"]["left_alone"] == "no such account"
    assert said["alice1"]["left_alone"] and (network == "mastodon" or said["alice3"]["left_alone"] == "suspended")
    feeds = [path for path in server.requests if "images" not in path]
    assert not [path for path in feeds if "1000" in path or "1001" in path], "a feed was read"


@EVERY
def test_refresh_drops_what_is_gone(server, tmp_path, network):
    collect(network, names(server), tmp_path / "out", server.url)
    assert refresh(tmp_path / "out") == 0
    server.deleted = {"a0-p1", "a0-p2", "a2-p7"}
    assert refresh(tmp_path / "out") == 3
    assert len(texts(tmp_path / "out")) == len(list((tmp_path / "out" / "images").iterdir())) == 21
    server.profiles["alice1"] = {"description": "#nobot"}
    assert refresh(tmp_path / "out") == 8
    everything = b"".join(content(tmp_path / "out").values())
    assert b"#tram1" not in everything and b"day 7 & counting #tram2" not in everything
    server.profiles.clear()
    assert collect(network, names(server), tmp_path / "out", server.url) == 8, "with consent it is read from the start"
    server.fault = lambda path: (418, {}, {"error": "Teapot", "message": "not today"}) if "alice2" in path else None
    if network != "x":
        assert refresh(tmp_path / "out") == 0, "an answer that says nothing of the account must drop nothing"
    server.fault = lambda path: None
    server.deleted = {pair.id for posts in server.accounts.values() for pair in [post["pair"] for post in posts]}
    refresh(tmp_path / "out")
    assert not list((tmp_path / "out" / "images").iterdir())


@EVERY
def test_replies_reposts_and_sensitive_posts(server, tmp_path, network, monkeypatch):
    """The network's own answer, with one post of each kind that must not become a pair."""
    answer = server.answer

    def altered(path):
        status, headers, body = answer(path)
        if "getAuthorFeed" in path:
            feed = body["feed"]
            feed[0]["reason"] = {"$type": "app.bsky.feed.defs#reasonRepost"}
            feed[1]["post"]["record"]["reply"] = {"parent": {}}
            feed[2]["post"]["labels"] = [{"val": "porn"}]
            feed[3]["post"] = "no post"
            feed[4]["post"]["embed"] = {"media": feed[4]["post"]["embed"]}
        elif "statuses" in path:
            body[0]["reblog"], body[1]["in_reply_to_id"], body[2]["sensitive"] = {}, "17", True
            body[0]["reblog"] = dict(body[3])
            body[3]["visibility"] = "unlisted"
        elif "/tweets" in path and body.get("data"):
            body["includes"]["media"][0]["type"] = "video"
            body["data"][1]["possibly_sensitive"] = True
            body["data"][2]["attachments"] = {}
            body["data"][3]["note_tweet"] = {"text": "a long text &lt;3"}
            body["data"][4]["geo"] = {"place_id": "p"}
            body["includes"]["places"] = [{"id": "p", "place_type": "city", "name": "Porto", "country": "Portugal"}]
        return status, headers, body

    monkeypatch.setattr(server, "answer", altered)
    left = 5 if network == "x" else 4
    assert collect(network, {"alice0": None}, tmp_path / "out", server.url) == left
    if network == "x":
        pairs = load_pairs(tmp_path / "out")
        assert pairs[0].record["text"] == "a long text <3"
        assert pairs[1].record["context"]["city"]["value"] == "Porto"


def test_several_images_of_a_post_stay_together(server, tmp_path, monkeypatch):
    answer = server.answer

    def doubled(path):
        status, headers, body = answer(path)
        for item in body.get("feed", []) if isinstance(body, dict) else []:
            images = item["post"]["embed"]["images"]
            images.append({**images[0], "fullsize": f"{server.url}/images/a1-p0", "alt": ""})
        return status, headers, body

    monkeypatch.setattr(server, "answer", doubled)
    assert collect("bluesky", {"alice0": None}, tmp_path / "out", server.url) == 16
    lines = (tmp_path / "out" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) | {"text": f"text {number}"} for number, line in enumerate(lines)]
    for number, row in enumerate(rows):  # so that nothing but the post holds them together
        image = tmp_path / "out" / row["image"]
        image.write_bytes(image.read_bytes() + bytes([number]))
    (tmp_path / "out" / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for seed in range(3):
        parts = split_pairs(load_pairs(tmp_path / "out"), val=0.3, test=0.3, seed=seed)
        where = [{pair.record["post"] for pair in part} for part in parts.values()]
        assert sum(map(len, where)) == len(set().union(*where)) == 8


def test_a_feed_that_repeats_ends(server, tmp_path, monkeypatch):
    answer = server.answer

    def endless(path):
        status, headers, body = answer(re.sub("&cursor=[0-9]+", "", path))
        return status, headers, body | {"cursor": f"{len(server.requests)}"} if "feed" in path.lower() else body

    monkeypatch.setattr(server, "answer", endless)
    monkeypatch.setattr("img2tweet_tf.collect.collector.MOST_EMPTY_PAGES", 3)
    assert collect("bluesky", {"alice0": None}, tmp_path / "out", server.url) == 8
    assert len(server.requests) < 20

    def same(path):
        return (200, {}, answer(path.replace("same", "9" * 20))[2] | {"cursor": "same"}) if "Feed" in path else None

    server.fault = same
    assert collect("bluesky", {"alice1": None}, tmp_path / "again", server.url) == 8


@EVERY
def test_stopped_anywhere_it_ends_the_same(server, tmp_path, network):
    """Stopped after each request in turn: the same folder, and nothing asked for twice that had been answered."""
    collect(network, names(server), tmp_path / "whole", server.url, at_most=18)
    whole, asked = content(tmp_path / "whole"), sorted(server.requests)
    server.requests.clear()
    answered, stop_after = [], 0

    def stop(path):
        if len(answered) >= stop_after:
            raise KeyboardInterrupt
        answered.append(path)

    while True:
        stop_after += 2
        interrupting(server, stop)
        try:
            collect(network, names(server), tmp_path / "stopped", server.url, at_most=18)
            break
        except KeyboardInterrupt:
            pass
    assert content(tmp_path / "stopped") == whole
    assert sorted(answered) == asked


def interrupting(server, stop):
    """Lets the client, not the server, stop at a path: as Ctrl-C does."""
    from img2tweet_tf.collect import session

    send = session._BoundedAdapter.send
    plain = getattr(send, "plain", send)

    def stopping(self, request, **options):
        stop(request.path_url)
        return plain(self, request, **options)

    stopping.plain = plain
    session._BoundedAdapter.send = stopping


@pytest.fixture(autouse=True)
def as_before():
    from img2tweet_tf.collect import session

    send = session._BoundedAdapter.send
    yield
    session._BoundedAdapter.send = send


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_killed_three_times_it_ends_the_same(tmp_path):
    with LocalServer(toy_posts(tmp_path / "posts", accounts=31, each=12)) as server:
        accounts = tmp_path / "accounts.yaml"
        accounts.write_text("\n".join(f"- '@{name}'" for name in server.accounts), encoding="utf-8")
        command = [sys.executable, "-m", "img2tweet_tf", "collect", "--from", "bluesky", "--accounts", str(accounts)]
        command += ["--server", server.url, "--out"]
        subprocess.run([*command, tmp_path / "whole"], check=True, capture_output=True)
        asked = len(server.requests)
        server.requests.clear()
        for stop in (asked // 4, asked // 2, asked * 3 // 4):
            process = subprocess.Popen([*command, tmp_path / "killed"], stderr=subprocess.DEVNULL)
            while len(server.requests) < stop:
                assert process.poll() is None
                time.sleep(0.005)
            process.kill()
            process.wait()
        subprocess.run([*command, tmp_path / "killed"], check=True, capture_output=True)
    assert content(tmp_path / "killed") == content(tmp_path / "whole")
    assert len(load_pairs(tmp_path / "killed")) == 31 * 12
    assert len(server.requests) <= asked + 3, "what was there was asked for again"


def test_an_image_host_that_fails_is_asked_again_by_the_next_run(server, tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    server.fault = lambda path: (503, {}, {}) if path == "/images/a0-p3" else None
    assert collect("bluesky", {"alice0": None}, tmp_path / "out", server.url) == 7
    server.fault = lambda path: None
    assert collect("bluesky", {"alice0": None}, tmp_path / "out", server.url) == 1
    server.fault = lambda path: (503, {}, {}) if path.startswith("/images") else None
    with pytest.raises(Img2TweetError, match="for 5 images"):
        collect("bluesky", {"alice1": None}, tmp_path / "other", server.url)
    server.fault = lambda path: None
    assert collect("bluesky", {"alice1": None}, tmp_path / "other", server.url) == 8


def test_images_that_are_none_are_named_and_not_asked_for_again(server, tmp_path, capsys):
    bad = {"/images/a0-p0": b"<html>", "/images/a0-p1": b"", "/images/a0-p2": b"\x89PNG\r\n\x1a\n"}
    half = server.accounts["alice0"][0]["pair"].path.read_bytes()[:-30]
    server.fault = lambda path: (
        (200, {}, half) if path == "/images/a0-p7" else (200, {}, bad[path]) if path in bad else None
    )
    assert collect("bluesky", {"alice0": None}, tmp_path / "out", server.url) == 4
    assert capsys.readouterr().err.count("left out: bluesky-alice0-") == 4
    server.requests.clear()
    assert collect("bluesky", {"alice0": None}, tmp_path / "out", server.url) == 0
    assert not [path for path in server.requests if "images" in path]


def test_a_reader_of_the_folder_before_its_end(server, tmp_path, monkeypatch):
    """What is there of a stopped run can be loaded, and an unfinished folder is not refreshed."""
    monkeypatch.setattr("img2tweet_tf.collect.session.TRIES", 1)
    server.fault = lambda path: (500, {}, {}) if "alice2" in path else None
    with pytest.raises(Img2TweetError, match="answers 500"):
        collect("bluesky", names(server), tmp_path / "out", server.url)
    assert len(load_pairs(tmp_path / "out")) == 16
    with pytest.raises(Img2TweetError, match="finish that first"):
        refresh(tmp_path / "out")


def test_new_posts_while_older_ones_are_left_for_later(tmp_path):
    """Runs of few posts each, while an account goes on posting: in the end all are there, each once."""
    pairs = toy_posts(tmp_path / "posts", accounts=1, each=30)
    with LocalServer(pairs) as server:
        posts = server.accounts["alice0"]
        for hour in (10, 16, 30, 30, 30, 30, 30):
            server.accounts["alice0"] = [post for post in posts if post["at"] < START + timedelta(hours=hour)]
            collect("mastodon", {"alice0": None}, tmp_path / "out", server.url, at_most=5)
    assert len(texts(tmp_path / "out")) == len(set(texts(tmp_path / "out"))) == 30


def test_x_reads_no_more_posts_than_were_paid_for(server, tmp_path, capsys):
    collect("x", names(server), tmp_path / "out", server.url, at_most=15)
    said = capsys.readouterr().err
    assert "15 posts of 3 accounts" in said and "$0.18 where" in said
    assert [path for path in server.requests if "max_results=5" in path]
    assert len(texts(tmp_path / "out")) == 15


def test_the_key_is_nowhere(server, tmp_path, capsys, monkeypatch, caplog):
    caplog.set_level("DEBUG")
    collect("x", {"alice0": None, "nobody": None}, tmp_path / "out", server.url)
    statuses = {401: "does not accept the key", 402: "no credit", 403: "plan of that key", 503: "answers 503"}
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    for status, says in statuses.items():
        server.fault = lambda path, status=status: (status, {}, {"title": f"Bearer {KEY}", "detail": KEY})
        with pytest.raises(Img2TweetError, match=says) as error:
            collect("x", {"alice1": None}, tmp_path / "out", server.url)
        assert KEY not in str(error.value)
    seen = capsys.readouterr()
    assert KEY not in seen.out + seen.err + caplog.text
    assert not any(KEY.encode() in part for part in content(tmp_path / "out").values())
    monkeypatch.setenv("X_BEARER_TOKEN", "two\nlines")
    with pytest.raises(Img2TweetError, match="no key") as error:
        collect("x", {"alice1": None}, tmp_path / "out", server.url)
    assert "two" not in str(error.value)
    monkeypatch.setenv("X_BEARER_TOKEN", KEY)
    with pytest.raises(Img2TweetError, match="by https only"):
        collect("x", {"alice1": None}, tmp_path / "out", "http://example.org")
    monkeypatch.delenv("X_BEARER_TOKEN")
    with pytest.raises(Img2TweetError, match="set X_BEARER_TOKEN"):
        collect("x", {"alice1": None}, tmp_path / "out", server.url)


def test_names_lead_nowhere(server, tmp_path):
    """Ids that a hostile server makes up become file names in the folder."""
    answer = server.answer

    def hostile(path):
        status, headers, body = answer(path)
        for number, item in enumerate(body.get("feed", []) if isinstance(body, dict) else []):
            item["post"]["uri"] += ["..\\..\\evil", "\0", "con:aux", "." * 300, "ü", " ", "%2e%2e", "a/../../b"][number]
        return status, headers, body

    server.answer = hostile
    before = content(tmp_path / "posts")
    assert collect("bluesky", {"alice0": None}, tmp_path / "in" / "out", server.url) == 8
    assert content(tmp_path / "posts") == before and {p.name for p in tmp_path.iterdir()} == {"posts", "in"}
    assert {path.name for path in (tmp_path / "in").iterdir()} == {"out"}


def test_accounts_file(tmp_path):
    file = tmp_path / "accounts.yaml"

    def read(text):
        file.write_text(text, encoding="utf-8")
        return read_accounts(file)

    assert read("[a, '@b', a]") == {"a": None, "b": None}
    assert read("dogs: [a.example, b@c.social]\nfood: [d]") == {"a.example": "dogs", "b@c.social": "dogs", "d": "food"}
    for bad, says in (
        ("- @a", "needs quotes"), ("", "expected a list"), ("[]", "no account"), ("[1]", "expected a list"),
        ("dogs: {a: 1}", "expected a list"), ("['a/../b']", "expected a list"), ("[[a]]", "expected a list"),
    ):  # fmt: skip
        with pytest.raises(Img2TweetError, match=says):
            read(bad)
    with pytest.raises(Img2TweetError, match="No such file"):
        read_accounts(tmp_path / "none.yaml")


def test_command(server, tmp_path, capsys):
    accounts = tmp_path / "accounts.yaml"
    accounts.write_text("[alice0, nobody]", encoding="utf-8")
    command = ["collect", "--accounts", str(accounts), "--server", server.url, "--out", str(tmp_path / "out"), "--from"]
    assert main([*command, "bluesky"]) == 1
    said = capsys.readouterr().err
    assert "at most 5,000 pairs of 2 accounts" in said and "8 new pairs" in said and "nobody: no such account" in said
    assert "next: python -m img2tweet_tf train" in said
    assert "nobody" in (tmp_path / "out" / "left_out.txt").read_text(encoding="utf-8")
    for arguments, says in (
        ([*command, "mastodon"], "was collected from bluesky"),
        (["collect", "--out", str(tmp_path / "new")], "name a network"),
        (["collect", "--refresh", "--out", str(tmp_path / "posts")], "expected a folder that collect has made"),
        ([*command[:-2], str(tmp_path / "posts"), "--from", "bluesky"], "expected a folder that collect has made"),
        ([*command, "bluesky", "--server", "bluesky"], "expected an address"),
        ([*command, "bluesky", "--at-most", "1"], "at least one of each"),
    ):
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and says in said, said
    shutil.rmtree(tmp_path / "out")
    accounts.write_text("[nobody]", encoding="utf-8")
    assert main([*command, "bluesky"]) == 2 and "no pair collected" in capsys.readouterr().err
    assert main(["collect", "--refresh", "--out", str(tmp_path / "out")]) in (0, 2)
