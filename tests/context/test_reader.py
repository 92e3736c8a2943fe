"""Facts as arrays: fields, words, copies, accounts; and the extended vocabulary of a pair."""

import numpy as np
import pytest

from img2tweet_tf.context import ContextReader
from img2tweet_tf.context.reader import COPY, FIELD, LONGEST, PLACE, TOKEN
from img2tweet_tf.text import Vocabulary
from img2tweet_tf.training import make_ids

FACTS = [[("account", "@ines"), ("city", "Lisbon")], [("account", "ines"), ("city", "Porto"), ("pet", "Kex")]]


@pytest.fixture
def vocabulary():
    return Vocabulary.build(["Lisbon is a city", "a city", "Lisbon again"], min_count=2)


@pytest.fixture
def reader():
    return ContextReader.build("facts", FACTS, min_count=2)


def test_what_is_rare_is_unknown(reader):
    assert (reader.fields, reader.accounts) == (["account", "city"], ["ines"])
    assert reader.sizes() == {"num_fields": 4, "num_accounts": 2}
    assert vars(ContextReader.from_json(reader.to_json())) == vars(reader)


def test_each_token_has_its_field_its_place_and_what_it_is_copied_as(reader, vocabulary):
    facts = [("city", "Lisbon"), ("pet", "Sir Kex"), ("city", "kex")]
    arrays, own = reader.read([facts, [("account", "@INES")], [("account", "new_one")], []], vocabulary)
    size, lisbon = len(vocabulary), vocabulary.encode("Lisbon")[1]
    assert arrays["context"].shape == (4, LONGEST, 4) and arrays["context"].dtype == np.int32
    rows = arrays["context"][0, :5]
    assert rows[:, FIELD].tolist() == [3, 1, 1, 3, 0] and rows[:, PLACE].tolist() == [0, 0, 1, 0, 0]
    assert rows[:, TOKEN].tolist() == [lisbon, 3, 3, 3, 0]
    assert rows[:, COPY].tolist() == [lisbon, size, size + 1, size + 1, 0] and own[0] == ["Sir", "Kex"]
    assert arrays["account"].tolist() == [0, 1, 0, 0]
    assert own[2] == ["@new_one"] and not arrays["context"][3].any()


def test_texts_are_numbered_and_written_in_the_extended_vocabulary(reader, vocabulary):
    _, own = reader.read([[("pet", "McKex III")]], vocabulary)
    ids = make_ids([[["a", "city", "mckex", "III", "fish"]]], vocabulary, 8, own=own)[0, 0]
    size = len(vocabulary)
    assert ids[3:6].tolist() == [size, size + 1, Vocabulary.UNK]
    assert vocabulary.decode(ids, own[0]) == "A city McKex III"
    assert vocabulary.decode(ids) == "A city"


def test_facts_beyond_the_longest_are_left_out(reader, vocabulary):
    arrays, own = reader.read([[("pet", f"name{n}") for n in range(300)]], vocabulary)
    assert len(own[0]) == LONGEST and arrays["context"][0, -1, COPY] == len(vocabulary) + LONGEST - 1
