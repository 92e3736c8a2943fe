"""Top-k and nucleus sampling: the share of each draw is that of the distribution, and the seed decides it."""

import numpy as np
import pytest
from scripted import IMAGES, Scripted, grids, log_probability

from img2tweet_tf.generation import decode

P = np.array([0.1, 0.4, 0.2, 0.3])  # of the words 4 to 7


def one_word(p=P):
    """A model that writes one word, of these probabilities, whatever came before."""
    table = np.full((3, 8, 2, 8), -30.0)
    table[:, :, 0, 4:] = np.log(p)
    return Scripted(table=table)


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"method": "nucleus", "top_p": 1.0}, P),
        ({"method": "nucleus", "top_p": 1.0, "temperature": 0.5}, P**2 / (P**2).sum()),
        ({"method": "nucleus", "top_p": 1.0, "temperature": 2.0}, P**0.5 / (P**0.5).sum()),
        ({"method": "nucleus", "top_p": 0.65}, np.array([0, 4, 0, 3]) / 7),  # 0.4 is too few, 0.7 is enough
        ({"method": "nucleus", "top_p": 0.75}, np.array([0, 4, 2, 3]) / 9),
        ({"method": "top_k", "top_k": 2}, np.array([0, 4, 0, 3]) / 7),
        ({"method": "top_k", "top_k": 3}, np.array([0, 4, 2, 3]) / 9),
        ({"method": "top_k", "top_k": 3, "temperature": 0.5}, np.array([0, 16, 4, 9]) / 29),
    ],
)
def test_each_word_is_drawn_as_often_as_it_is_likely(options, expected):
    texts, _ = decode(one_word(), grids(12) % 3, max_length=1, several=1000, **options)
    drawn = np.bincount([text[0] - 4 for of_image in texts for text in of_image], minlength=4) / 12_000
    assert (drawn[expected == 0] == 0).all()
    np.testing.assert_allclose(drawn, expected, atol=4 * np.sqrt(0.25 / 12_000))


@pytest.mark.parametrize("options", [{"method": "top_k", "top_k": 1}, {"method": "nucleus", "top_p": 1e-6}])
def test_drawing_from_the_likeliest_word_is_greedy(options):
    model = Scripted(3)
    texts, totals = decode(model, IMAGES, max_length=4, **options)
    greedy, its_totals = decode(model, IMAGES, "greedy", max_length=4)
    assert texts == greedy
    np.testing.assert_allclose(totals, its_totals, atol=1e-5)


def test_more_likeliest_words_than_there_are_means_all():
    texts, _ = decode(one_word(), IMAGES, "top_k", top_k=100, max_length=1, several=100)
    assert {text[0] for of_image in texts for text in of_image} == {4, 5, 6, 7}


def test_the_same_seed_draws_the_same_and_another_one_others():
    model = Scripted(4)
    first, again, other = (
        decode(model, IMAGES, "nucleus", seed=seed, several=6, max_length=4)[0] for seed in (1, 1, 2)
    )
    assert first == again != other


def test_the_texts_of_an_image_depend_on_no_image_beside_it_and_no_batch():
    model = Scripted(5, images=9)
    options = {"method": "nucleus", "several": 3, "max_length": 4, "seed": 7}
    texts, _ = decode(model, grids(9), **options)
    assert decode(model, grids(9), batch_size=4, **options)[0] == texts
    assert decode(model, grids(4), **options)[0] == texts[:4]
    assert decode(model, grids(9)[4:], first=4, **options)[0] == texts[4:]


def test_log_probabilities_are_the_models_own_whatever_the_temperature():
    model = Scripted(6)
    texts, totals = decode(model, IMAGES, "top_k", top_k=3, temperature=3.0, several=4, max_length=3)
    for image in range(3):
        own = [log_probability(model, image, text) for text in texts[image]]
        np.testing.assert_allclose(totals[image], own, atol=1e-4)


def test_a_draw_at_the_very_end_of_the_distribution_is_a_word_of_it():
    from img2tweet_tf.generation.options import Decoding
    from img2tweet_tf.generation.sampling import draw
    from img2tweet_tf.utils.backend import tf

    scores = tf.constant(np.log([*P, 1e-9])[None, None].astype("float32"))
    last = tf.constant([[np.nextafter(np.float32(1), np.float32(0))]])
    assert int(draw(scores, last, Decoding(method="nucleus", top_p=0.65))[0, 0]) == 3
    assert int(draw(scores, 0 * last, Decoding(method="nucleus", top_p=0.65))[0, 0]) == 1


@pytest.mark.parametrize("size", [4999, 5000])
def test_draws_invert_the_cumulative_distribution(size):
    from img2tweet_tf.generation.options import Decoding
    from img2tweet_tf.generation.sampling import draw
    from img2tweet_tf.utils.backend import tf

    p = np.random.default_rng(0).dirichlet(np.full(size, 0.1)).astype("float32")
    likeliest = np.where(p >= np.sort(p)[-50], p, 0).astype("float64")
    numbers = np.linspace(0, 0.9999, 1000, dtype="float32")[None]
    scores = tf.constant(np.broadcast_to(np.log(np.maximum(p, 1e-30)), (1, 1000, size)))
    drawn = draw(scores, tf.constant(numbers), Decoding(method="top_k", top_k=50)).numpy()[0]
    upto = np.cumsum(likeliest) / likeliest.sum()
    assert (upto[drawn] > numbers[0] - 1e-5).all()
    assert (upto[drawn] - likeliest[drawn] / likeliest.sum() <= numbers[0] + 1e-5).all()
    assert (likeliest[drawn] > 0).all()


def test_one_loop_is_compiled_for_all_seeds(monkeypatch):
    model, calls = Scripted(), []
    monkeypatch.setattr(model, "encode", lambda images: calls.append(1) or Scripted.encode(model, images))
    for seed in range(3):
        decode(model, IMAGES, "nucleus", seed=seed, max_length=2)
    assert len(calls) == 1
