"""The vocabulary counts training words, decodes to postable tweets, and survives its JSON file."""

import json

import numpy as np
import pytest

from img2tweet_tf.text import Vocabulary, clean, tokenize
from img2tweet_tf.utils.errors import Img2TweetError

TEXTS = [
    "Lovely day in London! I love it :D #TBT",
    "Back in London. The NHL is on, I am happy :D #TBT",
    "The dog and the cat in London, says @user",
    "Dog days. My iPhone and the NHL http://t.co/x <url>",
]


@pytest.fixture
def vocabulary():
    return Vocabulary.build(TEXTS, min_count=1)


def test_special_words_come_first_then_the_commonest():
    vocabulary = Vocabulary.build(TEXTS, min_count=2)
    assert vocabulary.words[:4] == ["<pad>", "<start>", "<end>", "<unk>"]
    assert (vocabulary.PAD, vocabulary.START, vocabulary.END, vocabulary.UNK) == (0, 1, 2, 3)
    assert vocabulary.counts[4:] == sorted(vocabulary.counts[4:], reverse=True)
    assert "london" in vocabulary and "cat" not in vocabulary
    assert vocabulary.counts[vocabulary.words.index("london")] == 3


def test_max_size_counts_special_words():
    assert len(Vocabulary.build(TEXTS, min_count=1, max_size=7)) == 7


def test_counts_add_up_to_every_token():
    small, whole = Vocabulary.build(TEXTS, min_count=2), Vocabulary.build(TEXTS, min_count=1)
    assert sum(small.counts) == sum(whole.counts)


def test_words_decode_as_people_write_them(vocabulary):
    assert vocabulary.decode(vocabulary.encode("the nhl in london and i :d #tbt")) == "The NHL in London and I :D #TBT"
    assert vocabulary.decode(vocabulary.encode("my iphone. dog days! the dog")) == "My iPhone. Dog days! The dog"


def test_lower_case_writers_are_not_capitalised():
    vocabulary = Vocabulary.build(["so good. so nice", "so it is", "Well"], min_count=1)
    assert vocabulary.decode(vocabulary.encode("so nice. it is")) == "so nice. it is"


def test_placeholders_and_links_are_no_words(vocabulary):
    assert not any(word in vocabulary for word in ("@user", "<url>", "http://t.co/x", "user"))
    assert vocabulary.encode("@user <url> zebra") == [1, 3, 3, 3, 2]


def test_decoding_writes_nothing_special_and_stops_at_the_end(vocabulary):
    dog = vocabulary.words.index("dog")
    assert vocabulary.decode([1, dog, 0, 3, 1, 10**6, -5, dog, 2, dog]) == "Dog dog"
    assert vocabulary.decode(np.array([2, dog])) == ""


def test_batch_pads_short_texts_and_cuts_long_ones_without_an_end(vocabulary):
    batch = vocabulary.encode_batch(["the dog", "the dog and the cat in London"], 5)
    assert batch.dtype == np.int32 and batch.shape == (2, 5)
    assert batch[0].tolist() == [*vocabulary.encode("the dog"), 0]
    assert batch[1].tolist() == vocabulary.encode("the dog and the")[:5] and vocabulary.END not in batch[1]


def test_save_and_load_give_the_same_vocabulary(vocabulary, tmp_path):
    vocabulary = Vocabulary.build([*TEXTS, "ça va 😂"], min_count=1)
    vocabulary.save(tmp_path / "vocabulary.json")
    assert "ça" in (tmp_path / "vocabulary.json").read_text(encoding="utf-8")
    loaded = Vocabulary.load(tmp_path / "vocabulary.json")
    assert loaded == vocabulary and len(loaded) == len(vocabulary)
    assert loaded.decode(loaded.encode(TEXTS[1])) == vocabulary.decode(vocabulary.encode(TEXTS[1]))


@pytest.mark.parametrize(
    "change", [{"format": "x"}, {"version": 9}, {"words": ["a"]}, {"counts": [1]}, {"surfaces": []}, {"capitalises": 1}]
)
def test_another_file_is_refused(vocabulary, tmp_path, change):
    path = tmp_path / "vocabulary.json"
    vocabulary.save(path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(Img2TweetError, match=r"vocabulary\.json: expected"):
        Vocabulary.load(path)


@pytest.mark.parametrize("content", [b"not json", b"\xff\xfe", b"[]", None])
def test_a_broken_or_missing_file_is_one_line(tmp_path, content):
    path = tmp_path / "vocabulary.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Img2TweetError) as caught:
        Vocabulary.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("texts", [[], ["", "http://t.co/x"], ["every word once"]])
def test_nothing_to_learn_from_is_an_error(texts):
    with pytest.raises(Img2TweetError):
        Vocabulary.build(texts)


def test_an_extended_vocabulary_keeps_ids_and_adds_words():
    old = Vocabulary.build(["The cat sat in London", "the cat ran"], min_count=1)
    new = old.extended(Vocabulary.build(["GO Rovers", "the tram to London"], min_count=1))
    assert new.words[: len(old)] == old.words
    assert set(new.words[len(old) :]) == {"go", "rovers", "tram", "to"}
    assert new.decode(new.encode("the rovers tram")) and new.surface("london") == "London"
    assert old.extended(old) == old


def test_texts_that_are_tokenized_already_give_the_same(vocabulary):
    tokens = [tokenize(clean(text)) for text in TEXTS]
    assert Vocabulary.build(tokens, min_count=1) == vocabulary
    assert [vocabulary.encode(each) for each in tokens] == [vocabulary.encode(text) for text in TEXTS]
    np.testing.assert_array_equal(vocabulary.encode_batch(tokens, 9), vocabulary.encode_batch(TEXTS, 9))
