"""Building a study: balance, blindness, hostile texts, bad input."""

import json
import os
import re

import numpy as np
import pytest
from PIL import Image
from studies import HOSTILE, toy_study

from img2tweet_tf.cli import main
from img2tweet_tf.study import build_study
from img2tweet_tf.study.design import assign, choose_items, orders
from img2tweet_tf.utils.errors import Img2TweetError


@pytest.mark.parametrize(
    "raters, items, systems", ((35, 30, 3), (1, 5, 2), (7, 4, 4), (10, 31, 3), (3, 2, 5), (34, 30, 4), (2, 2, 2))
)
def test_the_design_is_balanced(raters, items, systems):
    for seed in range(5):
        seen = assign(raters, items, systems, seed)
        assert seen.shape == (raters, items)
        for counts in (*(np.bincount(row, minlength=systems) for row in seen),
                       *(np.bincount(column, minlength=systems) for column in seen.T)):  # fmt: skip
            assert np.ptp(counts) <= 1
    assert np.array_equal(assign(raters, items, systems, 1), assign(raters, items, systems, 1))


def test_no_two_raters_have_one_order():
    found = orders(60, 5, seed=3)
    assert len({tuple(order) for order in found}) == 60
    assert all(sorted(order) == list(range(5)) for order in found.tolist())
    assert not np.array_equal(orders(60, 5, 3), orders(60, 5, 4))


def test_items_are_spread_over_categories():
    categories = ["a"] * 90 + ["b"] * 8 + ["c"] * 2
    places = choose_items(categories, 12, seed=0)
    counts = {name: sum(categories[place] == name for place in places) for name in "abc"}
    assert counts == {"a": 5, "b": 5, "c": 2} and len(set(places)) == 12
    assert choose_items(categories, 100, seed=0) == list(range(100))


def data_of(form):
    return json.loads(form.read_text(encoding="utf-8").partition('id="data">')[2].partition("</script>")[0])


def test_forms_tell_no_system_and_escape_everything(tmp_path):
    study = toy_study(tmp_path, items=8, raters=5, human=True, systems=("alpha_system", "beta_system"))
    key = json.loads((study / "key.json").read_text(encoding="utf-8"))
    assert key["systems"] == ["alpha_system", "beta_system", "human"] and len(key["stimuli"]) == 24
    design = (study / "study.json").read_text(encoding="utf-8")
    assert "alpha_system" not in design and "human" not in design
    for form in (study / "forms").iterdir():
        text = form.read_text(encoding="utf-8")
        assert text.count("<script") == 2 and "<b>" not in text and "\u202e" in text
        pages = data_of(form)["pages"]
        assert [page["kind"] for page in pages].count("item") == 8 and pages[0]["kind"] == "practice"
        assert [page["kind"] for page in pages].count("check") == 2
        assert len({page["image"] for page in pages if page["kind"] == "item"}) == 8, "an image comes twice"
        for page in pages:
            assert set(page) == {"stimulus", "kind", "image", "text", "alt"}
            if page["kind"] == "item":
                assert page["text"] == key["stimuli"][page["stimulus"]]["text"]
        del page
        assert not re.search(r'src=["\']?http|href=["\']?http|url\(http|@import', text)
    assert any(HOSTILE in of["text"] for of in key["stimuli"].values())


def test_the_same_seed_gives_the_same_study(tmp_path):
    first, second, third = (
        (toy_study(tmp_path / name, seed=seed) / "study.json").read_text(encoding="utf-8").replace(name, "")
        for name, seed in (("one", 1), ("two", 1), ("six", 6))
        if (tmp_path / name).mkdir() is None
    )
    strip = re.compile(r'"(study|form)": "[0-9a-f]+"')
    assert strip.sub("", first) == strip.sub("", second) != strip.sub("", third)


def test_a_captioner_writes_for_itself(tmp_path, toy_world, toy_encoder, data_home):
    data, run, _ = toy_world
    design = build_study([run], data, tmp_path / "study", human=True, items=4, raters=2)
    key = json.loads((tmp_path / "study" / "key.json").read_text(encoding="utf-8"))["stimuli"]
    assert {of["system"] for of in key.values()} == {"run", "human"} and len(design["raters"]) == 2
    assert all(of["text"] for of in key.values())


def test_japanese_and_own_questions(tmp_path):
    study = toy_study(tmp_path, language="ja", raters=1)
    assert "人間が書いた" in (study / "forms" / "r01.html").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text("en: {title: Only a title}", encoding="utf-8")
    for options, says in (
        ({"language": "fr"}, "no language fr"), ({"questions": tmp_path / "own.yaml"}, "no agree"),
        ({"questions": tmp_path / "none.yaml"}, "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(Img2TweetError, match=says):
            build_study([tmp_path / "first", tmp_path / "second"], tmp_path / "pairs", tmp_path / "other", **options)


def test_large_and_broken_images(tmp_path, capsys):
    """One of 40 MB becomes a small picture; those that can't be read are named, and others take their place."""
    toy_study(tmp_path, raters=1, count=12)
    images = tmp_path / "pairs" / "images"
    noise = np.frombuffer(os.urandom(3 * 3700 * 3700), np.uint8).reshape(3700, 3700, 3)
    Image.fromarray(noise).save(images / "0.png", compress_level=0)
    assert (images / "0.png").stat().st_size > 40_000_000
    (images / "1.png").write_bytes(b"no image")
    systems = [tmp_path / "first", tmp_path / "second"]
    design = build_study(systems, tmp_path / "pairs", tmp_path / "again", items=11, raters=1)
    assert "p0" in design["items"] and "p1" not in design["items"]
    assert (tmp_path / "again" / "forms" / "r01.html").stat().st_size < 2_000_000
    with pytest.raises(Img2TweetError, match="12 images asked for, 11 have a text"):
        build_study(systems, tmp_path / "pairs", tmp_path / "more", items=12, raters=1)
    assert "left out: p1: " in capsys.readouterr().err


def test_bad_input(tmp_path, capsys):
    study = toy_study(tmp_path)
    pairs, first, second = (str(tmp_path / name) for name in ("pairs", "first", "second"))
    capsys.readouterr()
    for arguments, says in (
        (["--systems", first, "--data", pairs], "two systems or more"),
        (["--systems", first, first, "--data", pairs], "named twice"),
        (["--systems", first, pairs, "--data", pairs], "can't write"),
        (["--systems", first, second, "--data", pairs, "--items", "41"], "41 images asked for, 40 have"),
        (["--systems", first, second, "--data", pairs, "--split", "val"], "no pair is in its val part"),
        (["--systems", first, second, "--data", "nothing"], "no such folder"),
    ):
        assert main(["study", "build", *arguments, "--out", str(tmp_path / "new")]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and says in said, said
        assert not (tmp_path / "new").exists()
    arguments = ["--systems", first, second, "--data", pairs, "--items", "4", "--out"]
    assert main(["study", "build", *arguments, str(study)]) == 2 and "not empty" in capsys.readouterr().err
    assert main(["study", "build", *arguments, str(tmp_path / "new")]) == 0
    assert len(list((tmp_path / "new" / "forms").iterdir())) == 35
