"""Where a captioner looked: at texts that are known, and at those it wrote."""


import numpy as np
import pytest

from img2tweet_tf.generation import attention_maps, decode
from img2tweet_tf.generation.attention import attention_of_texts
from img2tweet_tf.models import GloVeLSTM, ShowAttendTell, TransformerCaptioner
from img2tweet_tf.training import new_captioner, set_seed
from img2tweet_tf.utils.errors import Img2TweetError

WORDS, TIME, GRID = 12, 5, (2, 3, 5)
SIZES = {
    GloVeLSTM: {"embedding_dim": 6, "units": 8},
    ShowAttendTell: {"embedding_dim": 6, "units": 8, "annotation_dim": 10},
    TransformerCaptioner: {"embedding_dim": 6, "d_model": 8, "num_layers": 2, "num_heads": 2, "inner_dim": 16},
}
SEVERAL = {ShowAttendTell: (), TransformerCaptioner: (2, 2)}  # layers and heads


def build(kind):
    set_seed(1)
    return new_captioner(kind, GRID, vocabulary_size=WORDS, **SIZES[kind])


@pytest.fixture(scope="module", params=SEVERAL, ids=lambda kind: kind.__name__)
def model(request):
    return build(request.param)


def toy_batch(images=3, texts=2):
    random = np.random.default_rng(0)
    ids = random.integers(4, WORDS, (images, texts, TIME))
    ids[..., 0] = 1
    return random.normal(size=(images, *GRID)).astype("float32"), ids


def test_there_is_a_map_of_the_whole_grid_for_each_word(model):
    images, ids = toy_batch()
    maps = attention_maps(model, images, ids)
    assert maps.shape == (3, 2, TIME, *SEVERAL[type(model)], 2, 3) and maps.dtype == np.float32
    np.testing.assert_allclose(maps.sum(axis=(-2, -1)), 1, atol=1e-5)


def test_rows_and_columns_of_a_map_are_those_of_the_image(model):
    """It follows a cell that stands out."""
    images, ids = toy_batch(images=1, texts=1)
    maps = attention_maps(model, images, ids)
    images[0, 0, 2] += 4 * np.random.default_rng(3).normal(size=GRID[-1])
    change = np.abs(attention_maps(model, images, ids) - maps).sum(axis=tuple(range(maps.ndim - 2)))
    assert np.unravel_index(change.argmax(), change.shape) == (0, 2)


@pytest.mark.parametrize("method", ["greedy", "beam"])
def test_decoding_returns_the_looks_of_the_words_it_wrote(model, method):
    images, _ = toy_batch()
    texts, _, maps = decode(model, images, method, max_length=4, return_attention=True)
    assert maps.shape[:2] == (3, max(map(len, texts)) + 1) and maps.shape[-2:] == GRID[:2]
    for image, text, looks in zip(images, texts, maps, strict=True):
        read = attention_maps(model, image[None], np.array([[[1, *text]]]))[0, 0]
        np.testing.assert_allclose(looks[: len(text) + 1], read, atol=1e-5)
        assert not looks[len(text) + 1 :].any()


def test_texts_are_read_in_batches_of_any_size(model):
    images, _ = toy_batch()
    texts = [[4, 5, 6], [7], [8, 9]]
    together = attention_of_texts(model, images, texts)
    assert together.shape[:2] == (3, 4)
    np.testing.assert_allclose(attention_of_texts(model, images, texts, batch_size=2), together, atol=1e-6)


def test_a_model_that_sees_the_image_as_one_vector_says_so():
    model, (images, ids) = build(GloVeLSTM), toy_batch()
    for ask in (lambda: attention_maps(model, images, ids), lambda: decode(model, images, return_attention=True)):
        with pytest.raises(Img2TweetError, match="glove_lstm has no attention: it sees the image as one vector"):
            ask()
