"""What every captioner must do that reads facts: the five tests of all captioners, and copying."""

import numpy as np
import pytest
import test_captioners as toy
from conftest import without_tracing
from test_captioners import GRID, MODELS, TIME, VOCABULARY, compiled, fit_again_and_again, logits

from img2tweet_tf.generation import attention_maps, decode, fact_attention
from img2tweet_tf.models.pointer import Pointer, mix
from img2tweet_tf.training import shift

FACTS = 4  # tokens of facts; their own words have the ids VOCABULARY to VOCABULARY + FACTS - 1


FACTS_READ = {"num_fields": 5, "num_accounts": 3}


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    return toy.build(request.param, **FACTS_READ)


@pytest.fixture(params=MODELS)
def plain(request):
    return toy.build_plain(request.param, **FACTS_READ)


def toy_batch(images=3, texts=2, seed=0):
    """A batch in which the third token of every text is copied: the first own word of its pair."""
    random, batch = np.random.default_rng(seed), toy.toy_batch(images, texts, seed)
    batch["ids"][:, :, 2] = VOCABULARY
    context = np.zeros((images, FACTS, 4), "int32")
    context[:, :3, 0] = [2, 3, 4]  # the last row is no fact
    context[:, :3, 2] = random.integers(3, VOCABULARY, (images, 3))
    context[:, :3, 3] = context[:, :3, 2]
    context[:, 1, 2:] = [3, VOCABULARY]  # unknown, the first own word
    return batch | {"context": context, "account": random.integers(0, 3, images).astype("int32")}


def without_facts(batch):
    return {**batch, "context": batch["context"] * 0, "account": batch["account"] * 0}


def test_there_is_a_probability_for_each_word_of_the_extended_vocabulary(model):
    batch = toy_batch()
    assert logits(model, batch).shape == (3, 2, TIME, VOCABULARY + FACTS)
    np.testing.assert_allclose(np.exp(logits(model, batch)).sum(axis=-1), 1, atol=1e-4)
    assert logits(model, batch)[..., VOCABULARY].min() > -10, "the own word can be copied"
    assert logits(model, batch)[..., VOCABULARY + 1 :].max() < -20, "what no fact says cannot"
    assert logits(model, without_facts(batch))[..., VOCABULARY:].max() < -20


def test_padding_changes_nothing_before_it(model):
    batch = toy_batch()
    padded = np.pad(batch["ids"], ((0, 0), (0, 0), (0, 4)))
    np.testing.assert_allclose(logits(model, batch, ids=padded)[:, :, :TIME], logits(model, batch), atol=1e-4)
    more = np.pad(batch["context"], ((0, 0), (0, 3), (0, 0)))
    np.testing.assert_allclose(logits(model, batch, context=more)[..., :-3], logits(model, batch), atol=1e-4)


def test_a_future_token_leaves_earlier_logits_alone(model):
    toy.check_future(model, toy_batch(), atol=1e-4)


def test_saved_and_loaded_it_gives_identical_logits(model, tmp_path):
    toy.check_saving(model, toy_batch(), tmp_path)


def test_one_batch_can_be_overfitted(plain):
    toy.check_overfitting(plain, toy_batch(texts=1))


def test_step_by_step_it_gives_the_logits_of_training(model):
    np.testing.assert_allclose(toy.read_by_steps(model, toy_batch())[0], logits(model, toy_batch()), atol=1e-4)


def test_facts_and_account_make_a_difference_and_a_captioner_without_reads_neither(model):
    batch = toy_batch()
    for other in (without_facts(batch), {**batch, "account": (batch["account"] + 1) % 3}):
        assert np.abs(logits(model, other) - logits(model, batch)).max() > 1e-3
    bare = toy.build(model.name)
    assert bare.count_params() < model.count_params() and not hasattr(bare, "pointer")
    alone = toy.toy_batch()
    np.testing.assert_array_equal(logits(bare, batch | alone), logits(bare, alone))


def test_it_learns_to_copy_words_that_it_has_never_seen(plain, monkeypatch):
    """Each pair's text is the own word of field 3, or of field 4 where the account is 2; they are unknown words."""
    random = np.random.default_rng(0)
    count = 32
    account = random.integers(1, 3, count).astype("int32")
    context = np.zeros((count, FACTS, 4), "int32")
    for row in range(count):
        fields = random.permutation([2, 3, 4])
        context[row, :3] = [[field, 0, 3, VOCABULARY + place] for place, field in enumerate(fields)]
    wanted = np.argmax(context[..., 0] == (account[:, None] + 2), axis=1)
    ids = np.full((count, 1, 3), 1, "int32")
    ids[:, 0, 1], ids[:, 0, 2] = VOCABULARY + wanted, 2
    inputs, targets, weights = shift(ids)
    images = random.normal(size=(count, *GRID)).astype("float32")
    batch = {"image": images, "ids": inputs, "context": context, "account": account}
    known, new = slice(24), slice(24, count)
    compiled(plain)
    part = {name: array[known] for name, array in batch.items()}
    fit_again_and_again(plain, part, targets[known], weights[known], 400)
    facts = {name: batch[name][new] for name in ("context", "account")}
    without_tracing(monkeypatch)
    texts, _ = decode(plain, images[new], facts=facts, max_length=2)
    assert np.mean([text[:1] == [word] for text, word in zip(texts, ids[new, 0, 1], strict=True)]) >= 0.75
    beams, _ = decode(plain, images[new], "beam", facts=facts, max_length=2)
    assert np.mean([text[:1] == [word] for text, word in zip(beams, ids[new, 0, 1], strict=True)]) >= 0.75


def test_attention_over_the_image_is_there_with_facts_as_well(model):
    if model.name in toy.WITHOUT_ATTENTION:
        return
    batch = toy_batch()
    facts = {name: batch[name] for name in ("context", "account")}
    maps = attention_maps(model, batch["image"], batch["ids"], facts)
    np.testing.assert_allclose(maps.sum(axis=(-1, -2)), 1, atol=1e-4)


def test_the_mixture_is_that_of_the_paper():
    logits_of = np.log(np.array([[[0.5, 0.3, 0.2]]], "float32"))
    weights, gate = np.array([[[0.2, 0.6, 0.2]]], "float32"), np.array([[[0.25]]], "float32")
    copies = np.array([[1, 3]])  # the second word, and the first of the pair's own
    generated = 0.25 + 0.75 * 0.2
    expected = [0.5 * generated, 0.3 * generated + 0.75 * 0.6, 0.2 * generated, 0.75 * 0.2]
    np.testing.assert_allclose(np.exp(mix(logits_of, weights, gate, copies))[0, 0], [*expected, 1e-9], rtol=1e-5)
    twice = np.exp(mix(logits_of, weights, gate, np.array([[1, 1]])))[0, 0]
    np.testing.assert_allclose(twice[1], 0.3 * generated + 0.75 * 0.8, rtol=1e-5)


def test_attention_over_facts_stays_on_the_sentinel_where_there_are_none():
    h, memory = np.ones((1, 2, 4), "float32"), np.ones((1, 4, 8), "float32")
    _, weights, gate = Pointer(8)(h, memory, np.array([[1, 0, 0, 0]], "float32"))
    np.testing.assert_allclose(weights, [[[1, 0, 0, 0]] * 2], atol=1e-6)
    assert gate.shape == (1, 2, 1)


def test_where_it_looks_among_the_facts_explains_what_it_writes(model):
    """The same attention and gate that `write` mixes: together with P_vocab they give the logits of the model."""
    batch = toy_batch()
    facts = {name: batch[name] for name in ("context", "account")}
    texts = [list(row[0, 1:]) for row in batch["ids"]]
    weights, gate = fact_attention(model, batch["image"], texts, facts)
    assert weights.shape == (len(texts), len(texts[0]) + 1, 1 + FACTS) and gate.shape == weights.shape[:2]
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    own = np.exp(logits(model, {**batch, "ids": batch["ids"][:, :1]})[:, 0, :, VOCABULARY:]).sum(axis=-1)
    is_own = batch["context"][..., 3] >= VOCABULARY
    copied = (1 - gate) * (weights[..., 1:] * is_own[:, None]).sum(axis=-1)
    np.testing.assert_allclose(own, copied, atol=1e-5)
    assert "write" not in vars(model)
