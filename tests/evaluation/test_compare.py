import json

import pytest

from img2tweet_tf.evaluation.compare import ALIKE, as_text, compare
from img2tweet_tf.utils.errors import Img2TweetError

TRUE = ["a cat sleeps on the red sofa", "two dogs run along the beach", "a tram waits in the rain", "we won again"]


def written(folder, predictions, ids="abcd", **about):
    folder.mkdir()
    about = {**dict.fromkeys(ALIKE, "same"), "seed": folder.name, **about}
    (folder / "metrics.json").write_text(json.dumps(about))
    rows = [
        {"id": ids[place], "prediction": text, "nearest_image": TRUE[place - 1], "references": [TRUE[place]]}
        for place, text in enumerate(predictions)
    ]
    (folder / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_a_better_system_gains_and_the_spread_is_over_seeds(tmp_path):
    perfect, half = written(tmp_path / "s0", TRUE), written(tmp_path / "s1", TRUE[:2] + ["no idea", "none"])
    row = compare([perfect, half], metrics=["bleu_1"])[0]
    assert row["mean"] == pytest.approx((1 + compare([half], metrics=["bleu_1"])[0]["mean"]) / 2)
    assert row["sd"] > 0 and row["nearest_image_gain_low"] > 0
    assert row["nearest_image_gain"] == pytest.approx(row["mean"] - row["nearest_image"])
    assert compare([perfect, written(tmp_path / "s2", TRUE)], metrics=["bleu_1"])[0]["sd"] == 0


@pytest.mark.parametrize("name", ALIKE)
def test_other_systems_are_not_pooled(tmp_path, name):
    with pytest.raises(Img2TweetError, match=f"{name} other, not same"):
        compare([written(tmp_path / "s0", TRUE), written(tmp_path / "s1", TRUE, **{name: "other"})])


def test_a_seed_counts_once(tmp_path):
    folder = written(tmp_path / "s0", TRUE)
    with pytest.raises(Img2TweetError, match="name each seed once"):
        compare([folder, folder])


def test_the_table_can_be_read(tmp_path):
    text = as_text(compare([written(tmp_path / "s0", TRUE)]), 1)
    assert "cider" in text and "nearest_image" in text


def test_other_images_are_refused(tmp_path):
    with pytest.raises(Img2TweetError, match="not the images of"):
        compare([written(tmp_path / "s0", TRUE), written(tmp_path / "s1", TRUE, ids="abce")])


@pytest.mark.parametrize("content", [None, "", "{}\n", "not json\n", "[]\n"])
def test_a_folder_without_predictions_is_one_clear_line(tmp_path, content):
    (tmp_path / "metrics.json").write_text(json.dumps(dict.fromkeys((*ALIKE, "seed"), "same")))
    if content is not None:
        (tmp_path / "predictions.jsonl").write_text(content)
    with pytest.raises(Img2TweetError, match="expected what evaluate wrote"):
        compare([tmp_path])
