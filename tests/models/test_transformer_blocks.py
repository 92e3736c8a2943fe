"""The blocks of the transformer: what stands where, and that writing word by word is reading the whole text."""

import numpy as np
import pytest

from img2tweet_tf.models.transformer_blocks import DecoderBlock, EncoderBlock, grid_positions, sinusoids
from img2tweet_tf.utils.backend import keras

BATCH, TEXTS, TIME, CELLS, WIDTH, HEADS = 2, 3, 5, 6, 8, 2
SIZES = {"d_model": WIDTH, "num_heads": HEADS, "inner_dim": 16, "dropout": 0.5}


def some(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def norm(layer, x):
    """Returns layer normalisation by the weights of a layer, in numpy."""
    scale, shift = layer.get_weights()
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-6) * scale + shift


def feed_forward(layer, x):
    (inner, its_bias), (outer, bias) = layer.inner.get_weights(), layer.outer.get_weights()
    return np.maximum(x @ inner + its_bias, 0) @ outer + bias


def draw_weights(block):
    random = np.random.default_rng(7)
    block.set_weights([random.normal(scale=0.4, size=weight.shape) for weight in block.get_weights()])


def decoder(norm_first):
    block = DecoderBlock(norm_first=norm_first, **SIZES)
    cells = some(BATCH, CELLS, WIDTH, seed=1)
    block(some(BATCH, TEXTS, TIME, WIDTH), block.cross_attention.keys_values(cells))
    draw_weights(block)
    return block, block.cross_attention.keys_values(cells)


@pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])
def test_an_encoder_block_is_attention_then_feed_forward_each_within_its_residual(norm_first):
    block, x = EncoderBlock(norm_first=norm_first, **SIZES), some(BATCH, CELLS, WIDTH)
    block(x)
    draw_weights(block)
    attend = block.self_attention
    first, second = block.residual.norm, block.feed_forward.residual.norm

    def attended(y):
        return np.array(attend(y, *attend.keys_values(y))[0])

    if norm_first:
        expected = x + attended(norm(first, x))
        expected = expected + feed_forward(block.feed_forward, norm(second, expected))
    else:
        expected = norm(first, x + attended(x))
        expected = norm(second, expected + feed_forward(block.feed_forward, expected))
    np.testing.assert_allclose(block(x), expected, atol=1e-4)


@pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])
def test_a_decoder_block_is_self_attention_then_the_image_then_feed_forward(norm_first):
    block, image = decoder(norm_first)
    x = some(BATCH, TEXTS, TIME, WIDTH)
    attend, cross = block.self_attention, block.cross_attention

    def among_words(y):
        return np.array(attend(y, *attend.keys_values(y), attention_mask=np.tri(TIME, dtype=bool))[0])

    def to_the_image(y):
        one_text = [np.array(cross(y[:, text], *image)[0]) for text in range(TEXTS)]
        return np.stack(one_text, axis=1)

    parts = [
        (among_words, block.self_residual.norm),
        (to_the_image, block.cross_residual.norm),
        (lambda y: feed_forward(block.feed_forward, y), block.feed_forward.residual.norm),
    ]
    expected = x
    for part, its_norm in parts:
        if norm_first:
            expected = expected + part(norm(its_norm, expected))
        else:
            expected = norm(its_norm, expected + part(expected))
    np.testing.assert_allclose(block(x, image)[0], expected, atol=1e-4)


@pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])
def test_word_by_word_with_the_past_kept_it_gives_what_the_whole_text_gives(norm_first):
    block, image = decoder(norm_first)
    x = some(BATCH, TEXTS, TIME, WIDTH)
    whole, (keys, values), looks = block(x, image)
    room = keras.ops.convert_to_tensor(some(BATCH, TEXTS, HEADS, TIME + 3, WIDTH // HEADS, seed=2))
    past = room, room  # what stands beyond the words written so far must not be read
    for place in range(TIME):
        word, past, look = block(x[:, :, place : place + 1], image, past, position=place)
        np.testing.assert_allclose(word[:, :, 0], whole[:, :, place], atol=1e-5)
        in_rows = np.array(looks).reshape(BATCH, HEADS, TEXTS, TIME, CELLS)
        np.testing.assert_allclose(look, in_rows[:, :, :, place], atol=1e-5)
    np.testing.assert_allclose(past[0][:, :, :, :TIME], keys, atol=1e-5)
    np.testing.assert_allclose(past[1][:, :, :, :TIME], values, atol=1e-5)


def test_dropout_works_in_training_only():
    block, image = decoder(norm_first=True)
    x = some(BATCH, TEXTS, TIME, WIDTH)
    np.testing.assert_array_equal(block(x, image)[0], block(x, image)[0])
    assert np.abs(np.array(block(x, image, training=True)[0]) - np.array(block(x, image)[0])).max() > 0.1


def test_pre_norm_lets_a_signal_through_untouched():
    """What a pre-norm block adds can be nothing; a post-norm block always norms."""
    for norm_first in (True, False):
        block, x = EncoderBlock(norm_first=norm_first, **SIZES), some(BATCH, CELLS, WIDTH)
        block(x)
        for dense in (block.self_attention.output_dense, block.feed_forward.outer):
            dense.set_weights([np.zeros(weight.shape) for weight in dense.get_weights()])
        assert np.allclose(block(x), x, atol=1e-6) == norm_first


def test_positions_are_the_paper_s_sines_and_cosines():
    made = sinusoids(range(50), WIDTH)
    assert made.shape == (50, WIDTH)
    for place in (0, 1, 7, 49):
        for pair in range(WIDTH // 2):
            angle = place / 10_000 ** (2 * pair / WIDTH)
            assert made[place, [pair, WIDTH // 2 + pair]] == pytest.approx([np.sin(angle), np.cos(angle)], abs=1e-5)


def test_each_cell_of_a_grid_has_a_position_of_its_own():
    made = grid_positions(3, 4, WIDTH).reshape(3, 4, WIDTH)
    assert len(np.unique(made.reshape(12, -1), axis=0)) == 12
    assert (made[:, :, : WIDTH // 2] == made[:, :1, : WIDTH // 2]).all(), "half the channels tell the row"
    assert (made[:, :, WIDTH // 2 :] == made[:1, :, WIDTH // 2 :]).all(), "the other half the column"
