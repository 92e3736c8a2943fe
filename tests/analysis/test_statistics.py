"""Statistics of tweets count what a reader would count."""

import json
from pathlib import Path

import numpy as np
import pytest

from img2tweet_tf.analysis.statistics import STATISTICS, main, text_statistics, word_growth, word_ranks
from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.utils.errors import Img2TweetError

TWEETS = [
    "RT @anna: Two goals! What a day. #football http://t.co/abc",
    "@bo did you see that ?",
    "WE WON AGAIN 😂😂 #fun #MATCH",
    "OK",
    "http://t.co/only",
]


def test_every_number_is_documented():
    assert list(text_statistics(TWEETS)) == list(STATISTICS)


def test_counts_are_those_of_a_reader():
    found = text_statistics(TWEETS)
    assert found["tweets"] == 4  # a link alone is none
    assert found["tokens"] == 6 + 5 + 7 + 1  # without the retweet mark, links, punctuation
    assert found["types"] == found["tokens"] - 1  # the second emoji
    assert found["words_mean"] == 19 / 4 and found["words_median"] == 5.5
    assert found["hashtags_mean"] == 3 / 4 and found["with_hashtag"] == 2 / 4
    assert found["with_mention"] == found["with_emoji"] == found["with_question"] == 1 / 4
    assert found["all_caps"] == 1 / 4  # OK is too short to tell
    assert found["sentences_mean"] == (3 + 1 + 1 + 1) / 4
    assert found["once"] == pytest.approx(17 / 18)


def test_a_question_in_a_link_is_none():
    assert text_statistics(["look http://a.b/c?d=1"])["with_question"] == 0


def test_lost_emoji_are_no_questions():
    assert text_statistics(["so good ?? ????"])["with_question"] == 0


def test_growth():
    same, new = ["the cat sat on a mat"] * 1000, [" ".join(f"w{7 * row + at}" for at in range(7)) for row in range(200)]
    assert text_statistics(same)["types_at_5000"] == 6
    grown = text_statistics(new)
    assert grown["types_at_1000"] == 1000 and grown["once"] == 1
    assert grown["types_at_5000"] is None and grown["once_at_10000"] is None
    mixed = text_statistics(same + new)
    assert 6 < mixed["types_at_1000"] < mixed["types_at_5000"] < 1406


def test_zipf_slope_of_a_zipf_law():
    words = [f"word{rank}" for rank in range(1, 301) for _ in range(3000 // rank)]
    assert text_statistics(words)["zipf_slope"] == pytest.approx(-1, abs=0.05)
    assert text_statistics(["a b c"])["zipf_slope"] is None


def test_the_seed_orders_the_shuffles():
    tweets = [f"a{row * row % 400} b{row * row * row % 300} c" for row in range(600)]
    first, again, other = (text_statistics(tweets, seed)["types_at_1000"] for seed in (1, 1, 2))
    assert first == again != other


def test_nothing_to_measure():
    with pytest.raises(Img2TweetError, match="no word in 2 texts"):
        text_statistics(["...", "http://t.co/x"])


def test_the_command_leaves_numbers_and_no_text(make_pairs, tmp_path):
    records = [
        {"id": str(place), "image": f"images/{place}.png", "text": text} for place, text in enumerate(TWEETS[:4])
    ]
    out = tmp_path / "new" / "numbers.json"
    assert main([str(make_pairs(records)), "--out", str(out)]) == 0
    left = json.loads(out.read_text())
    assert left["statistics"]["tweets"] == 4 and left["data"] == "pairs, 4 pairs"
    assert str(tmp_path) not in out.read_text()
    assert not any(word in out.read_text() for word in ("anna", "goals", "football"))


def test_the_command_on_nothing(tmp_path, capsys):
    assert main([str(tmp_path / "none"), "--out", str(tmp_path / "x.json")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_measured_figures_of_mvsa_hold(shared_data):
    """The numbers that notebooks fall back on are those of the data."""
    file = Path(__file__).resolve().parents[2] / "img2tweet_tf" / "analysis" / "mvsa_statistics.json"
    kept = json.loads(file.read_text())["statistics"]
    texts = [text for texts in load_pairs(shared_data / "mvsa").texts("tweet") for text in texts]
    assert {name: pytest.approx(value, abs=1e-4) for name, value in kept.items()} == text_statistics(texts)


def test_ranks_and_growth_count_words_alike():
    texts = ["Dog dog!", "a dog, a cat"]
    assert word_ranks(texts).tolist() == [3, 2, 1]
    read, types = word_growth(texts, steps=6)
    assert read.tolist() == [1, 2, 3, 4, 5, 6] and types[-1] == 3 and (np.diff(types) >= 0).all()
    assert word_growth(texts, seed=1)[1].tolist() == word_growth(texts, seed=1)[1].tolist()
