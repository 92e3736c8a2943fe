"""The words a captioner can say: built from training texts only, numbered, and kept as JSON.

Words are the lower-cased tokens of cleaned tweets. Each remembers how people write it (London, NHL, I, :D), so that
`decode` gives back a tweet that looks posted.
"""

import json
from collections import Counter, defaultdict

import numpy as np

from img2tweet_tf.text.tokenizer import TOKENIZER, clean, detokenize, is_placeholder, starts_sentence, tokenize
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import printable
from img2tweet_tf.utils.paths import atomic_write

FORMAT = "img2tweet vocabulary"
VERSION = 1


class Vocabulary:
    """Words and their ids. Ids 0 to 3 are `PAD`, `START`, `END` and `UNK`; words follow, commonest first.

    Make one with `Vocabulary.build(texts)` or `Vocabulary.load(path)`.

    Attributes:
        words: list of strings, special words first; a word's place is its id.
        counts: list of integers beside `words`: how often each occurs in the training texts (`UNK`: all that were left
            out; `START` and `END`: the number of texts).
        capitalises: whether the training texts mostly begin with a capital letter; `decode` then does so too.
    """

    PAD, START, END, UNK = range(4)
    SPECIALS = ("<pad>", "<start>", "<end>", "<unk>")

    def __init__(self, words, counts, surfaces, capitalises):
        """Use `build` or `load`. `surfaces` maps a word to its written form where the two differ."""
        self.words = list(words)
        self.counts = list(counts)
        self.capitalises = bool(capitalises)
        self._surfaces = dict(surfaces)
        self._ids = {word: at for at, word in enumerate(self.words)}

    @classmethod
    def build(cls, texts, min_count=2, max_size=None):
        """Returns the vocabulary of the training texts.

        Args:
            texts: iterable of raw tweets or captions (strings), which are cleaned and tokenized here; or of lists of
                tokens, for which that has been done.
            min_count: rarer words become `UNK`.
            max_size: keep at most so many words, the four special ones included; None for no limit.

        Raises:
            Img2TweetError: no text, none with a word in it, or no word that is common enough.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        if not texts:
            raise Img2TweetError("Vocabulary.build: expected training texts, got none; is the train split empty?")
        counts, forms, inside = Counter(), defaultdict(Counter), defaultdict(Counter)
        starts, filled = Counter(), 0
        for text in texts:
            tokens = _tokens(text)
            filled += bool(tokens)
            for at, token in enumerate(tokens):
                if is_placeholder(token):
                    counts[""] += 1
                    continue
                word = token.lower()
                counts[word] += 1
                (forms if starts_sentence(tokens, at) else inside)[word][token] += 1
            first = next((token for token in tokens if token[0].isalpha()), "")
            starts[first[:1].isupper()] += bool(first)
        if not filled:
            raise Img2TweetError(f"Vocabulary.build: all {len(texts):,} training texts are empty after cleaning")
        kept = sorted((-n, word) for word, n in counts.items() if word and n >= min_count)
        kept = kept if max_size is None else kept[: max(max_size - len(cls.SPECIALS), 0)]
        if not kept:
            raise Img2TweetError(
                f"Vocabulary.build: no word of {len(texts):,} texts occurs {min_count} times (min_count) "
                f"within {max_size or 'any'} words (max_size); lower min_count or raise max_size"
            )
        words = [word for _, word in kept]
        unknown = counts.total() - sum(counts[word] for word in words)
        return cls(
            words=[*cls.SPECIALS, *words],
            counts=[0, len(texts), len(texts), unknown, *(counts[word] for word in words)],
            surfaces={word: form for word in words if (form := _surface(word, inside[word], forms[word])) != word},
            capitalises=starts[True] > starts[False],
        )

    def extended(self, other):
        """Returns a vocabulary that knows these words, by the same ids, and after them what only `other` knows.

        A word keeps the count of the texts it was learned from; capitals are written as in `other`, the newer texts.
        """
        new = [word for word in other.words if word not in self]
        counts = dict(zip(other.words, other.counts, strict=True))
        surfaces = {**other._surfaces, **self._surfaces}
        return Vocabulary(
            [*self.words, *new], [*self.counts, *(counts[word] for word in new)], surfaces, other.capitalises
        )

    def __repr__(self):
        return f"Vocabulary({len(self):,} words)"

    def __len__(self):
        return len(self.words)

    def __contains__(self, word):
        return word in self._ids

    def __eq__(self, other):
        return isinstance(other, Vocabulary) and self._document() == other._document()

    __hash__ = None

    def surface(self, word):
        """Returns the written form of a word: "london" -> "London"."""
        return self._surfaces.get(word, word)

    def encode(self, text, own=()):
        """Returns the ids (list of int) of a raw text or a list of tokens, `START` to `END`.

        Unknown words and placeholders are `UNK`, but the words in `own` (list of str) follow the vocabulary's: they are
        what a pair adds to its extended vocabulary.
        """
        words = (token.lower() if not is_placeholder(token) else "" for token in _tokens(text))
        more = {word.lower(): number for number, word in enumerate(own, len(self))}
        return [self.START, *(self._ids.get(word) or more.get(word, self.UNK) for word in words), self.END]

    def encode_batch(self, texts, length, own=()):
        """Returns ids (int32, (len(texts), length)) of texts as in `encode`, padded with `PAD` behind `END`.

        A text too long for `length` is cut and has no `END`: a model must not learn that tweets end anywhere.
        """
        texts = list(texts)
        batch = np.full((len(texts), length), self.PAD, np.int32)
        for row, text in zip(batch, texts, strict=True):
            ids = self.encode(text, own)[:length]
            row[: len(ids)] = ids
        return batch

    def decode(self, ids, own=()):
        """Returns the postable tweet (string) of token ids (sequence or 1-d array): up to the first `END`.

        Ids behind the vocabulary's are the words in `own` (list of str), see `encode`. Pad, start, unknown and all
        other ids are left out, so no placeholder is ever written; control characters, which only a vocabulary from
        elsewhere can hold, are escaped.
        """
        tokens = []
        for number in np.asarray(ids).reshape(-1).tolist():
            if number == self.END:
                break
            if self.UNK < number < len(self.words):
                tokens.append(self.surface(self.words[int(number)]))
            elif len(self.words) <= number < len(self.words) + len(own):
                tokens.append(own[int(number) - len(self.words)])
        return printable(detokenize(tokens, capitalise=self.capitalises))

    def save(self, path):
        """Writes the vocabulary as JSON (UTF-8) to `path`, whole or not at all."""
        with atomic_write(path) as fresh:
            fresh.write_text(json.dumps(self._document(), ensure_ascii=False, indent=0) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path):
        """Reads what `save` wrote.

        Raises:
            Img2TweetError: the file is missing, or is not a vocabulary.
        """
        expected = f"{path}: expected a JSON file written by Vocabulary.save"
        try:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
        except OSError as error:
            raise Img2TweetError(f"{expected}; cannot read it ({error.strerror})") from error
        except (ValueError, RecursionError) as error:
            raise Img2TweetError(f"{expected}, got something that is not JSON ({error})") from error
        problem = cls._problem(document)
        if problem:
            raise Img2TweetError(f"{expected}, {problem}")
        return cls(**{key: document[key] for key in ("words", "counts", "surfaces", "capitalises")})

    def _document(self):
        return {
            "format": FORMAT, "version": VERSION, "tokenizer": TOKENIZER, "capitalises": self.capitalises,
            "words": self.words, "counts": self.counts, "surfaces": self._surfaces,
        }  # fmt: skip

    @classmethod
    def _problem(cls, document):
        """Says what keeps a parsed JSON document from being a vocabulary, or returns None."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            return f'got no "format": "{FORMAT}"'
        if document.get("version") != VERSION:
            return f"got version {document.get('version')!r}, this program reads version {VERSION}"
        words, counts, surfaces = (document.get(key) for key in ("words", "counts", "surfaces"))
        if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
            return '"words" is not a list of strings'
        if tuple(words[:4]) != cls.SPECIALS or len(set(words)) != len(words):
            return f'"words" must begin with {", ".join(cls.SPECIALS)} and name no word twice'
        if not isinstance(counts, list) or len(counts) != len(words) or not all(type(n) is int for n in counts):
            return f'"counts" is not a list of {len(words)} whole numbers'
        if not isinstance(surfaces, dict) or not all(isinstance(form, str) and form for form in surfaces.values()):
            return '"surfaces" does not map words to strings'
        if not isinstance(document.get("capitalises"), bool):
            return '"capitalises" is not true or false'
        return None


def _tokens(text):
    return tokenize(clean(text)) if isinstance(text, str) else text


def _surface(word, inside, starting):
    """Returns the commonest written form, from inside sentences (Counter) where the word occurs there.

    A word seen only at sentence starts (Counter) keeps its capitals if they are not the sentence's: iPhone, #TBT.
    """
    forms = inside or starting
    form = min(forms, key=lambda form: (-forms[form], form != word, form))
    return word if not inside and form[1:].islower() and form[0].isalpha() else form
