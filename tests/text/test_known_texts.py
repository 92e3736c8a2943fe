"""The set of training texts that keeps no text."""

import numpy as np
import pytest

from img2tweet_tf.text import KnownTexts


def test_it_knows_the_words_of_a_text_whatever_stands_between_them():
    known = KnownTexts.from_texts(["Rain again. Lovely!", "", "Up 2-1 at half-time 🎉", "🎉🎉"])
    for text in ("rain again, lovely", "Rain again.  Lovely! #", "UP 2-1 at half-time", "🎉🎉"):
        assert text in known
    for text in ("rain again", "rain again lovely day", "up 2-2 at half-time", "🎉", ""):
        assert text not in known
    assert len(known) == 3 and "" not in KnownTexts.from_texts([""])


def test_no_text_is_mistaken_for_another():
    known = KnownTexts.from_texts(f"tweet number {number}" for number in range(0, 20_000, 2))
    assert [number for number in range(20_000) if f"tweet number {number}" in known] == list(range(0, 20_000, 2))


def test_saved_and_loaded_it_knows_the_same(tmp_path):
    KnownTexts.from_texts(["b", "a"]).save(tmp_path / "known.npy")
    known = KnownTexts.load(tmp_path / "known.npy")
    assert "a" in known and "b" in known and "c" not in known
    np.save(tmp_path / "other.npy", np.zeros((2, 2)))
    with pytest.raises(ValueError, match="expected uint64"):
        KnownTexts.load(tmp_path / "other.npy")
