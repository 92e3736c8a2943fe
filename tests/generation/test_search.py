"""Greedy and beam search, on a scripted model whose every probability is known."""

import gc
import itertools
import weakref

import numpy as np
import pytest
from scripted import END, IMAGES, START, Scripted, grids, log_probability

from img2tweet_tf.generation import decode
from img2tweet_tf.utils.errors import Img2TweetError


def best_of_all(model, image, words, longest, power):
    """Exhaustive search over every text of 1 to `longest` words."""
    texts = [text for length in range(1, longest + 1) for text in itertools.product(words, repeat=length)]
    best = max(texts, key=lambda text: log_probability(model, image, text) / (len(text) + 1) ** power)
    return list(best), log_probability(model, image, best)


@pytest.mark.parametrize("power", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_beam_as_wide_as_the_search_space_is_exhaustive(seed, power):
    model = Scripted(seed)
    texts, totals = decode(model, IMAGES, "beam", max_length=3, beam_width=4 + 16 + 64, length_power=power)
    for image in range(3):
        text, total = best_of_all(model, image, range(4, 8), 3, power)
        assert texts[image] == text
        assert totals[image] == pytest.approx(total, abs=1e-4)


def test_greedy_takes_the_likeliest_word_each_time():
    model = Scripted(5)
    texts, totals = decode(model, IMAGES, "greedy", max_length=3)
    for image, text in enumerate(texts):
        last, expected = START, []
        for place in range(3):
            logits = model.table[image, last, place].copy()
            logits[[0, 1, 3] + ([END] if place == 0 else [])] = -np.inf
            last = int(logits.argmax())
            if last == END:
                break
            expected.append(last)
        assert text == expected
        assert totals[image] == pytest.approx(log_probability(model, image, text), abs=1e-4)


def test_a_beam_of_one_is_greedy():
    model = Scripted(6)
    beam, _ = decode(model, IMAGES, "beam", max_length=4, beam_width=1)
    assert beam == decode(model, IMAGES, "greedy", max_length=4)[0]


def test_a_beam_is_at_least_as_likely_as_greedy_where_greedy_is_a_trap():
    table = np.full((1, 6, 3, 6), -20.0)
    table[0, START, 0, 4], table[0, START, 0, 5] = np.log(0.6), np.log(0.4)
    table[0, 4, 1, [2, 4, 5]] = np.log([0.3, 0.35, 0.35])
    table[0, 5, 1, END] = 0.0
    table[0, :, 2, END] = 0.0
    model = Scripted(table=table)
    assert decode(model, IMAGES[:1], "greedy", max_length=3)[0] in ([[4, 4]], [[4, 5]])
    assert decode(model, IMAGES[:1], "beam", max_length=3, beam_width=2, length_power=0.0)[0] == [[5]]


def test_pad_start_and_unknown_are_never_written_and_no_text_is_empty():
    table = np.zeros((3, 8, 5, 8))
    table[..., [0, 1, 3]] = 50.0
    table[:, START, 0, END] = 40.0
    for method in ("greedy", "beam"):
        texts, _ = decode(Scripted(table=table), IMAGES, method, max_length=4)
        assert all(text and set(text) <= {4, 5, 6, 7} for text in texts)


def test_a_text_that_does_not_end_is_cut_at_its_longest():
    table = np.zeros((3, 8, 10, 8))
    table[..., END] = -50.0
    assert [len(text) for text in decode(Scripted(table=table), IMAGES, "beam", max_length=6)[0]] == [6, 6, 6]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_no_run_of_words_is_written_twice(size):
    table = np.full((3, 8, 10, 8), -9.0)
    for word in range(4, 8):  # 4 5 6 4 5 6 ..., the end far less likely than another round
        table[:, word, :, 4 + (word - 3) % 3] = 5.0
    table[:, START, :, 4] = 5.0
    table[..., END] = -1.0
    free, _ = decode(Scripted(table=table), IMAGES, "beam", max_length=9)
    assert free[0] == [4, 5, 6] * 3
    for text in decode(Scripted(table=table), IMAGES, "beam", max_length=9, no_repeat_ngram=size)[0]:
        runs = [tuple(text[start : start + size]) for start in range(len(text) - size + 1)]
        assert text[:3] == [4, 5, 6] and len(runs) == len(set(runs))


def test_batches_change_nothing():
    model = Scripted(7, images=9)
    together, scores = decode(model, grids(9), "beam", max_length=4)
    texts, again = decode(model, grids(9), "beam", batch_size=4, max_length=4)
    assert texts == together
    np.testing.assert_allclose(again, scores, atol=1e-5)


def test_no_image_gives_no_text():
    texts, totals = decode(Scripted(), IMAGES[:0], "greedy")
    assert texts == [] and totals.shape == (0,)


@pytest.mark.parametrize(
    "options, named",
    [
        ({"method": "magic"}, "expected one of greedy, beam, top_k, nucleus, got .magic."),
        ({"max_length": 0}, "from 1 to"),
        ({"method": "beam", "beam_width": 0}, "from 1 to"),
        ({"batch_size": 0}, "from 1 to"),
        ({"no_repeat_ngram": -1}, "from 0 to"),
        ({"method": "top_k", "top_k": 0}, "from 1 to"),
        ({"method": "nucleus", "top_p": 1.5}, "top_p: expected a number over 0, at most 1, got 1.5"),
        ({"method": "nucleus", "temperature": 0}, "over 0"),
        ({"method": "nucleus", "temperature": float("inf")}, "over 0"),
        ({"length_power": float("nan")}, "a number, got nan"),
        ({"seed": -1}, "from 0 to"),
        ({"min_length": 5, "max_length": 4}, "min_length 5 is over max_length 4"),
        ({"several": 2}, "greedy search writes one text"),
        ({"method": "beam", "beam_width": 3, "several": 4}, "a beam of width 3 has no 4 texts"),
        ({"method": "beam", "several": 2, "return_attention": True}, "one text of an image"),
        ({"method": "beam", "rerank": 0.5}, "needs the mean image"),
        ({"beam": 5}, "decoding has no option beam"),
    ],
)
def test_bad_options_are_one_clear_line(options, named):
    with pytest.raises(Img2TweetError, match=named):
        decode(Scripted(), IMAGES, **options)


def test_one_loop_is_compiled_for_all_sets_of_a_size(monkeypatch):
    model, calls = Scripted(), []
    monkeypatch.setattr(model, "encode", lambda images: calls.append(1) or Scripted.encode(model, images))
    for count in (3, 4, 3):
        decode(model, grids(count) % 3, "greedy", max_length=2)
    assert len(calls) == 1


def test_a_model_that_is_no_longer_used_is_let_go():
    model = Scripted()
    decode(model, IMAGES, "greedy", max_length=2)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_several_texts_of_a_beam_are_the_best_in_order(power):
    model, words = Scripted(8), range(4, 8)
    options = {"max_length": 2, "beam_width": 4 + 16, "length_power": power, "several": 5}
    texts, totals = decode(model, IMAGES, "beam", **options)
    every = [text for length in (1, 2) for text in itertools.product(words, repeat=length)]
    for image in range(3):
        score = {text: log_probability(model, image, text) for text in every}
        best = sorted(every, key=lambda text: -score[text] / (len(text) + 1) ** power)[:5]
        assert texts[image] == [list(text) for text in best]
        np.testing.assert_allclose(totals[image], [score[text] for text in best], atol=1e-4)


def test_where_fewer_texts_are_possible_a_beam_has_no_more():
    texts, totals = decode(Scripted(9, words=2), IMAGES, "beam", max_length=1, beam_width=4, several=4)
    assert [sorted(of_image) for of_image in texts] == [[[4], [5]]] * 3
    assert np.isfinite(totals).tolist() == [[True, True, False, False]] * 3


@pytest.mark.parametrize("method", ["greedy", "beam", "top_k"])
def test_no_text_is_shorter_than_its_least(method):
    table = np.zeros((3, 8, 9, 8))
    table[..., END] = 9.0
    texts, _ = decode(Scripted(table=table), IMAGES, method, min_length=5, max_length=8)
    assert [len(text) for text in texts] == [5, 5, 5]


def test_a_penalty_makes_repeated_words_less_likely_and_reported_probabilities_stay_the_models_own():
    table = np.full((3, 8, 5, 8), -9.0)
    table[..., 4], table[..., 5], table[:, :, 3, END] = np.log(0.6), np.log(0.4), 9.0
    model = Scripted(table=table)
    assert decode(model, IMAGES, max_length=4)[0] == [[4, 4, 4]] * 3
    for penalty, text in ((1.7, [4, 4, 4]), (1.9, [4, 5, 4])):  # log 0.6 * 1.79 = log 0.4
        for method in ("greedy", "beam"):
            texts, totals = decode(model, IMAGES, method, max_length=4, beam_width=1, repetition_penalty=penalty)
            assert texts == [text] * 3
            assert totals[0] == pytest.approx(log_probability(model, 0, text), abs=1e-4)


def test_copies_come_last_in_the_order_they_had():
    model, options = Scripted(5), {"max_length": 3, "beam_width": 6}
    plain, totals = decode(model, IMAGES, "beam", several=6, **options)
    copies = [{tuple(plain[image][place]) for place in (0, 2)} for image in range(3)]

    def is_copy(image, text):
        return tuple(text) in copies[image]

    last, its_totals = decode(model, IMAGES, "beam", several=6, avoid_copies=True, is_copy=is_copy, **options)
    order = [1, 3, 4, 5, 0, 2]
    assert last == [[texts[place] for place in order] for texts in plain]
    np.testing.assert_allclose(its_totals, totals[:, order])
    assert decode(model, IMAGES, "beam", avoid_copies=True, is_copy=is_copy, **options)[0] == [of[1] for of in plain]
    with pytest.raises(Img2TweetError, match="avoid_copies: needs is_copy"):
        decode(model, IMAGES, "beam", avoid_copies=True, **options)
