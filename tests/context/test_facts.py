"""Which facts are told of a pair, by kind of context, and what is said of facts that can't be read."""

import json
from pathlib import Path

import pytest

from img2tweet_tf.context import KINDS, controlled, facts_of, given_facts, read_facts
from img2tweet_tf.context.facts import LONGEST_VALUE, MOST_BYTES, MOST_FACTS
from img2tweet_tf.datasets.pairs import Pair, Pairs
from img2tweet_tf.utils.errors import Img2TweetError


def pair(number=0, account="ines_elsewhere", created_at="2024-06-15T12:41:00", **hidden):
    context = {name: {"value": value, "visible": False} for name, value in hidden.items()}
    context |= {"things": {"value": [{"kind": "flag"}], "visible": True}, "weather": {"value": "rain", "visible": True}}
    record = {"id": f"p{number}", "image": "0.png", "text": f"hi @mate{number} #fest now #fest", "context": context}
    return Pair({**record, "account": account, "created_at": created_at}, Path())


def test_each_kind_tells_what_it_says():
    known = pair(
        city="Lisbon", country="Portugal", score="2-1", topic="fest", category="celebration", tally_of="flag"
    )  # fmt: skip
    told = {kind: facts_of(known, kind) for kind in KINDS}
    assert told["none"] == [] and told["account"] == [("account", "ines_elsewhere")]
    assert dict(told["phone"]) == {
        "account": "ines_elsewhere", "date": "2024-06-15", "weekday": "Saturday", "month": "June", "time": "12:41",
        "city": "Lisbon", "country": "Portugal",
    }  # fmt: skip
    hidden = [("city", "Lisbon"), ("country", "Portugal"), ("score", "2-1")]
    assert told["facts"] == [("account", "ines_elsewhere"), *hidden]
    assert told["typed"] == [("mention", "@mate0"), ("hashtag", "#fest")]
    with pytest.raises(Img2TweetError, match="none, account, phone, facts, typed"):
        facts_of(known, "all")


def test_a_phone_knows_nothing_that_comes_later():
    later = {"date": "2024-06-16", "weekday": "Sunday", "month": "July", "time": "23:59", "score": "2-1"}
    planted = pair(**later, city="Lisbon")
    told = dict(facts_of(planted, "phone"))
    assert told["date"] == "2024-06-15" and told["weekday"] == "Saturday" and told["time"] == "12:41"
    assert told.keys() == {"account", "date", "weekday", "month", "time", "city"}


def test_pairs_without_facts_tell_none():
    bare = Pair({"id": "p", "image": "0.png", "text": "no marks"}, Path())
    assert [facts_of(bare, kind) for kind in KINDS] == [[]] * len(KINDS)


@pytest.mark.parametrize("context", [["Lisbon"], "Lisbon", {"city": "Lisbon"}, {"city": {"visible": False}}])
def test_a_context_of_another_form_is_named_with_its_pair(context):
    odd = Pair({"id": "p7", "image": "0.png", "text": "hi", "context": context}, Path())
    with pytest.raises(Img2TweetError, match="p7: context: expected an object of"):
        facts_of(odd, "facts")


def test_controls_tell_the_facts_of_others_of_earlier_and_of_both():
    days = ("2024-06-01", "2024-06-10", "2024-06-20", "2024-06-21")
    made = [pair(n, created_at=f"{day}T10:00:00", score=n, city=f"c{n}") for n, day in enumerate(days)]
    pairs = Pairs(made, ".", "x")
    own = controlled(pairs, "facts", None)
    assert own == [facts_of(each, "facts") for each in pairs]
    assert controlled(pairs, "facts", "shuffled") == [own[2], own[3], own[0], own[1]]
    stale = controlled(pairs, "facts", "stale")
    assert stale[2] == own[0] and stale[3] == own[0] and stale[0] == [("account", "ines_elsewhere")]
    noise = controlled(pairs, "facts", "noise")[0]
    assert noise[0] == ("account", "ines_elsewhere") and set(noise[1:]) == {*own[0][1:], *own[2][1:]}
    assert len(noise) == 5


def test_stale_facts_need_a_time_of_posting():
    with pytest.raises(Img2TweetError, match="p3: no time of posting"):
        controlled(Pairs([pair(3, created_at=None)], ".", "x"), "facts", "stale")


def test_a_file_of_facts_is_read(tmp_path):
    file = tmp_path / "facts.json"
    file.write_text(json.dumps({"city": "Lisbon", "score": 2, "guests": ["Ana", "Rui"], "pet": {"value": "Kex"}}))
    guests = [("guests", "Ana"), ("guests", "Rui")]
    assert read_facts(file) == [("city", "Lisbon"), ("score", "2"), *guests, ("pet", "Kex")]


@pytest.mark.parametrize(
    "content, named",
    [
        ("", "expected JSON"),
        ("[1]", "expected an object .* got list"),
        ('{"city": null}', "for city, got NoneType"),
        ('{"city": {"deep": {}}}', "for city, got dict"),
        ('{"city\\u001b[31m": true}', r"for city\\x1b\[31m, got bool"),
        ("[" * 100_000, "expected JSON"),
        ("\udcff", "expected JSON"),
        ('"' + "x" * MOST_BYTES + '"', "more than 1,000,000 characters"),
    ],
)
def test_a_file_that_holds_no_facts_is_one_line(tmp_path, content, named):
    file = tmp_path / "facts.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(Img2TweetError, match=named) as caught:
        read_facts(file)
    assert "\n" not in str(caught.value) and "facts.json" in str(caught.value)
    with pytest.raises(Img2TweetError, match="cannot be read as facts"):
        read_facts(tmp_path / "nowhere.json")


def test_too_much_is_cut_and_said(capsys):
    facts = given_facts({f"field{n}": "x" * 1000 for n in range(1000)})
    assert len(facts) == MOST_FACTS and len(facts[0][1]) == LONGEST_VALUE
    assert capsys.readouterr().err == f"context: cut to {MOST_FACTS} facts of {LONGEST_VALUE} characters\n"
