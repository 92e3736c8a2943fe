import numpy as np
import pytest

from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.evaluation import swap_test
from img2tweet_tf.features import extract_features


def test_gains_are_the_difference_of_the_two_losses(toy_world):
    data, _, captioner = toy_world
    pairs = load_pairs(data)
    features = extract_features(pairs, captioner.encoder)
    swap = swap_test(captioner, pairs[:10], features)
    tokens = np.concatenate(swap.gains)
    assert tokens.mean() == pytest.approx(swap.swapped - swap.own)
    assert swap.gain.value == pytest.approx(np.mean([row.mean() for row in swap.gains]))
    assert swap.words[0][-1] == "(end)" and len(swap.words[0]) == len(swap.gains[0])
    assert swap.pair_ids == [pair.id for pair in pairs[:10]]
    alone = swap_test(captioner, pairs[:1], features)
    assert alone.own == alone.swapped, "one image can't be swapped"
