"""From pairs and features to the arrays that a model is fitted on."""

import numpy as np
import pytest
from conftest import ToyEncoder, toy_records

from img2tweet_tf.batches import make_batches, make_examples, shift, usable_pairs, word_counts
from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.features import extract_features
from img2tweet_tf.pairs import load_pairs
from img2tweet_tf.text import Vocabulary

PAD, START, END, UNK = range(4)


@pytest.fixture
def load(make_pairs, data_home):
    """Returns a function: records -> (pairs, features)."""

    def load(records):
        pairs = load_pairs(make_pairs(records))
        return pairs, extract_features(pairs, ToyEncoder())

    return load


def test_shift_gives_inputs_targets_and_weights():
    inputs, targets, weights = shift(np.array([[1, 7, 8, 2, 0], [1, 9, 2, 0, 0]]))
    assert inputs.tolist() == [[1, 7, 8, 2], [1, 9, 2, 0]]
    assert targets.tolist() == [[7, 8, 2, 0], [9, 2, 0, 0]]
    assert weights.tolist() == [[1, 1, 1, 0], [1, 1, 0, 0]]


def test_texts_of_an_image_stand_together_and_beyond_five_are_cut(load):
    captions = [["a cat"] * 2, ["a dog"] * 7, ["the tram", "", "http://t.co/x", "a tram runs far away"]]
    records = [{"id": f"p{n}", "image": f"images/{n}.png", "captions": texts} for n, texts in enumerate(captions)]
    pairs, features = load(records)
    vocabulary = Vocabulary.build([text for texts in captions for text in texts], min_count=1)
    examples = make_examples(pairs, features, vocabulary, "caption", length=5)
    assert examples.ids.shape == (3, 5, 5) and examples.pair_ids == ["p0", "p1", "p2"]
    written = [[vocabulary.decode(row[1:]) for row in texts if row[0] == START] for texts in examples.ids]
    assert written == [["a cat"] * 2, ["a dog"] * 5, ["the tram", "a tram runs far"]]  # cut, so without an end
    assert (examples.ids[0, 2:] == PAD).all()
    counts = word_counts(examples, len(vocabulary))
    assert counts[PAD] == counts[START] == 0 and counts[END] == 8 and counts.sum() == 3 * 2 + 3 * 5 + 3 + 4


def test_a_pass_shows_each_image_once_in_the_order_of_the_seed(load):
    pairs, features = load(toy_records(11))
    vocabulary = Vocabulary.build([pair.record["text"] for pair in pairs], min_count=1)
    examples = make_examples(pairs, features, vocabulary, "tweet", length=8)

    def shown(seed):
        batches = make_batches(examples, features.pooled, 4, order_seed=seed)
        assert int(batches.cardinality()) == 3
        return [[part.numpy() for part in (x["features"], x["ids"], y, w)] for x, y, w in batches]

    in_order = shown(None)
    assert [batch[0].shape for batch in in_order] == [(4, 6), (4, 6), (3, 6)]
    assert np.array_equal(np.concatenate([batch[0] for batch in in_order]), features.pooled())
    assert in_order[0][1].shape == in_order[0][2].shape == in_order[0][3].shape == (4, 7)
    first, again, other = (np.concatenate([batch[0] for batch in shown(seed)]) for seed in ([0, 1], [0, 1], [0, 2]))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert sorted(map(tuple, first)) == sorted(map(tuple, features.pooled()))


def test_no_pass_waits_for_the_thread_of_autotuning(load):
    """That thread sleeps ever longer, and ends of passes waited for it: an epoch took up to twice its time."""
    pairs, features = load(toy_records(3))
    vocabulary = Vocabulary.build([pair.record["text"] for pair in pairs], min_count=1)
    examples = make_examples(pairs, features, vocabulary, "tweet", length=6)
    assert make_batches(examples, features.pooled, 4).options().autotune.enabled is False


def test_texts_without_words_are_named_and_missing_ones_counted(load, capsys):
    records = toy_records(5)
    records[1]["text"] = "https://t.co/abc"
    records[2] = {**records[2], "text": None, "captions": ["a cat"]}
    pairs, features = load(records)
    assert [pair.id for pair in usable_pairs(pairs, features, "tweet")] == ["p0", "p3", "p4"]
    err = capsys.readouterr().err
    assert 'p1: nothing but links and marks in "https://t.co/abc"' in err and '1 of 5 pairs have no "text"' in err


def test_broken_images_are_named_and_the_rest_goes_on(make_pairs, data_home, capsys):
    folder = make_pairs(toy_records(4))
    (folder / "images" / "1.png").write_text("no image")
    pairs = load_pairs(folder)
    kept = usable_pairs(pairs, extract_features(pairs, ToyEncoder()), "tweet")
    assert [pair.id for pair in kept] == ["p0", "p2", "p3"]
    assert "p1: " in (err := capsys.readouterr().err) and "1 image left out" in err


def test_nothing_usable_is_said(load):
    pairs, features = load([{**record, "text": "http://t.co/a"} for record in toy_records(3)])
    with pytest.raises(Img2TweetError, match="none of 3 pairs"):
        usable_pairs(pairs, features, "tweet")
    with pytest.raises(Img2TweetError, match="try --target tweet"):
        usable_pairs(pairs, features, "caption")
    with pytest.raises(Img2TweetError, match="unknown target"):
        usable_pairs(pairs, features, "poem")
