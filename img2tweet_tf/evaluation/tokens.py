"""The frozen tokenizer of the metrics: the same for every system, for predictions and for references.

It stands on its own, so that a better tokenizer for models never changes a published score. Whoever changes it raises
`METRIC_TOKENIZER`, which every result carries.
"""

import itertools

import regex

from img2tweet_tf.text.tokenizer import EMOJI, PLACEHOLDER

METRIC_TOKENIZER = "img2tweet-metric-1"

# Stands for a placeholder (`@user`, `<url>`) or a link. `distinct` markers keep two of them from ever matching.
UNMATCHED = "<unmatched>"

_MOUTH = r"[)\](\[dDpP/:}{@|\\]"
_EMOTICON = rf"(?:[<>]?[:;=][-o*']?{_MOUTH}|{_MOUTH}[-o*']?[:;=][<>]?|</?3)(?!\w)"
_TOKEN = regex.compile(
    rf"""
    (?P<unmatched>(?i:https?:|www\.|\bt\.co/|\bpic\.twitter\.com/)\S*|\bht{{1,2}}(?:ps?)?:?/*…|{PLACEHOLDER}(?:['’]s\b)?)
    | (?P<word>
      [\w.+-]+@[\w-]+(?:\.[\w-]+)+                  # e-mail address
      | {EMOJI}
      | (?<!\w){_EMOTICON}
      | [@＠\#＃]+\w+                               # mention, hashtag
      | \d+(?:[.,:/-]\d+)+                          # 2-1, 18:30, 1,000
      | (?<!\w)(?:[^\W\d_]\.){{2,}}(?!\w)           # l.a.
      | \w+(?:['’_&-]\w+)*                          # don't, well-known, r&b
      )
    | (?P<other>\S)
    """,
    regex.VERBOSE,
)
# The punctuation that the COCO caption toolkit drops (its PUNCTUATIONS), with its brackets, quotes and dashes as
# Twitter writes them.
_DROPPED = frozenset("'\"`.?!,:;-…‘’“”«»()[]{}–—¿¡")


def metric_tokens(text):
    """Splits a raw text into the tokens that metrics compare (list of strings).

    Lower case; TweetTokenizer's rules: mentions, hashtags, emoji, emoticons, contractions and numbers whole;
    punctuation dropped as in the COCO caption toolkit. Nothing else is cleaned: a reference's `RT @name:` counts.
    Each placeholder and each link, which no model could know, is one `UNMATCHED`: it counts in the length and matches
    nothing, not even another one.
    """
    tokens = []
    for found in _TOKEN.finditer(text):
        if found["unmatched"]:
            tokens.append(UNMATCHED)
        elif found["word"] or found["other"] not in _DROPPED:
            tokens.append(found.group().lower().replace("’", "'"))
    return tokens


def unmatchable(token_lists):
    """Yields token lists with every `UNMATCHED` replaced by a token of its own that occurs nowhere else."""
    fresh = itertools.count()
    for tokens in token_lists:
        yield [f"{UNMATCHED}{next(fresh)}" if token == UNMATCHED else token for token in tokens]
