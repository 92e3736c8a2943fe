"""Tokens stay whole, clean text comes back as it was, and nothing unpostable is ever written."""

import json

import pytest

from img2tweet_tf.text import clean, detokenize, is_placeholder, tokenize

WHOLE = """👨‍👩‍👧‍👦 🏳️‍🌈 🇬🇧 👍🏽 1️⃣ ❤️‍🔥 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🐈‍⬛ 😂 #TBT
#1 #Throw_Back @some_one https://t.co/aB3?x=1,2 :-) :D <3 ;) :'( ¯\\_(ツ)_/¯ ^_^
don't I'm R&B 8pm 18:30 8:30 8/10 3-2 1,000,000 9-year-old A330-300 90's L.A. a.b@c.org f**k""".split()


@pytest.mark.parametrize("token", WHOLE)
def test_token_stays_whole(token):
    assert tokenize(f"so {token} there") == ["so", token, "there"]


def test_neighbouring_emoji_and_flags_are_separate_tokens():
    assert tokenize("yes😂😂🇬🇧🇫🇷") == ["yes", "😂", "😂", "🇬🇧", "🇫🇷"]


def test_colon_before_a_word_is_no_emoticon():
    assert tokenize("recipe:pasta (12 pics): yum") == ["recipe", ":", "pasta", "(", "12", "pics", ")", ":", "yum"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("RT @a: RT @b_c: so &lt;3 it &amp; you", "so <3 it & you"),
        ("Great read: http://t.co/xx via @me http:…", "Great read: via @me"),
        ("New post - https://t.co/xx", "New post"),
        ("RT @a: her #adoptdontshop h…", "her #adoptdontshop"),
        ("RT @a: was a shelter cat. Adop…", "was a shelter cat."),
        ("so tired…", "so tired…"),
        ("My girls ???? #love", "My girls #love"),
        ("Really?? Why?", "Really?? Why?"),
        ("A dog 's toy , on  the\ngrass .", "A dog's toy, on the grass."),
        ('a " stop " sign', 'a "stop" sign'),
        ("goooal!!!!!!", "goooal!!!"),
        ("don’t\u200b stop", "don't stop"),
        ("http://t.co/xx", ""),
        ("", ""),
    ],
)
def test_clean(raw, expected):
    assert clean(raw) == expected


@pytest.mark.parametrize(
    "tweet",
    [
        "What a game! 3-2, and I'm still shaking 😂😂 #GoReds #TBT",
        "“Never again”, she said (twice)... then did it; of course: @anna's idea.",
        'He said "no way" & left. Now it\'s £5.99, 50% off w/ the code!',
        "The dogs' toys and/or 'the good ones' :)",
        ".@friend look: ¿Qué tal? [photo]",
    ],
)
def test_human_text_comes_back(tweet):
    assert detokenize(tokenize(tweet)) == tweet


def test_sentence_starts_are_capitalised_on_request_only():
    tokens = tokenize("so good! see you, iPhone. #tag first")
    assert detokenize(tokens) == "so good! see you, iPhone. #tag first"
    assert detokenize(tokens, capitalise=True) == "So good! See you, iPhone. #tag first"


PLACEHOLDERS = ["@user", "@USER", "<user>", "<url>", "URL", "USER", "<unk>", "<pad>", "<start>", "<end>", "[UNK]"]


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_placeholder_is_one_token_and_never_written(placeholder):
    tokens = tokenize(f"hi {placeholder}'s and {placeholder} you")
    assert tokens.count(placeholder) >= 1 and is_placeholder(placeholder)
    assert detokenize(["hi", placeholder, "'s", "cat", placeholder]) == "hi cat"


def test_words_that_look_like_placeholders_are_words():
    assert not any(map(is_placeholder, tokenize("the user of @username2 saw users url #URL @user_1")))


@pytest.mark.parametrize(("folder", "least"), [("flickr8k", 0.99), ("mvsa", 0.85)])
def test_real_texts_come_back(shared_data, folder, least):
    with open(shared_data / folder / "pairs.jsonl", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    texts = [clean(text) for record in records for text in record.get("captions") or [record["text"]]]
    same = sum(detokenize(tokenize(text)).lower() == text.lower() for text in texts)
    assert same / len(texts) >= least
