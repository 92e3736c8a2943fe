"""What a captioner knows before its first batch: word vectors, word frequencies, or what another has learned."""

from types import SimpleNamespace

import numpy as np
import pytest

from img2tweet_tf.models import MODELS, GloVeLSTM
from img2tweet_tf.text import Vocabulary, load_glove
from img2tweet_tf.training import new_captioner, set_seed
from img2tweet_tf.training.initialization import (
    check_sizes,
    from_word_vectors,
    set_word_frequencies,
    with_more_words,
    with_sizes,
)
from img2tweet_tf.utils.backend import keras
from img2tweet_tf.utils.errors import Img2TweetError

GRID = (2, 2, 5)
SIZES = {
    "glove_lstm": {"embedding_dim": 3, "units": 8, "dropout": 0.2},
    "show_attend_tell": {"embedding_dim": 3, "units": 8, "annotation_dim": 10},
    "transformer": {"embedding_dim": 3, "d_model": 8, "num_layers": 1, "num_heads": 2, "inner_dim": 16},
    "show_and_tell": {"embedding_dim": 3, "units": 8, "dropout": 0.2},
}
VOCABULARY = Vocabulary.build(["a cat sleeps", "a dog sleeps"], min_count=1)
COUNTS = np.array([0, 0, 2, 0, 2, 2, 1, 1])  # pad, start, end, unknown, a, sleeps, cat, dog
BATCH = {
    "image": np.random.default_rng(0).normal(size=(2, *GRID)).astype("float32"),
    "ids": np.array([[[1, 4, 6, 5]], [[1, 4, 7, 5]]]),
}


@pytest.fixture
def vectors(tmp_path):
    (tmp_path / "vectors.txt").write_text("cat 4 5 6\na 1 2 3\nbird 7 8 9\n")
    return load_glove(tmp_path / "vectors.txt")


def build(name="glove_lstm", **changed):
    set_seed(1)
    return new_captioner(MODELS[name], GRID, **{"vocabulary_size": len(VOCABULARY), **SIZES[name], **changed})


@pytest.mark.parametrize("name", MODELS)
def test_a_new_captioner_has_all_its_weights(name):
    model = build(name)
    there = [weight.path for weight in model.weights]
    model(BATCH)
    assert [weight.path for weight in model.weights] == there and model.count_params() > 0


@pytest.mark.parametrize(
    "name, sizes, named",
    [
        ("glove_lstm", {"dropout": 7.0}, "GloVeLSTM: a size it can't take .*7"),
        ("transformer", {"num_heads": 3}, "TransformerCaptioner: a size it can't take .*d_model must be a multiple"),
    ],
)
def test_sizes_that_fit_no_network_are_one_line(name, sizes, named):
    with pytest.raises(Img2TweetError, match=named) as caught:
        build(name, **sizes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "sizes, named",
    [
        ({"width": 3}, 'no size "width" .*units=256'),
        ({"units": True}, "expected a value like 256 for units, got true"),
        ({"units": 1.5}, "for units, got 1.5"),
        ({"units": "many"}, 'for units, got "many"'),
        ({"units": -1}, "a size of 1 or more, got units=-1"),
        ({"product_dtype": "mixed_bfloat16"}, "no size"),
        ({"vocabulary_size": 7}, "no size"),
    ],
)
def test_sizes_are_checked_before_any_work(sizes, named):
    with pytest.raises(Img2TweetError, match=named):
        check_sizes(GloVeLSTM, sizes)


def test_a_whole_number_will_do_where_a_fraction_is_meant():
    check_sizes(GloVeLSTM, {"dropout": 0, "units": 3})
    check_sizes(MODELS["transformer"], {"norm_first": True})


def test_words_start_from_their_vectors_and_their_frequencies(vectors, capsys):
    sizes = {"units": 8}
    model, source = from_word_vectors(GloVeLSTM, VOCABULARY, GRID, sizes, vectors, COUNTS, seed=0)
    embedding = model.embedding.get_weights()[0]
    assert source == "vectors.txt" and embedding.shape == (8, 3) and sizes == {"units": 8}
    a, cat, dog = (embedding[VOCABULARY.words.index(word)] for word in ("a", "cat", "dog"))
    assert a.tolist() == [1, 2, 3] and cat.tolist() == [4, 5, 6]
    assert dog.any() and not embedding[Vocabulary.PAD].any()
    assert "2 of 4 words" in capsys.readouterr().err
    model, source = from_word_vectors(GloVeLSTM, VOCABULARY, GRID, SIZES["glove_lstm"], None, COUNTS, seed=0)
    assert source == "random"


def test_a_size_that_the_vectors_decide_is_refused(vectors):
    with pytest.raises(Img2TweetError, match="embedding_dim is 3 with vectors.txt; leave out either"):
        from_word_vectors(GloVeLSTM, VOCABULARY, GRID, {"embedding_dim": 4}, vectors, COUNTS, seed=0)


@pytest.mark.parametrize("name", MODELS)
def test_before_it_has_read_anything_a_captioner_knows_how_frequent_words_are(name):
    model = build(name)
    set_word_frequencies(model, COUNTS)
    model.word_logits.product.kernel.assign(0 * model.word_logits.product.kernel)
    shares = np.array(keras.ops.softmax(model(BATCH)))[0, 0, 0]
    expected = np.maximum(COUNTS, 0.5)
    np.testing.assert_allclose(shares, expected / expected.sum(), rtol=1e-4)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("with_vectors", [True, False])
def test_new_words_come_behind_the_known_ones_and_all_else_stays(name, vectors, with_vectors, capsys):
    model = build(name)
    set_word_frequencies(model, COUNTS)
    start = SimpleNamespace(model=model, vocabulary=VOCABULARY, training={"data": "pets"})
    vocabulary = VOCABULARY.extended(Vocabulary.build(["a bird sings"], min_count=1))
    assert vocabulary.words[8:] == ["bird", "sings"]
    counts = np.array([0, 0, 1, 0, 1, 0, 0, 0, 1, 2])
    grown = with_more_words(start, vocabulary, GRID, vectors if with_vectors else None, counts, seed=0)
    assert "pets: its 8 words are known; 2 more are learned" in capsys.readouterr().err

    before, after = np.array(model(BATCH)), np.array(grown(BATCH))
    np.testing.assert_allclose(after[..., :8], before, atol=1e-6)
    np.testing.assert_allclose(after[0, 0, 0, 8:], np.log([1 / 8, 2 / 8]), atol=1e-5)  # 0 counts as a half, of 8 in all
    embedding, larger = model.embedding.get_weights()[0], grown.embedding.get_weights()[0]
    np.testing.assert_array_equal(larger[:8], embedding)
    if with_vectors:
        np.testing.assert_array_equal(larger[8], [7, 8, 9])
    assert larger[8:].any(axis=1).all()
    assert grown.get_config() == {**model.get_config(), "vocabulary_size": 10}


def test_where_there_are_no_new_words_the_model_is_the_same():
    start = SimpleNamespace(model=build(), vocabulary=VOCABULARY, training={"data": "pets"})
    assert with_more_words(start, VOCABULARY, GRID, None, COUNTS, seed=0) is start.model


@pytest.mark.parametrize("name", MODELS)
def test_the_dtype_of_products_can_be_changed_and_changed_back(name):
    model = build(name)
    fast = with_sizes(model, GRID, product_dtype="mixed_bfloat16")
    back = with_sizes(fast, GRID, product_dtype="float32")
    assert fast.sizes["product_dtype"] == "mixed_bfloat16" and back.get_config() == model.get_config()
    np.testing.assert_array_equal(back(BATCH), model(BATCH))
