"""What counts as a pair, what is left out and said about it, and how pairs are divided."""

import json
import shutil

import pytest
from conftest import toy_records

from img2tweet_tf.datasets.pairs import load_pairs, split_pairs, write_pairs
from img2tweet_tf.utils.errors import Img2TweetError

GOOD = {"id": "good", "image": "images/0.png", "text": "hello"}


@pytest.fixture
def write_lines(make_pairs):
    """Returns a function that writes raw lines (bytes, or dicts) as a pairs.jsonl beside one image, images/0.png."""

    def write(*lines, ending=b"\n"):
        folder = make_pairs([GOOD])
        raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        (folder / "pairs.jsonl").write_bytes(ending.join(raw) + ending)
        return folder

    return write


def test_a_folder_comes_back_as_it_was_written(make_pairs):
    records = [{**record, "mood": {"unknown": "key"}} for record in toy_records(5)]
    pairs = load_pairs(make_pairs(records))
    assert [pair.record for pair in pairs] == records
    assert all(pair.path.is_file() for pair in pairs)
    assert [pair.id for pair in pairs[1:3]] == ["p1", "p2"] and len(pairs[1:3][:1].whole) == 5
    assert load_pairs(pairs.name).name == pairs.name  # its name finds it again


BAD = {
    "no JSON": b'{"id": "x", ',
    "no UTF-8": b'{"id": "x", "image": "images/0.png", "text": "\xff"}',
    "a list": b"[1]",
    "no image key": {"id": "x", "text": "a"},
    "no id key": {"image": "images/0.png", "text": "a"},
    "id is a number": {**GOOD, "id": 3},
    "text is a number": {**GOOD, "id": "x", "text": 3},
    "captions are a string": {**GOOD, "id": "x", "captions": "a"},
    "no text at all": {"id": "x", "image": "images/0.png", "text": ""},
    "unknown split": {**GOOD, "id": "x", "split": "dev"},
    "image is missing": {**GOOD, "id": "x", "image": "images/1.png"},
    "image is a folder": {**GOOD, "id": "x", "image": "images"},
    "image has a name too long": {**GOOD, "id": "x", "image": "i" * 5000},
    "image has a zero in its name": {**GOOD, "id": "x", "image": "a\0b"},
    "image is an absolute path": {**GOOD, "id": "x", "image": "/etc/passwd"},
    "image leads out": {**GOOD, "id": "x", "image": "images/../../pairs/images/0.png"},
    "repeated id": GOOD,
    "a text of 50 MB": {**GOOD, "id": "x", "text": "a" * 50_000_000},
    "a caption too long": {**GOOD, "id": "x", "captions": ["a", "b" * 25_001]},
    "nested too deeply": b'{"a":' * 100_000,
    "half an emoji": b'{"id": "x", "image": "images/0.png", "text": "\\ud83d"}',
    "number too long": b'{"id": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_named_and_the_rest_goes_on(write_lines, line, capsys):
    folder = write_lines(GOOD, line, {**GOOD, "id": "last"})
    assert [pair.id for pair in load_pairs(folder)] == ["good", "last"]
    first, count = capsys.readouterr().err.splitlines()
    assert "pairs.jsonl line 2: " in first and len(first) < 1200
    assert count.startswith("1 of 3 lines")


def test_many_bad_lines_are_counted_and_some_named(write_lines, capsys):
    load_pairs(write_lines(GOOD, *[{"id": str(place)} for place in range(9)]))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6 and lines[-1].startswith("9 of 10 lines") and "4 more not named" in lines[-1]


def test_byte_order_mark_windows_line_ends_and_blank_lines_are_fine(write_lines, capsys):
    first = b"\xef\xbb\xbf" + json.dumps(GOOD).encode()
    folder = write_lines(first, b"", b"   ", {**GOOD, "id": "\u00fc" * 1000}, ending=b"\r\n")
    assert [len(pair.id) for pair in load_pairs(folder)] == [4, 1000]
    assert not capsys.readouterr().err


def test_images_may_have_any_name(make_pairs):
    assert len(load_pairs(make_pairs([{**GOOD, "image": "images/übung \u732b 🙂.png"}]))) == 1


def test_control_characters_of_an_id_do_not_reach_the_terminal(write_lines, capsys):
    load_pairs(write_lines(GOOD, *[{**GOOD, "id": "a\n\x1b[31mb"}] * 2))
    assert "\x1b" not in (err := capsys.readouterr().err) and len(err.splitlines()) == 2


@pytest.mark.parametrize("lines, why", [([], "empty"), ([b"{"], "line 1: not JSON"), ([b"{", b"["], "and 1 more")])
def test_nothing_usable_is_one_line(write_lines, lines, why):
    with pytest.raises(Img2TweetError, match=why):
        load_pairs(write_lines(*lines))


def test_what_is_no_pairs_folder_is_said(tmp_path, data_home):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    expected = {"empty": "no pairs.jsonl", "file": "a file", "nowhere": "no such folder", "x" * 9999: "too long"}
    for name, why in expected.items():
        with pytest.raises(Img2TweetError, match=why) as caught:
            load_pairs(tmp_path / name)
        assert "\n" not in str(caught.value)
    with pytest.raises(Img2TweetError, match="sample"):
        load_pairs("~nobody-of-this-name/x")


def test_a_name_is_looked_up_in_the_data_home(make_pairs, data_home, tmp_path, monkeypatch):
    shutil.copytree(make_pairs(toy_records(3)), data_home / "mine")
    (tmp_path / "here" / "mine").mkdir(parents=True)  # a folder of that name without pairs is not in the way
    monkeypatch.chdir(tmp_path / "here")
    assert load_pairs("mine").name == "mine"
    assert load_pairs("mine").folder == data_home / "mine"


def test_a_part_of_a_known_set_is_called_a_part(make_pairs, data_home, capsys):
    shutil.copytree(make_pairs(toy_records(3)), data_home / "flickr8k")
    load_pairs("flickr8k")
    assert "a part of it, 3 of 8091" in capsys.readouterr().err


def test_written_pairs_are_read_again(make_pairs):
    folder = make_pairs(toy_records(3))
    records = [{**GOOD, "text": "ein \u00e4 \U0001f642"}]
    write_pairs(folder, records)
    assert [pair.record for pair in load_pairs(folder)] == records


def test_marked_splits_hold(make_pairs):
    parts = split_pairs(load_pairs(make_pairs(toy_records(10))))
    assert {name: [pair.id for pair in part] for name, part in parts.items()} == {
        "train": ["p0", "p1", "p2", "p5", "p6", "p7"], "val": ["p3", "p8"], "test": ["p4", "p9"],
    }  # fmt: skip


def unmarked(count):
    return [{"id": f"p{n}", "image": f"images/{n}.png", "text": f"tweet number {n}"} for n in range(count)]


def test_chance_splits_by_id_and_a_pair_stays_where_it_is(make_pairs):
    pairs = load_pairs(make_pairs(unmarked(200)))
    whole, half = split_pairs(pairs), split_pairs(pairs[::2])
    assert {name: [pair for pair in part if int(pair.id[1:]) % 2 == 0] for name, part in whole.items()} == {
        name: list(part) for name, part in half.items()
    }
    assert 10 <= len(whole["test"]) <= 32 and 10 <= len(whole["val"]) <= 32
    assert sum(map(len, whole.values())) == 200
    assert [pair.id for pair in split_pairs(pairs, seed=1)["test"]] != [pair.id for pair in whole["test"]]


def test_the_same_image_and_the_same_tweet_are_never_divided(make_pairs):
    records = unmarked(120)
    for record in records[60:]:
        record["text"] = records[int(record["id"][1:]) - 60]["text"].upper() + " "
    folder = make_pairs(records)
    for place in range(0, 60, 2):
        shutil.copy(folder / f"images/{place}.png", folder / f"images/{place + 1}.png")
    part_of = {pair.id: name for name, part in split_pairs(load_pairs(folder)).items() for pair in part}
    assert all(part_of[f"p{n}"] == part_of[f"p{n + 60}"] for n in range(60))
    assert all(part_of[f"p{n}"] == part_of[f"p{n + 1}"] for n in range(0, 60, 2))
    assert len(set(part_of.values())) == 3


def test_impossible_divisions_are_refused(make_pairs):
    records = toy_records(4)
    del records[2]["split"]
    pairs = load_pairs(make_pairs(records))
    with pytest.raises(Img2TweetError, match="3 of 4 pairs"):
        split_pairs(pairs)
    with pytest.raises(Img2TweetError, match="shares"):
        split_pairs(pairs, val=0.7, test=0.7)


def test_what_is_no_pairs_is_said_in_one_line(make_pairs):
    pairs = load_pairs(make_pairs(toy_records(3)))
    assert load_pairs(pairs) is pairs
    for function in (load_pairs, split_pairs):
        with pytest.raises(Img2TweetError, match="expected Pairs.*, got list"):
            function([pairs[0]])


def test_pairs_show_themselves_in_a_line_and_in_a_notebook(make_pairs):
    records = toy_records(9)
    records[0]["text"] = "<b>bold</b> & " + "long " * 40
    pairs = load_pairs(make_pairs(records))
    assert repr(pairs) == f"Pairs(9 of {pairs.name})" and len(repr(pairs[0])) < 120
    pairs[1].path.write_text("no picture any more")
    shown = pairs._repr_html_()
    assert "&lt;b&gt;bold&lt;/b&gt; &amp;" in shown and shown.count("<tr>") == 5
    assert shown.count("data:image/jpeg;base64,") == 4 and "no picture (UnidentifiedImageError)" in shown
