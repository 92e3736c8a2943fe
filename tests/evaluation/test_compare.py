import json

import pytest

from img2tweet_tf.evaluation.compare import as_text, compare
from img2tweet_tf.utils.errors import Img2TweetError

TRUE = ["a cat sleeps on the red sofa", "two dogs run along the beach", "a tram waits in the rain", "we won again"]


def written(folder, predictions, ids="abcd"):
    folder.mkdir()
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
    assert compare([perfect, perfect], metrics=["bleu_1"])[0]["sd"] == 0


def test_the_table_can_be_read(tmp_path):
    text = as_text(compare([written(tmp_path / "s0", TRUE)]), 1)
    assert "cider" in text and "nearest_image" in text


def test_other_images_are_refused(tmp_path):
    with pytest.raises(Img2TweetError, match="not the images of"):
        compare([written(tmp_path / "s0", TRUE), written(tmp_path / "s1", TRUE, ids="abce")])


@pytest.mark.parametrize("content", [None, "", "{}\n", "not json\n", "[]\n"])
def test_a_folder_without_predictions_is_one_clear_line(tmp_path, content):
    if content is not None:
        (tmp_path / "predictions.jsonl").write_text(content)
    with pytest.raises(Img2TweetError, match="run evaluate"):
        compare([tmp_path])
