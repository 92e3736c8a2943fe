import json

from img2tweet_tf.evaluation import good_median_bad

TEXTS = ["a cat sleeps here", "two dogs run along", "a tram waits there", "we won it again", "rain on the harbour"]


def test_good_median_and_bad_are_picked_by_score(tmp_path):
    said = [TEXTS[0], "two dogs run home", "a tram is there", "no idea", "two cats"]
    rows = [
        {"id": str(at), "prediction": text, "references": [TEXTS[at]]} for at, text in enumerate(said)
    ]
    (tmp_path / "predictions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    picked = good_median_bad(tmp_path, count=1)
    assert [row["kind"] for row in picked] == ["good", "median", "bad"]
    assert [row["id"] for row in picked] == ["0", "2", "4"]
    assert picked[0]["score"] > picked[1]["score"] > picked[2]["score"] == 0
    both = good_median_bad(tmp_path, count=2)
    assert [row["id"] for row in both] == ["0", "1", "1", "2", "3", "4"]
