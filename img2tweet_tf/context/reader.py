"""Facts of a pair -> the integers that a captioner reads, and the words it may copy.

A pair's memory is a list of tokens, each with its field and its place in the value. The extended vocabulary of a pair
(See et al. 2017) is the captioner's vocabulary, then this pair's own words: those of its facts that the vocabulary
lacks, in the order in which they come.
"""

import functools
from collections import Counter

import numpy as np

from img2tweet_tf.text import Vocabulary, clean, tokenize

LONGEST = 80  # tokens of a pair's facts at most; further ones are left out
PLACES = 8  # places in a value that are told apart; the last stands for all further ones
FIELD, PLACE, TOKEN, COPY = range(4)


class ContextReader:
    """Turns facts into arrays.

    Attributes:
        kind: of `facts.KINDS`.
        fields: list of str, the fields that are known; 0 stands for no fact, 1 for an unknown field.
        accounts: list of str, the accounts that are known; 0 stands for an unknown one.
    """

    def __init__(self, kind, fields, accounts):
        self.kind, self.fields, self.accounts = kind, list(fields), list(accounts)
        self._field = {field: number for number, field in enumerate(self.fields, 2)}
        self._account = {account: number for number, account in enumerate(self.accounts, 1)}

    @classmethod
    def build(cls, kind, facts, min_count=3):
        """Returns the reader for the facts of the training pairs; rarer fields and accounts count as unknown."""
        fields = Counter(field for of_pair in facts for field in dict.fromkeys(field for field, _ in of_pair))
        accounts = Counter(_name(value) for of_pair in facts for field, value in of_pair if field == "account")
        known = (sorted(name for name, n in counts.items() if n >= min_count) for counts in (fields, accounts))
        return cls(kind, *known)

    def sizes(self):
        """Returns the sizes of a captioner that reads this context, arguments of the classes of `models`."""
        return {"num_fields": len(self.fields) + 2, "num_accounts": len(self.accounts) + 1}

    def read(self, facts, vocabulary):
        """Returns what a captioner reads of facts, and the words of each pair that follow the vocabulary's.

        Args:
            facts: for each pair a list of (field, value).
            vocabulary: the captioner's `Vocabulary`.

        Returns:
            dict of int32 arrays: "context" (pairs, LONGEST, 4), for each token of a fact its field, place, id (`UNK`
            where the vocabulary lacks it) and id in the extended vocabulary, zeros behind the last; "account" (pairs,).
            List of lists of str, each pair's own words: id len(vocabulary) is the first of them.
        """
        context = np.zeros((len(facts), LONGEST, 4), np.int32)
        account, own = np.zeros(len(facts), np.int32), []
        for row, of_pair in enumerate(facts):
            words, tokens = {}, []
            for field, value in of_pair:
                if field == "account":
                    account[row] = self._account.get(_name(value), 0)
                for place, token in enumerate(tokens_of(field, value)):
                    known = vocabulary.encode([token])[1]
                    if (copy := known) == Vocabulary.UNK:
                        words.setdefault(token.lower(), token)
                        copy = len(vocabulary) + list(words).index(token.lower())
                    tokens.append((self._field.get(field, 1), min(place, PLACES - 1), known, copy))
            tokens = tokens[:LONGEST]
            context[row, : len(tokens)] = np.array(tokens, np.int32).reshape(-1, 4)
            own.append(list(words.values())[:LONGEST])
        return {"context": context, "account": account}, own

    def to_json(self):
        """Returns what `from_json` reads."""
        return {"kind": self.kind, "fields": self.fields, "accounts": self.accounts}

    @classmethod
    def from_json(cls, saved):
        """Returns the reader that `to_json` described."""
        return cls(saved["kind"], saved["fields"], saved["accounts"])


@functools.lru_cache(100_000)
def tokens_of(field, value):
    """Returns the tokens (list of str) of a fact; an account is a mention."""
    return tokenize(clean(f"@{_name(value)}" if field == "account" else str(value)))


def _name(account):
    return str(account).removeprefix("@").lower()
