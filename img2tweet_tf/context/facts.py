"""What is known of the world when a tweet is posted: facts, a list of (field, value), by kind of context.

A pair carries facts in its `context`: an object of {field: {"value": ..., "visible": bool}}, see `data/README.md`. Who
writes with a saved captioner gives them as {field: value}, in Python or in a JSON file.
"""

import json

from img2tweet_tf.datasets.moment import moment
from img2tweet_tf.text import clean, tokenize
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, printable

KINDS = ("none", "account", "phone", "facts", "typed")
LABELS = ("category", "topic", "tally_of")  # of the sample: what a template is chosen by, and no facts
WHERE = ("city", "country")
MOST_BYTES, MOST_FACTS, LONGEST_VALUE = 1_000_000, 64, 200  # of a file; of a pair; in characters


def facts_of(pair, kind):
    """Returns the facts of a `Pair` for a kind of context: a list of (field, value), the account first.

    "none": nothing. "account": who posts. "phone": what a phone knows when it posts: account, date, time, place.
    "facts": all that its `context` holds and no pixel shows, but the labels that the sample's templates are chosen by;
    an oracle. "typed": the hashtags and mentions of the tweet itself, as if the user had typed them; an oracle, too.
    """
    check_kind(kind)
    record, hidden = pair.record, hidden_facts(pair)
    facts = [("account", record["account"])] if record.get("account") and kind not in ("none", "typed") else []
    if kind == "typed":
        marks = [token for token in tokenize(clean(record.get("text") or "")) if token[0] in "#@" and len(token) > 1]
        facts = [("mention" if mark[0] == "@" else "hashtag", mark) for mark in dict.fromkeys(marks)]
    if kind == "phone":
        facts += moment(record.get("created_at")) + [(name, hidden[name]) for name in WHERE if name in hidden]
    if kind == "facts":
        facts += [(name, value) for name, value in hidden.items() if name != "account"]
    return facts


def hidden_facts(pair):
    """Returns what a `Pair`'s context holds and no pixel shows, {field: value}, without `LABELS`.

    Raises:
        Img2TweetError: its context is no object of {field: {"value": ..., "visible": bool}}.
    """
    context = pair.record.get("context") or {}
    if not isinstance(context, dict) or not all(isinstance(of, dict) and "value" in of for of in context.values()):
        raise Img2TweetError(f'{pair.id}: context: expected an object of {{field: {{"value": ..., "visible": bool}}}}')
    return {name: of["value"] for name, of in context.items() if not of.get("visible") and name not in LABELS}


def check_kind(kind):
    """Raises `Img2TweetError` unless this is a kind of context."""
    if kind not in KINDS:
        raise Img2TweetError(f'unknown context "{kind}" (there are: {", ".join(KINDS)})')


def read_facts(file):
    """Reads a JSON file of {field: value} as facts.

    Raises:
        Img2TweetError: it can't be read, or holds something else.
    """
    try:
        with open(file, encoding="utf-8-sig") as opened:
            text = opened.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES:,} characters")
        return given_facts(json.loads(text), file)
    except OSError as error:
        raise Img2TweetError(f"{file}: cannot be read as facts ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise Img2TweetError(f'{file}: expected JSON such as {{"city": "Lisbon"}} ({error})') from None


def given_facts(given, source="context"):
    """Returns the facts of a dict {field: value}; a value is a text, a number, or a list of these.

    What is too much is cut, and a line says so.

    Raises:
        Img2TweetError: it is no such dict.
    """
    if not isinstance(given, dict):
        raise Img2TweetError(f"{source}: expected an object of field and value, got {type(given).__name__}")
    facts, cut = [], 0
    for field, value in given.items():
        value = value["value"] if isinstance(value, dict) and "value" in value else value  # as in a pair
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, bool) or not isinstance(each, (str, int, float)):
                raise Img2TweetError(
                    f"{source}: expected a text or a number for {printable(str(field))[:50]}, got {type(each).__name__}"
                )
            text = str(each)
            cut += len(text) > LONGEST_VALUE
            facts.append((str(field), text[:LONGEST_VALUE]))
    if cut or len(facts) > MOST_FACTS:
        log(f"{source}: cut to {MOST_FACTS} facts of {LONGEST_VALUE} characters")
    return facts[:MOST_FACTS]
