"""From tokens and images to the arrays that a captioner is fitted on."""

import numpy as np

from img2tweet_tf.text import Vocabulary
from img2tweet_tf.training import make_batches, make_ids, shift, word_counts

PAD, START, END, UNK = range(4)
TEXTS = [["a cat"] * 2, ["a dog"] * 7, ["the tram", "a tram runs far away"]]
TOKENS = [[text.split() for text in texts] for texts in TEXTS]


def read_images(places):
    """Stands for the features of images: grids (n, 2, 3, 1) of nothing but the image's number."""
    return np.ones((len(places), 2, 3, 1), np.float32) * np.asarray(places)[:, None, None, None]


def shown(batches):
    """Returns the numbers of the images of each batch."""
    return [x["image"].numpy()[:, 0, 0, 0].astype(int).tolist() for x, _, _ in batches]


def toy_ids(images, texts=2, time=6):
    ids = np.random.default_rng(0).integers(4, 9, (images, texts, time)).astype(np.int32)
    ids[..., 0], ids[:, 0, -2:] = START, PAD
    return ids


def test_shift_gives_inputs_targets_and_weights():
    inputs, targets, weights = shift(np.array([[[1, 7, 8, 2, 0], [1, 9, 2, 0, 0]]]))
    assert inputs.tolist() == [[[1, 7, 8, 2], [1, 9, 2, 0]]]
    assert targets.tolist() == [[[7, 8, 2, 0], [9, 2, 0, 0]]]
    assert weights.tolist() == [[[1, 1, 1, 0], [1, 1, 0, 0]]] and weights.dtype == np.float32


def test_texts_of_an_image_stand_together_and_what_is_too_much_is_cut():
    vocabulary = Vocabulary.build([tokens for texts in TOKENS for tokens in texts], min_count=1)
    ids = make_ids(TOKENS, vocabulary, length=5, n=5)
    assert ids.shape == (3, 5, 5) and ids.dtype == np.int32
    written = [[vocabulary.decode(row[1:]) for row in texts if row[0] == START] for texts in ids]
    assert written == [["a cat"] * 2, ["a dog"] * 5, ["the tram", "a tram runs far"]]
    assert END not in ids[2, 1], "a text that was cut has no end"
    assert (ids[0, 2:] == PAD).all()
    assert make_ids(TOKENS, vocabulary, length=5).shape == (3, 7, 5), "by default all texts of an image"


def test_each_id_is_counted_as_often_as_it_is_a_target():
    counts = word_counts(np.array([[[1, 7, 8, 2, 0], [1, 8, 2, 0, 0]], [[1, 3, 2, 0, 0], [0] * 5]]), 10)
    assert counts.tolist() == [0, 0, 3, 1, 0, 0, 0, 1, 2, 0]


def test_a_batch_has_the_shapes_of_the_contract():
    ids = toy_ids(11)
    batches = make_batches(ids, read_images, 4)
    assert int(batches.cardinality()) == 3
    inputs, targets, weights = next(iter(batches))
    assert inputs["image"].shape == (4, 2, 3, 1) and inputs["image"].dtype == "float32"
    for part, dtype in ((inputs["ids"], "int32"), (targets, "int32"), (weights, "float32")):
        assert part.shape == (4, 2, 5) and part.dtype == dtype
    for made, expected in zip((inputs["ids"], targets, weights), shift(ids[:4]), strict=True):
        np.testing.assert_array_equal(made, expected)


def test_a_pass_shows_each_image_once_in_the_order_it_is_given():
    ids = toy_ids(11)
    assert shown(make_batches(ids, read_images, 4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10]]
    orders = iter([np.arange(11)[::-1], np.roll(np.arange(11), 3)])
    batches = make_batches(ids, read_images, 4, order=lambda: next(orders))
    assert shown(batches) == [[10, 9, 8, 7], [6, 5, 4, 3], [2, 1, 0]]
    assert shown(batches) == [[8, 9, 10, 0], [1, 2, 3, 4], [5, 6, 7]], "each pass asks for its order"


def test_texts_go_with_their_image_in_any_order():
    ids = toy_ids(5)
    for inputs, targets, _ in make_batches(ids, read_images, 2, order=lambda: np.array([3, 1, 4, 0, 2])):
        for number, its_ids, its_targets in zip(inputs["image"], inputs["ids"], targets, strict=True):
            np.testing.assert_array_equal(its_ids, ids[int(number[0, 0, 0]), :, :-1])
            np.testing.assert_array_equal(its_targets, ids[int(number[0, 0, 0]), :, 1:])


def test_no_pass_waits_for_the_thread_of_autotuning():
    """That thread sleeps ever longer, and ends of passes waited for it: an epoch took up to twice its time."""
    assert make_batches(toy_ids(3), read_images, 2).options().autotune.enabled is False
