"""Tweet text to tokens and back: `clean` -> `tokenize` -> (a model) -> `detokenize`.

`clean` takes out what no model can know or should learn, `tokenize` is NLTK's TweetTokenizer with the few things it
splits kept whole, and `detokenize` gives back a tweet that could be posted: never a placeholder.
"""

import functools
import html
import unicodedata

import regex

TOKENIZER = "img2tweet-1 (nltk TweetTokenizer, spans kept whole)"

# One emoji as a reader sees it: flags, keycaps, and pictographs with skin tone, tags (Scotland) and joined parts.
_PICTOGRAPH = r"\p{Extended_Pictographic}\ufe0f?\p{EMod}?\ufe0f?(?:[\U000E0020-\U000E007E]+\U000E007F)?"
EMOJI = rf"(?:\p{{RI}}{{2}}|[0-9#*]\ufe0f?\u20e3|{_PICTOGRAPH}(?:\u200d{_PICTOGRAPH})*)"
_EMOJI = regex.compile(EMOJI)

_URL_TEXT = r"(?:https?://|www\.|\bt\.co/|\bpic\.twitter\.com/)[^\s<>\"“”]*[^\s<>\"“”'’.,;:!?)\]}…]"
_URL = regex.compile(_URL_TEXT, regex.IGNORECASE)

# What data sets and models write where a name, a link or a word should be. The frozen tokenizer of the metrics uses
# this pattern too: whoever changes it raises `evaluation.tokens.METRIC_TOKENIZER`.
PLACEHOLDER = (
    r"(?:@\s?(?i:user|username|mention|url)(?!\w)"
    r"|(?i:<\s?(?:user|username|url|link|mention|hashtag|number|emoji|pad|start|end|unk|s|/s|bos|eos|sos|mask)\s?>)"
    r"|\[(?:UNK|PAD|CLS|SEP|MASK|START|END|USER|URL)\]"
    r"|(?<![\w@#])(?:USER|URL|HTTPURL|USERNAME)(?![\w'’-]))"
)
_PLACEHOLDER = regex.compile(PLACEHOLDER)

# Spans that NLTK would split (emoji sequences, don’t, 8pm, 1,000,000, #1, R&B, L.A.) or join wrongly (recipe:pasta).
_WHOLE = regex.compile(
    rf"""
    (?i:{_URL_TEXT})
    | [\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+                             # e-mail addresses
    | {PLACEHOLDER}
    | {EMOJI}
    | (?<!\w)(?:-_+-|\^_*\^|[oO0]_+[oO0]|T_+T|>_+<|;_;|:3|¯\\_\(ツ\)_/¯)(?!\w)
    | (?<![\w&])[@＠]\w+
    | (?<![\w&])[#＃]\w+                                             # hashtags, as short as #1
    | ['’](?<=[@＠\#＃]\w+['’])\w+                                  # @name's
    | (?<![\w<:;=/])(?:(?<!\S)[+-])?(?:[^\W_]+-){{0,4}}\w*[\d_](?:[.,:/]\d+|[-'’]\w+|\w)*  # 8pm, 2-1, 9-year-old, DC-10
    | (?<![\w@\#-])[^\W\d_]+(?:['’][^\W\d_]+)+(?![-\w])              # don’t
    | (?<![\w.])(?:[^\W\d_]\.){{2,}}(?![^\W\d_])                     # L.A.
    | (?<!\w)\w+(?:&\w+)+(?:['’]\w+)?                                # R&B
    | (?<!\w)\w+\*+\w+                                               # f**k
    | (?<=\w)[:;=](?=[dDpPoO]\w)                                     # recipe:pasta is no :p
    | (?<=\w)[)\]](?=:)                                              # (12 pics): is no ):
    """,
    regex.VERBOSE,
)


def clean(text):
    """Returns a tweet (string) as a model should learn it.

    Taken out: HTML entities (unescaped), leading retweet marks (`RT @user:`), links and what only led to them, the cut
    off end of a tweet (`http:…`; and, in a retweet or a tweet of 110 characters and more, the half word before a last
    `…`), runs of two or more `?` standing alone (what a lossy encoding left of emoji), invisible characters, and the
    spaces of an earlier tokenizer (`a dog 's toy .`). Runs of more than three equal signs are shortened to three,
    curly apostrophes inside words made straight, and white space is one space each.
    """
    text = unicodedata.normalize("NFC", html.unescape(html.unescape(text)))
    text = regex.sub(r"[\u200b\u200e\u200f\u2060\ufeff\ufffd\p{Cc}--[\s]]", "", text, flags=regex.V1)
    whole = regex.sub(r"^(?:\s*(?i:rt)\s+@\s?\w+\s*:?)+", "", text)
    retweet, long = len(whole) < len(text), len(text.strip()) >= 110
    text = _URL.sub("\u2063", whole)  # an invisible separator marks where a link stood
    text = regex.sub(r"[\s\u2063]*\b(?i:h(?:t{1,2}(?:ps?)?)?)(?::/*\S*)?…[\s\u2063]*$", "\u2063", text)
    if retweet or long:
        text = regex.sub(r"\s*[^\s…]*…[\s\u2063]*$", "\u2063", text)
    text = regex.sub(r"(?:(?:\s+[-–—|>]+|(?<=\w):)?[\s\u2063]*\u2063)+[\s\u2063]*$", "", text).replace("\u2063", " ")
    text = regex.sub(r"(?<!\S)\?(?:\s*\?)+(?!\S)", " ", text)
    text = regex.sub(r"(?<=\w)’(?=\w)", "'", text)
    text = regex.sub(r"([^\p{L}\p{N}\s])\1{3,}", r"\1\1\1", text)
    text = regex.sub(r"\s+", " ", text).strip()
    text = regex.sub(r"(?<=\S) ([.,!?;]+|:|n't|'(?:s|re|ve|ll|d|m))(?=\s|$)", r"\1", text)
    text = regex.sub(r"(\s[-–—|])(?:\s[-–—|])+(?=\s|$)", r"\1", text)
    return regex.sub(r'(?<!\S)" ([^"]+?) ?"(?!\w)', r'"\1"', text)


def tokenize(text):
    """Splits a text into tokens (list of strings); hashtags, mentions, emoji, links and emoticons stay whole."""
    split, tokens, at = _tweet_tokenizer(), [], 0
    for span in _WHOLE.finditer(text):
        tokens += split(text[at : span.start()]) if span.start() > at else []
        tokens.append(span.group().replace("’", "'"))
        at = span.end()
    tokens += split(text[at:]) if at < len(text) else []
    return ["".join(token.split()) for token in tokens]


def without_marks(text):
    """Returns a text (string) without its hashtags and mentions."""
    return " ".join(word for word in text.split() if word[0] not in "#@＃＠")


def is_placeholder(token):
    """Says whether a token stands for something else (`@user`, `<url>`, `URL`, `<unk>`) and could not be posted."""
    return _PLACEHOLDER.fullmatch(token) is not None


def is_emoji(token):
    """Says whether a token is one emoji."""
    return _EMOJI.fullmatch(token) is not None


def starts_sentence(tokens, at):
    """Says whether `tokens[at]` begins a sentence: only quotes stand between it and the start or a `.`, `!` or `?`."""
    for token in reversed(tokens[:at]):
        if token in _STOPS:
            return True
        if token not in _QUOTES:
            return False
    return True


def detokenize(tokens, capitalise=False):
    """Joins tokens into a postable tweet (string): spaces as people set them, placeholders left out.

    Args:
        tokens: list of strings, as `tokenize` gives them.
        capitalise: write a lower-case word at a sentence start with a capital letter.
    """
    tokens = _postable(tokens)
    if capitalise:
        tokens = [
            token[0].upper() + token[1:] if _WORD.fullmatch(token) and starts_sentence(tokens, at) else token
            for at, token in enumerate(tokens)
        ]
    text, open_quotes, glue = "", set(), True
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        glue_left, glue_right = _sides(token, before, tokens[at + 1 :], open_quotes)
        text += token if glue or glue_left else f" {token}"
        glue = glue_right
    return text


_STOPS = frozenset(".!?")
_QUOTES = frozenset("\"'“”‘’«»([*")
_CLOSING = regex.compile(r"[.,!?;:…]+|[%)\]}”’»°]|'\w+")
_OPENING = frozenset("([{“‘«$£€¿¡")
_ENDING = regex.compile(r"'\w+")
_WORD = regex.compile(r"\p{Ll}[\p{Ll}\p{M}'-]*")  # lower case throughout: iPhone, a@b.com and #tags stay as they are


def _postable(tokens):
    """Returns the tokens without placeholders, and without the `'s` that would be left of `@user's`."""
    kept, lost = [], False
    for token in tokens:
        if lost and _ENDING.fullmatch(token):
            continue
        lost = is_placeholder(token)
        if token and not lost:
            kept.append(token)
    return kept


def _sides(token, before, after, open_quotes):
    """Returns whether a token touches its left and its right neighbour; `open_quotes` (set) is kept up to date."""
    if token in ('"', "'", "*"):
        if token in open_quotes:
            open_quotes.discard(token)
            return True, False
        unpaired = after.count(token) % 2 == 0
        if unpaired and (before[-1:].lower() == "s" if token == "'" else before[-1:].isdigit()):  # the dogs' toy, 6'2"
            return True, False
        if token in after:
            open_quotes.add(token)
        return False, True
    if token == "/":
        return True, before.lower() != "w"
    if _CLOSING.fullmatch(token):
        return True, token == "." and not before and after[:1] != [] and after[0].startswith("@")
    if token in _OPENING:
        return False, True
    same_sign = token == before and len(token) == 1 and not token.isalnum()
    return same_sign or (is_emoji(token) and is_emoji(before)), False


@functools.cache
def _tweet_tokenizer():
    from nltk.tokenize import TweetTokenizer  # takes a second, so not before the first tweet

    return TweetTokenizer(match_phone_numbers=False).tokenize
