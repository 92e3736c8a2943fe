"""One vocabulary over two corpora, layers that stay as they are, and captions among the tweets of a training."""

import numpy as np
import pytest
from conftest import TOY, ToyEncoder, toy_records, write_toy_pairs

from img2tweet_tf.captioner import load_captioner
from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.text import Vocabulary
from img2tweet_tf.training import TrainConfig, train
from img2tweet_tf.training.examples import read_examples
from img2tweet_tf.training.mixing import mixed_batches
from img2tweet_tf.utils.errors import Img2TweetError

SETTINGS = {**TOY, "epochs": 2, "watch": 0}


@pytest.fixture
def tweets(toy_world):
    return toy_world[0]


@pytest.fixture
def photos(tmp_path):
    """A folder of ten other pairs, with two captions each of a word that no tweet has; one word is not trained on."""
    records = toy_records(10, key="captions")
    for record in records:
        record["id"] = "photo" + record["id"]
        record["captions"] = [text.replace("made", "painted") for text in record["captions"]]
    records[-1]["captions"] = ["a zebra paints"]  # of the test part
    return write_toy_pairs(tmp_path / "photos", records)


def examples(data, **settings):
    return read_examples(load_pairs(data), ToyEncoder(), TrainConfig(min_count=1, **settings))


def test_one_vocabulary_is_built_over_the_training_texts_of_several_data(tweets, photos, data_home, tmp_path):
    alone = examples(tweets).vocabulary
    both = examples(tweets, vocabulary_from=[str(photos)]).vocabulary
    assert "painted" in both and "painted" not in alone and "zebra" not in both
    assert set(alone.words) < set(both.words)
    first = examples(photos, target="caption", vocabulary_from=[str(tweets)]).vocabulary
    assert set(first.words) == set(both.words), "so that pretraining and fine-tuning share it"


def test_a_run_says_where_its_vocabulary_is_from(tweets, photos, toy_encoder, data_home, tmp_path):
    settings = {"encoder": toy_encoder, "vocabulary_from": [str(photos)], **SETTINGS}
    train(tweets, tmp_path / "run", **settings)
    again = load_captioner(tmp_path / "run")
    assert again.training["vocabulary_from"] == [str(photos)] and "painted" in again.vocabulary


def test_frozen_layers_keep_their_weights_and_the_others_train(tweets, toy_world, toy_encoder, data_home, tmp_path):
    start = load_captioner(toy_world[1])
    settings = {name: value for name, value in SETTINGS.items() if name != "sizes"}
    run = tmp_path / "run"
    tuned = train(tweets, run, init=str(toy_world[1]), freeze=["embedding", "lstm"], **settings)
    for name, frozen in (("embedding", True), ("lstm", True), ("merge_dense", False), ("word_logits", False)):
        before, after = getattr(start.model, name).get_weights(), getattr(tuned.model, name).get_weights()
        assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True)) == frozen, name
    assert all(layer.trainable for layer in load_captioner(run).model.layers), "who goes on with it starts free"


def test_a_layer_that_is_not_there_is_named(tweets, toy_encoder, data_home, tmp_path):
    with pytest.raises(Img2TweetError, match='glove_lstm has no layer "gru" .*embedding, lstm, merge_dense'):
        train(tweets, tmp_path / "run", encoder=toy_encoder, freeze=["gru"], **SETTINGS)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_captions_make_their_share_of_each_pass(tweets, photos, data_home, share):
    made = examples(tweets, vocabulary_from=[str(photos)], captions_from=str(photos))
    painted, random = made.vocabulary.encode(["painted"])[1], np.random.default_rng(0)
    batches = mixed_batches(made, share, 8, lambda count: random.permutation(count))
    seen = []
    for _ in range(2):
        ids = np.concatenate([np.array(inputs["ids"]) for inputs, *_ in batches])
        captions = (ids == painted).any(axis=(1, 2))
        assert (~captions).sum() == 18 and captions.mean() == pytest.approx(share, abs=0.02)
        seen.append(ids)
    assert len(batches) == -(-len(seen[0]) // 8) and not np.array_equal(*seen), "in another order"
    assert len(made.captions.ids) == 2 * 6, "two captions for each of the six photos to train on"


def test_each_text_stands_beside_its_own_image(tweets, photos, data_home):
    made = examples(tweets, vocabulary_from=[str(photos)], captions_from=str(photos))
    of_tweets = {made.vocabulary.decode(row[0]): grid for row, grid in zip(
        made.ids["train"], made.features.grid(made.train.rows, np.float32), strict=True)}  # fmt: skip
    own = made.captions
    of_captions = {made.vocabulary.decode(row[0]): grid for row, grid in zip(
        own.ids, own.features.grid(own.rows, np.float32), strict=True)}  # fmt: skip
    known = of_tweets | of_captions
    for inputs, targets, _ in mixed_batches(made, 0.5, 8, np.arange):
        for grid, ids in zip(np.array(inputs["image"]), np.array(targets)[:, 0], strict=True):
            text = made.vocabulary.decode([word for word in ids if word not in (Vocabulary.PAD, Vocabulary.END)])
            assert any(np.array_equal(grid, other) for name, other in known.items() if name.startswith(text))


def test_a_training_with_captions_ends_the_same_after_a_stop(tweets, photos, toy_encoder, data_home, tmp_path):
    settings = {**SETTINGS, "encoder": toy_encoder, "captions_from": str(photos), "context": "account"}
    whole = train(tweets, tmp_path / "whole", **settings)
    train(tweets, tmp_path / "stopped", **{**settings, "epochs": 1})
    resumed = train(tweets, tmp_path / "stopped", resume=True, **settings)
    assert all(map(np.array_equal, whole.model.get_weights(), resumed.model.get_weights()))


def test_captions_are_posted_by_an_account_of_their_own(tweets, photos, data_home):
    """So that a captioner that reads who posts can tell which of the two is wanted."""
    made = examples(tweets, captions_from=str(photos), context="account")
    own = made.context.accounts.index("caption") + 1
    assert (made.captions.facts["account"] == own).all() and own not in made.facts["train"]["account"]
    assert "caption" not in examples(tweets, context="account").context.accounts
    new = made.context.read([[("account", "@nobody_knows")]], made.vocabulary)[0]
    words = [facts["context"][0, 0, 2] for facts in (made.captions.facts, new)]
    assert words[0] != Vocabulary.UNK == words[1], "nor does it take an account that it has never seen for that one"
