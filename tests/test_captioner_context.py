"""A captioner with context from training to tweet: facts in, tweets out, by Python and by command line."""

import json

import pytest
from conftest import TOY, ToyEncoder, toy_records, without_tracing, write_toy_pairs

from img2tweet_tf.captioner import load_captioner
from img2tweet_tf.cli import main
from img2tweet_tf.context import facts_of, unsupported
from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.evaluation import evaluate
from img2tweet_tf.text import KnownTexts
from img2tweet_tf.training import train
from img2tweet_tf.utils.errors import Img2TweetError

PETS = ("Kex", "Bramble", "Otto", "Fern", "Juno", "Pip", "Moss")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Returns (pairs folder in which every tweet names a pet of the pair's facts, folder of a captioner of "facts")."""
    root, records = tmp_path_factory.mktemp("told"), toy_records(40)
    for place, record in enumerate(records):
        pet = f"{PETS[place % 7]}{place}"
        record["text"], record["created_at"] = f"{pet} made my day", f"2024-0{1 + place // 10}-10T10:00:00"
        record["context"] = {"pet": {"value": pet, "visible": False}, "weather": {"value": "rain", "visible": True}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMG2TWEET_DATA", str(root / "home"))
        data = write_toy_pairs(root / "pairs", records)
        train(data, root / "run", encoder=ToyEncoder(), context="facts", epochs=40, patience=40, watch=0, **TOY)
    return data, root / "run"


@pytest.fixture
def captioner(told, toy_encoder, data_home):
    return load_captioner(told[1])


@pytest.fixture
def image(told):
    return load_pairs(told[0])[0].path


def test_a_name_that_it_has_never_seen_is_written_to_the_letter(captioner, image):
    assert captioner.context.kind == "facts" and "Mc'Quirk" not in captioner.vocabulary
    assert captioner.tweet(image, context={"pet": "McQuirk"}).startswith("McQuirk made my")
    assert captioner.tweet(image, account="@nobody_knows", context={"pet": "Zebedee"}).startswith("Zebedee made my")
    assert captioner.tweet([image], context={"pet": "Ütz"})[0].startswith("Ütz made my")
    assert "McQuirk" not in captioner.tweet(image)


def test_what_no_fact_supports_is_listed_and_can_be_forbidden(captioner, image, tmp_path, capsys, told):
    (tmp_path / "facts.json").write_text('{"pet": "McQuirk"}')
    tweet = ["tweet", "--model", str(told[1]), "--json", str(image)]
    assert main([*tweet, "--context", str(tmp_path / "facts.json")]) == 0
    assert json.loads(capsys.readouterr().out)["unsupported"] == []
    captioner.vocabulary._surfaces.update({"made": "Mabel", "day": "12:45"})  # names, as far as it can tell
    facts = [("pet", "McQuirk")]
    text = captioner.tweet(image, context=dict(facts))
    assert unsupported(text, facts, captioner.vocabulary) == ["Mabel", "12:45"]
    other = captioner.tweet(image, context=dict(facts), supported_only=True)
    assert unsupported(other, facts, captioner.vocabulary) == [] and "McQuirk" in other
    counted = [evaluate(captioner, told[0], supported_only=only) for only in (False, True)]
    assert counted[0]["unsupported"] > 1 > 0 == counted[1]["unsupported"] and counted[1]["supported_only"]


def test_it_writes_the_same_after_saving(captioner, image, tmp_path):
    captioner.save(tmp_path / "again")
    context = {"pet": "McQuirk"}
    assert load_captioner(tmp_path / "again").tweet(image, context=context) == captioner.tweet(image, context=context)


def test_the_command_line_tells_facts(told, captioner, image, tmp_path, capsys):
    (tmp_path / "facts.json").write_text('{"pet": "McQuirk"}')
    tweet = ["tweet", "--model", str(told[1]), str(image), "--as", "@account1", "--context"]
    assert main([*tweet, str(tmp_path / "facts.json")]) == 0
    assert capsys.readouterr().out.startswith("McQuirk made my")
    (tmp_path / "facts.json").write_text('{"pet": [[]]}')
    assert main([*tweet, str(tmp_path / "facts.json")]) == 2
    assert capsys.readouterr().err.endswith("expected a text or a number for pet, got list\n")


def test_evaluation_tells_each_pair_its_facts_or_those_of_a_control(told, captioner, tmp_path):
    data = load_pairs(told[0])
    own, shuffled = (evaluate(captioner, data, tmp_path / name, context=name) for name in ("facts", "shuffled"))
    assert evaluate(captioner, data)["context"] == "facts" and own["context"] == "facts"
    assert own["cider"] > shuffled["cider"] and own["perplexity"] < shuffled["perplexity"]
    rows = [json.loads(line) for line in (tmp_path / "facts" / "predictions.jsonl").read_text().splitlines()]
    pets = [dict(facts_of(pair, "facts"))["pet"] for pair in data if pair.split == "test"]
    assert sum(pet in row["prediction"] for row, pet in zip(rows, pets, strict=True)) >= len(rows) - 1
    for context in ("none", "account", "phone", "stale", "noise", "typed"):
        assert evaluate(captioner, data, context=context)["context"] == context
    with pytest.raises(Img2TweetError, match="unknown context"):
        evaluate(captioner, data, context="magic")


@pytest.mark.parametrize(
    "context", [None, {"kind": "facts", "fields": ["pet"] * 99, "accounts": []}, {"kind": "facts"}, 7]
)
def test_facts_that_do_not_fit_the_network_are_refused(told, captioner, tmp_path, context):
    captioner.save(tmp_path / "other")
    about = json.loads((tmp_path / "other" / "captioner.json").read_text())
    (tmp_path / "other" / "captioner.json").write_text(json.dumps(about | {"context": context}))
    with pytest.raises(Img2TweetError, match="parts of different captioners|captioner.json: damaged"):
        load_captioner(tmp_path / "other")


def test_a_captioner_without_context_takes_no_facts(toy_world, toy_run, image):
    bare = load_captioner(toy_run)
    for facts in ({"account": "@someone"}, {"context": {"pet": "Kex"}}):
        with pytest.raises(Img2TweetError, match="reads no facts"):
            bare.tweet(image, **facts)
    with pytest.raises(Img2TweetError, match="reads no facts"):
        evaluate(bare, toy_world[0], context="facts")
    assert evaluate(bare, toy_world[0])["context"] == "none"


def test_what_is_no_account_and_no_facts_is_one_line(captioner, image):
    for facts in ({"account": 7}, {"context": [1]}, {"context": {"pet": None}}, {"context": "nowhere.json"}):
        with pytest.raises(Img2TweetError) as caught:
            captioner.tweet(image, **facts)
        assert "\n" not in str(caught.value)


def test_hashtags_and_mentions_count_on_neither_side_where_they_were_typed(toy_world, toy_run):
    pairs = marked(load_pairs(toy_world[0]))
    typed, all_words = evaluate(toy_run, pairs, context="typed"), evaluate(toy_run, pairs)
    assert typed["bleu_1"] > all_words["bleu_1"] and typed["nearest_image_copied"] == 1


def test_nor_do_they_where_those_of_another_pair_were_typed(told, captioner, monkeypatch, tmp_path):
    monkeypatch.setattr(captioner.context, "kind", "typed")
    for context in ("typed", "shuffled"):
        evaluate(captioner, marked(load_pairs(told[0])), tmp_path, context=context)
        assert "#tag" not in (tmp_path / "predictions.jsonl").read_text()


def test_marks_that_were_typed_make_no_training_text_another_one(captioner, image, monkeypatch):
    plain = captioner.tweet(image, method="beam", several=3)
    decode = captioner.vocabulary.decode
    monkeypatch.setattr(captioner.vocabulary, "decode", lambda *words: f"{decode(*words)} #fest @mate")
    captioner.known_texts = KnownTexts.from_texts(plain[:1])
    for kind, best in (("facts", plain[0]), ("typed", plain[1])):
        monkeypatch.setattr(captioner.context, "kind", kind)
        assert captioner.tweet(image, method="beam", avoid_copies=True) == f"{best} #fest @mate"


def marked(pairs):
    """Returns the pairs, with a hashtag and a mention at the end of each text."""
    for pair in pairs:
        pair.record["text"] += " #tag @who"
    return pairs


def test_training_goes_on_from_a_captioner_without_context_but_not_from_another_context(
    told, toy_run, captioner, tmp_path, data_home
):
    settings = {name: value for name, value in TOY.items() if name != "sizes"}
    with pytest.MonkeyPatch.context() as patch:
        without_tracing(patch)
        further = train(told[0], tmp_path / "further", init=str(toy_run), context="facts", epochs=1, **settings)
        assert further.context.kind == "facts" and further.model.sizes["num_fields"] > 2
        with pytest.raises(Img2TweetError, match="reads the context facts, not account"):
            train(told[0], tmp_path / "other", init=str(told[1]), context="account", epochs=1, **settings)
    with pytest.raises(Img2TweetError, match="no facts to train on for the context phone"):
        bare = write_toy_pairs(tmp_path / "bare", [record | {"account": None} for record in toy_records(9)])
        train(bare, tmp_path / "none", encoder=ToyEncoder(), context="phone", **TOY)
