"""What `evaluate` writes, and what it does when things are missing."""

import json
import math
import os
import shutil

import numpy as np
import pytest
from conftest import TOY, toy_records, write_toy_pairs

from img2tweet_tf.captioner import load_captioner
from img2tweet_tf.datasets.pairs import load_pairs, split_pairs
from img2tweet_tf.evaluation import METRICS, evaluate
from img2tweet_tf.evaluation.evaluate import most_frequent, nearest_images, training_corpus
from img2tweet_tf.training import train
from img2tweet_tf.utils.errors import Img2TweetError

ABOUT = {
    "system", "data", "split", "target", "images", "trained_on", "encoder", "vectors", "seed", "metric_tokenizer",
    "decoding", "context", "supported_only",
}  # fmt: skip
EVERYWHERE = {name for name in METRICS if not any(part in name for part in ("facts_", "in_facts", "all_facts"))}


def test_metrics_are_flat_documented_and_json(toy_world, toy_run, tmp_path):
    results = evaluate(str(toy_run), toy_world[0], tmp_path / "scores", method="greedy")
    text = (tmp_path / "scores" / "metrics.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")) == results
    assert set(results) == ABOUT | EVERYWHERE
    assert all(isinstance(results[name], float) and results[name] >= 0 for name in EVERYWHERE)
    assert all(isinstance(results[name], (str, int)) for name in ABOUT)
    assert results["nearest_image_copied"] == results["most_frequent_copied"] == 1.0
    assert results["split"] == "test" and results["images"] == 6 and "greedy" in results["decoding"]


def test_drawn_texts_are_measured_and_reranked_ones_too_but_one_an_image(toy_world, toy_run):
    captioner = load_captioner(toy_run)
    drawn = evaluate(captioner, toy_world[0], method="nucleus", seed=1, rerank=0.5, candidates=4)
    assert '"rerank": 0.5' in drawn["decoding"] and set(drawn) == ABOUT | EVERYWHERE
    assert drawn == evaluate(captioner, toy_world[0], method="nucleus", seed=1, rerank=0.5, candidates=4)
    with pytest.raises(Img2TweetError, match="one text of each image, not 2"):
        evaluate(captioner, toy_world[0], method="nucleus", several=2)


def test_predictions_keep_the_raw_references(toy_world, toy_run, tmp_path):
    evaluate(toy_run, toy_world[0], tmp_path / "scores")
    lines = (tmp_path / "scores" / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    rows, pairs = [json.loads(line) for line in lines], load_pairs(toy_world[0])
    test = [pair for pair in pairs if pair.split == "test"]
    tweets = load_captioner(toy_run).tweet([pair.path for pair in test])
    texts = {pair.record["text"] for pair in pairs if pair.split == "train"}
    for row, pair, tweet in zip(rows, test, tweets, strict=True):
        assert (row["id"], row["image"]) == (pair.id, pair.record["image"])
        assert (row["prediction"], row["references"]) == (tweet, [pair.record["text"]])
        assert {row["nearest_image"], row["most_frequent"]} <= texts
    written = [row["prediction"] for row in rows]
    assert [row["swapped"] for row in rows] == written[3:] + written[:3]


def test_perplexity_is_that_of_training(toy_world, toy_run):
    best = json.loads((toy_run / "captioner.json").read_text())["training"]["best"]["val_cross_entropy"]
    results = evaluate(toy_run, toy_world[0], split="val")
    assert math.log(results["perplexity"]) == pytest.approx(best, rel=1e-4)


def test_trivial_systems():
    assert most_frequent(["a", "b", "b", "a", "c"]) == "a"
    known = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, -1.0]])
    assert nearest_images(np.array([[0.1, 9.0], [3.0, 0.1]]), known).tolist() == [1, 0], "by angle, not by length"


@pytest.mark.parametrize("split, count", [("train", 18), ("val", 6), ("all", 30)])
def test_any_part_can_be_evaluated(toy_world, toy_run, split, count):
    assert evaluate(toy_run, toy_world[0], split=split)["images"] == count


def test_a_set_without_splits_and_with_bad_pairs(toy_run, tmp_path, capsys):
    records = toy_records(6)
    for record in records:
        del record["split"]
    records[1]["text"] = "http://t.co/x"
    records[2]["text"] = None
    records[2]["captions"] = ["a cat", "http://t.co/x", ""]
    folder = write_toy_pairs(tmp_path / "bare", records)
    (folder / "images" / "0.png").write_text("no image")
    capsys.readouterr()
    assert evaluate(toy_run, folder, tmp_path / "scores", split="all")["images"] == 3
    err = capsys.readouterr().err
    assert "p0: " in err and "p1: " in err and '1 of 6 pairs have no "text"' in err
    evaluate(toy_run, folder, tmp_path / "captions", split="all", target="caption")
    assert json.loads((tmp_path / "captions" / "predictions.jsonl").read_text())["references"] == ["a cat"]


def test_a_slice_is_compared_with_the_training_part_all_the_same(toy_world, toy_run):
    pairs = load_pairs(toy_world[0])
    results = evaluate(toy_run, pairs[-3:], split="all")
    whole = evaluate(toy_run, pairs, split="all")
    assert results["images"] == 3 and results.keys() == whole.keys()


def test_a_captioner_of_a_slice_is_compared_with_that_slice(toy_world, toy_encoder, data_home, tmp_path):
    pairs = load_pairs(toy_world[0])
    few = pairs[:12]
    captioner = train(few, tmp_path / "run", encoder=toy_encoder, epochs=1, watch=0, **TOY)
    known, _ = training_corpus(captioner, few)
    assert known.texts == [pair.texts("tweet") for pair in split_pairs(few)["train"]]
    assert len(training_corpus(captioner, pairs)[0].texts) > 12 > len(known.texts)


def test_training_data_that_is_gone_takes_only_its_figures_along(toy_world, toy_run, tmp_path, capsys):
    data = shutil.copytree(toy_world[0], tmp_path / "moved")
    about = json.loads((toy_run / "captioner.json").read_text())
    about["training"]["data"] = str(tmp_path / "gone")
    (toy_run / "captioner.json").write_text(json.dumps(about))
    results = evaluate(toy_run, data, tmp_path / "scores")
    plain = {name for name in EVERYWHERE if not name.startswith(("most_frequent_", "nearest_"))}
    assert set(results) - ABOUT == plain - {"copied", "swapped_copied"}
    assert "need the training data" in capsys.readouterr().err


def test_a_model_that_diverged_has_a_perplexity_all_the_same(toy_world, toy_run):
    captioner = load_captioner(toy_run)
    captioner.model.set_weights([weight * 1e6 for weight in captioner.model.get_weights()])
    assert math.isfinite(evaluate(captioner, toy_world[0])["perplexity"])


def test_nothing_is_left_where_nothing_could_be_evaluated(toy_world, toy_run, tmp_path):
    with pytest.raises(Img2TweetError, match="try the target tweet"):
        evaluate(toy_run, toy_world[0], tmp_path / "scores", target="caption")
    with pytest.raises(Img2TweetError, match="unknown split"):
        evaluate(toy_run, toy_world[0], tmp_path / "scores", split="dev")
    with pytest.raises(Img2TweetError, match="one of greedy, beam"):
        evaluate(toy_run, toy_world[0], tmp_path / "scores", method="lyrical")
    captioner = load_captioner(toy_run)
    captioner.training = {}
    with pytest.raises(Img2TweetError, match="training summary lacks data, seed"):
        evaluate(captioner, toy_world[0], tmp_path / "scores")
    assert "scores" not in os.listdir(tmp_path)
