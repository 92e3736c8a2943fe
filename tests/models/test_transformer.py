"""The transformer as a whole: its sizes, pre-norm, and how many words it can write."""

import numpy as np
import pytest
from test_captioners import build, logits, read_by_steps, toy_batch

from img2tweet_tf.generation import attention_maps, decode
from img2tweet_tf.models import TransformerCaptioner
from img2tweet_tf.utils.errors import Img2TweetError


def test_with_pre_norm_too_steps_give_what_training_gives():
    model, batch = build("transformer", norm_first=True, num_layers=1), toy_batch()
    np.testing.assert_allclose(read_by_steps(model, batch)[0], logits(model, batch), atol=1e-5)
    post = build("transformer", num_layers=1)
    assert len(model.weights) == len(post.weights) + 4, "a norm behind the encoder, and one behind the decoder"


def test_word_vectors_of_the_model_s_own_width_are_not_projected():
    assert build("transformer", embedding_dim=8, num_layers=1).word_dense.weights == []


@pytest.mark.parametrize("sizes", [{"d_model": 9}, {"d_model": 10, "num_heads": 2}, {"d_model": 8, "num_heads": 3}])
def test_a_width_that_heads_and_positions_cannot_share_is_refused(sizes):
    with pytest.raises(ValueError, match="d_model must be a multiple of num_heads .* and of 4"):
        TransformerCaptioner(12, **sizes)


def test_it_writes_and_reads_as_many_tokens_as_it_has_room_for_and_says_so():
    model, batch = build("transformer", num_layers=1, max_length=4), toy_batch()
    assert logits(model, batch).shape[2] == 6, "training has no such limit"
    with pytest.raises(Img2TweetError, match="transformer writes at most 3 words, got max_length 4"):
        decode(model, batch["image"], max_length=4)
    with pytest.raises(Img2TweetError, match="transformer reads at most 4 tokens, got 6"):
        attention_maps(model, batch["image"], batch["ids"])
    assert attention_maps(model, batch["image"], batch["ids"][..., :4]).shape == (3, 2, 4, 1, 2, 2, 3)


def test_cells_of_the_grid_are_told_apart_by_their_place():
    model, batch = build("transformer", num_layers=1), toy_batch()
    turned = batch["image"][:, ::-1].copy()
    assert np.abs(logits(model, batch, image=turned) - logits(model, batch)).max() > 1e-3
