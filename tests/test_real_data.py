"""A few real photographs and tweets, all the way through. Skipped where the data are not there."""

import json

import pytest

import img2tweet_tf as i2t
from img2tweet_tf.cli import main
from img2tweet_tf.datasets.pairs import Pairs


@pytest.fixture(scope="module")
def encoder():
    return i2t.load_encoder("efficientnet_lite0")


@pytest.mark.parametrize("name, target, key", [("flickr8k", "caption", "captions"), ("mvsa", "tweet", "text")])
def test_twenty_pairs_from_training_to_scores(shared_data, data_home, encoder, tmp_path, capsys, name, target, key):
    if not (shared_data / name / "pairs.jsonl").is_file():
        pytest.skip(f"no {name} in {shared_data}")
    some = [pair for pair in i2t.load_pairs(shared_data / name) if pair.record.get(key)][:20]
    pairs = Pairs(some, shared_data / name, name)
    unsplit = [pair for pair in some if pair.split is None]
    assert len(some) == 20 and len(unsplit) in (0, 20)
    captioner = i2t.train(
        pairs, tmp_path / "run", target=target, encoder=encoder, glove="none", min_count=1, epochs=2,
        batch_size=8, sizes={"units": 16, "embedding_dim": 8}, watch=1,
    )  # fmt: skip
    assert captioner.training["images"]["train"] >= 8
    results = i2t.evaluate(captioner, pairs, tmp_path / "scores", split="all", max_length=8)
    rows = [json.loads(line) for line in (tmp_path / "scores" / "predictions.jsonl").read_text().splitlines()]
    assert results["images"] == len(rows) >= 15 and 1 < results["perplexity"] < 5000
    originals = {pair.id: pair.texts(target) for pair in some}
    assert all(set(row["references"]) <= set(originals[row["id"]]) for row in rows)
    capsys.readouterr()
    assert main(["tweet", "--model", str(tmp_path / "run"), str(some[0].path)]) == 0
    assert capsys.readouterr().out == captioner.tweet(some[0].path) + "\n"
