"""Reranking, on a scripted model: what the image adds decides, and not what fits any image."""

import numpy as np
import pytest
from scripted import IMAGES, Scripted, log_probability

from img2tweet_tf.generation import decode, token_nats

MEAN = 2  # in the scripted model, the "mean image" is the one of this number
MEAN_IMAGE = np.array([float(MEAN)], "float32")


@pytest.mark.parametrize("weight, power", [(0.3, 0.0), (1.0, 0.0), (0.5, 0.7)])
@pytest.mark.parametrize("method, written", [("beam", {"beam_width": 6}), ("nucleus", {"candidates": 12})])
def test_the_best_text_is_the_likelier_by_its_image(method, written, weight, power):
    model, options = Scripted(11), {"max_length": 3, "length_power": power, **written}
    plain, _ = decode(model, IMAGES, method, several=6 if method == "beam" else 12, **{**options, "candidates": 12})
    texts, totals = decode(model, IMAGES, method, several=3, rerank=weight, mean_image=MEAN_IMAGE, **options)
    for image in range(2):

        def gain(text, image=image):
            own, vague = (log_probability(model, each, text) for each in (image, MEAN))
            return (own - weight * vague) / (len(text) + 1) ** power

        best = sorted({tuple(text) for text in plain[image]}, key=gain, reverse=True)[:3]
        assert texts[image] == [list(text) for text in best]
        np.testing.assert_allclose(totals[image], [log_probability(model, image, text) for text in best], atol=1e-4)


def test_a_text_that_fits_any_image_makes_room_for_one_that_fits_this_image():
    table = np.full((3, 6, 2, 6), -30.0)
    table[:, :, 0, 4], table[:, :, 0, 5] = np.log(0.6), np.log(0.01)  # "a portion of fries" fits all,
    table[0, :, 0, 4:] = np.log([0.6, 0.4])  # "a red bicycle" image 0 alone
    model, options = Scripted(table=table), {"max_length": 1, "beam_width": 2}
    assert decode(model, IMAGES, "beam", **options)[0] == [[4], [4], [4]]
    assert decode(model, IMAGES, "beam", rerank=0.5, mean_image=MEAN_IMAGE, **options)[0] == [[5], [4], [4]]


def test_nats_of_known_texts_are_the_tables():
    model, text = Scripted(12), [5, 4, 6]
    nats = token_nats(model, {"image": IMAGES}, [[[1, *text, 2, 0]]] * 3)
    assert nats.shape == (3, 1, 5)
    for image in range(3):
        assert nats[image, 0, :4].sum() == pytest.approx(-log_probability(model, image, text), abs=1e-4)


def test_no_image_gives_no_text():
    texts, totals = decode(Scripted(), IMAGES[:0], "beam", rerank=0.5, mean_image=MEAN_IMAGE)
    assert texts == [] and totals.shape == (0,)
