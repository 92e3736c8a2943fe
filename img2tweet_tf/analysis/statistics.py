"""How a set of tweets is written, in numbers: lengths, marks of Twitter, and how fast its vocabulary grows.

`python -m img2tweet_tf.analysis.statistics PAIRS_FOLDER --out FILE` writes the numbers of a pairs folder, no text.
"""

import argparse
import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import regex

from img2tweet_tf.text.tokenizer import TOKENIZER, clean, is_emoji, is_placeholder, tokenize
from img2tweet_tf.utils import paths
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log

SIZES = (1000, 5000, 10000, 20000)  # tokens at which types are counted
SHUFFLES = 10
STATISTICS = {
    "tweets": "tweets with at least one token after cleaning (retweet marks and links are left out)",
    "tokens": "tokens of all tweets: words, numbers, hashtags, mentions, emoji; punctuation is none",
    "types": "different tokens, in lower case",
    "words_mean": "tokens per tweet",
    "words_sd": "their standard deviation",
    "words_q1": "a quarter of the tweets have at most so many tokens",
    "words_median": "half of the tweets have",
    "words_q3": "three quarters of the tweets have",
    "hashtags_mean": "hashtags per tweet",
    "with_hashtag": "share of tweets with a hashtag, 0..1",
    "with_mention": "share of tweets with a mention",
    "with_emoji": "share of tweets with an emoji (MVSA has lost its emoji)",
    "with_question": "share of tweets with a question mark",
    "all_caps": "share of tweets whose cased letters, six or more, are all capitals outside hashtags and mentions",
    "sentences_mean": "sentences per tweet, ended by . ! ? … or by the tweet's end, with a token in each",
    **{f"types_at_{size}": f"different tokens among {size:,}, shuffled tweets: mean" for size in SIZES},
    "once": "share of types that occur once",
    "once_at_10000": "the same among 10,000 tokens, shuffled tweets: mean",
    "zipf_slope": "slope of log count against log rank over ranks 1 to 1,000, ranks spaced evenly in the logarithm",
}

_HASHTAG = regex.compile(r"[#＃]\w+")
_MENTION = regex.compile(r"[@＠]\w+")
_TOKEN = regex.compile(r".*[\p{L}\p{N}].*")
_END = regex.compile(r"[.!?…]+")
_RANKS = 1000


def text_statistics(texts, seed=0):
    """Returns the statistics of tweets (raw strings), a dict of numbers by the names in `STATISTICS`.

    Figures that the set is too small for (`types_at_20000` of 5,000 tokens) are None. `seed` (int) orders the shuffles.

    Raises:
        Img2TweetError: no text has a token.
    """
    texts = [clean(text) for text in texts]
    split = [tokenize(text) for text in texts]
    kept = _kept(split)
    told = [place for place, tokens in enumerate(kept) if tokens]
    if not told:
        raise Img2TweetError(f"text statistics: no word in {len(texts)} texts; expected tweets, pass raw texts")
    texts, split, kept = ([each[place] for place in told] for each in (texts, split, kept))
    lengths, counts = np.array([len(tokens) for tokens in kept]), Counter(token for tokens in kept for token in tokens)
    hashtags = np.array([sum(_HASHTAG.match(token) is not None for token in tokens) for tokens in split])
    quartiles = np.percentile(lengths, (25, 50, 75))
    growth, once = _growth(kept, seed)
    return {
        "tweets": len(kept),
        "tokens": int(lengths.sum()),
        "types": len(counts),
        "words_mean": float(lengths.mean()),
        "words_sd": float(lengths.std()),
        **dict(zip(("words_q1", "words_median", "words_q3"), map(float, quartiles), strict=True)),
        "hashtags_mean": float(hashtags.mean()),
        "with_hashtag": float((hashtags > 0).mean()),
        "with_mention": _share(any(_is_mention(token) for token in tokens) for tokens in split),
        "with_emoji": _share(any(map(is_emoji, tokens)) for tokens in split),
        "with_question": _share("?" in text for text in texts),
        "all_caps": _share(_is_all_caps(tokens) for tokens in split),
        "sentences_mean": float(np.mean([_sentences(tokens) for tokens in split])),
        **growth,
        "once": _once(counts),
        "once_at_10000": once,
        "zipf_slope": _zipf_slope(counts),
    }


def word_ranks(texts):
    """Returns how often each word of texts (raw strings) occurs, the most frequent first: array (types,)."""
    counts = Counter(token for tokens in _tokens(texts) for token in tokens)
    return np.sort(np.array(list(counts.values()), int))[::-1]


def word_growth(texts, steps=60, seed=0):
    """Returns numbers of tokens read (steps,) and of different ones among them (steps,), texts in random order."""
    tokens = _tokens(texts)
    stream = [token for place in np.random.default_rng(seed).permutation(len(tokens)) for token in tokens[place]]
    new, seen = np.zeros(len(stream), int), set()
    for place, token in enumerate(stream):
        new[place] = token not in seen
        seen.add(token)
    at = np.unique(np.linspace(1, len(stream), min(steps, len(stream))).astype(int))
    return at, np.cumsum(new)[at - 1]


def mvsa_statistics():
    """Returns the statistics of 2,787 real tweets (MVSA-Single, Niu et al. 2016), as `text_statistics` gives them.

    Measured here where the data home has `mvsa/`; else read from the file beside this module, which holds numbers alone
    and says how they were measured.
    """
    from img2tweet_tf.datasets.pairs import load_pairs

    if (paths.data_home() / "mvsa" / "pairs.jsonl").is_file():
        return text_statistics([text for texts in load_pairs("mvsa").texts("tweet") for text in texts])
    measured = json.loads(Path(__file__).with_name("mvsa_statistics.json").read_text(encoding="utf-8"))
    log(f"MVSA is not in the data home; its statistics as measured on {measured['date']} are used")
    return measured["statistics"]


def _tokens(texts):
    """Returns the lower-case tokens of each text that are more than punctuation."""
    return _kept(tokenize(clean(text)) for text in texts)


def _kept(split):
    return [[token.lower() for token in tokens if _counts(token)] for tokens in split]


def _counts(token):
    """Whether a token is more than punctuation; a placeholder (`@user`) is one."""
    return bool(_TOKEN.fullmatch(token)) or is_emoji(token)


def _is_mention(token):
    return _MENTION.match(token) is not None or (is_placeholder(token) and "user" in token.lower())


def _is_all_caps(tokens):
    letters = "".join(regex.sub(r"\P{L}", "", token) for token in tokens if token[:1] not in "#@＃＠")
    cased = regex.sub(r"[^\p{Lu}\p{Ll}]", "", letters)
    return len(cased) >= 6 and cased.isupper()


def _sentences(tokens):
    """Counts runs of tokens between ends of sentences."""
    count, inside = 0, False
    for token in tokens:
        if _END.fullmatch(token):
            inside = False
        elif _counts(token) and not inside:
            count, inside = count + 1, True
    return count


def _growth(kept, seed):
    """Returns types at each size (dict), and the share of those that occur once at 10,000 tokens: means of shuffles."""
    rng, numbers = np.random.default_rng(seed), {}
    coded = [np.array([numbers.setdefault(token, len(numbers)) for token in tokens]) for tokens in kept]
    types, once = {size: [] for size in SIZES}, []
    for _ in range(SHUFFLES):
        stream = np.concatenate([coded[place] for place in rng.permutation(len(coded))])
        for size in (size for size in SIZES if size <= len(stream)):
            counts = np.unique(stream[:size], return_counts=True)[1]
            types[size].append(len(counts))
            if size == 10000:
                once.append((counts == 1).mean())
    means = {f"types_at_{size}": float(np.mean(found)) if found else None for size, found in types.items()}
    return means, float(np.mean(once)) if once else None


def _once(counts):
    return sum(count == 1 for count in counts.values()) / len(counts)


def _zipf_slope(counts):
    """Returns the slope over the first ranks; None where there are fewer than 10."""
    ordered = np.array(sorted(counts.values(), reverse=True)[:_RANKS], float)
    if len(ordered) < 10:
        return None
    ranks = np.unique(np.geomspace(1, len(ordered), 50).astype(int))
    return float(np.polyfit(np.log(ranks), np.log(ordered[ranks - 1]), 1)[0])


def _share(answers):
    answers = list(answers)
    return sum(answers) / len(answers)


def main(arguments=None):
    """Measures a pairs folder's tweets. Returns 0, or 2 after a one-line error."""
    from img2tweet_tf.datasets.pairs import load_pairs

    command = "python -m img2tweet_tf.analysis.statistics"
    parser = argparse.ArgumentParser(command, description=main.__doc__.split(".")[0])
    parser.add_argument("pairs", metavar="NAME|FOLDER", help="pairs folder, or a name in the data home")
    parser.add_argument("--out", metavar="FILE", required=True, help="JSON file for the numbers")
    parser.add_argument("--seed", type=int, default=0, help="of the shuffles (default 0)")
    asked = parser.parse_args(arguments)
    try:
        pairs = load_pairs(asked.pairs)
        numbers = text_statistics([text for texts in pairs.texts("tweet") for text in texts], asked.seed)
        name, out = Path(pairs.name).name, Path(asked.out).name
        about = {
            "data": f"{name}, {len(pairs)} pairs",
            "command": f"{command} {name} --out {out} --seed {asked.seed}",
            "date": datetime.now(UTC).date().isoformat(),
            "tokenizer": TOKENIZER,
        }
        rounded = {key: round(value, 4) if isinstance(value, float) else value for key, value in numbers.items()}
        with paths.atomic_write(asked.out) as fresh:
            fresh.write_text(json.dumps({**about, "statistics": rounded}, indent=1) + "\n", encoding="utf-8")
    except (Img2TweetError, OSError) as error:
        log(f"img2tweet: {error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
