"""Word vectors laid out for a vocabulary, and how much of it they cover."""

from dataclasses import dataclass

import numpy as np
import regex

from img2tweet_tf.text.vocabulary import Vocabulary


def embedding_matrix(vocabulary, vectors, seed=0):
    """Returns the embedding of a vocabulary (float32, (len(vocabulary), dimension)) and its `Coverage`.

    A word's row is its vector: the word as it is, else as people write it, else a hashtag's words, a contraction's or a
    hyphenated word's parts, averaged if all are known. Other rows are drawn from a normal distribution with the spread
    of those found; the row of `PAD` is zero.

    Args:
        vocabulary: a `Vocabulary`.
        vectors: gensim `KeyedVectors`.
        seed: integer, for the drawn rows.
    """
    matrix = np.zeros((len(vocabulary), vectors.vector_size), np.float32)
    found = np.zeros(len(vocabulary), bool)
    specials = len(Vocabulary.SPECIALS)
    for at, word in enumerate(vocabulary.words[specials:], start=specials):
        vector = _look_up(word, vocabulary.surface(word), vectors)
        if vector is not None:
            matrix[at], found[at] = vector, True
    spread = float((matrix[found] if found.any() else vectors.vectors[:1000]).std())
    drawn = np.random.default_rng(seed).normal(0.0, spread, matrix.shape).astype(np.float32)
    matrix[~found] = drawn[~found]
    matrix[Vocabulary.PAD] = 0.0
    counts = np.asarray(vocabulary.counts)
    missing = [(word, count) for word, count, there in zip(vocabulary.words, vocabulary.counts, found, strict=True)
               if not there][specials:]  # fmt: skip
    return matrix, Coverage(
        vectors=getattr(vectors, "name", f"{vectors.vector_size}-d vectors"),
        types=len(vocabulary) - specials,
        types_found=int(found.sum()),
        tokens=int(counts[specials:].sum()),
        tokens_found=int(counts[found].sum()),
        missing=sorted(missing, key=lambda pair: -pair[1]),
    )


@dataclass(frozen=True)
class Coverage:
    """How much of a vocabulary has a vector: by words (`types`) and by their occurrences in the training texts
    (`tokens`). `missing` lists (word, count), commonest first; `vectors` names the vectors."""

    vectors: str
    types: int
    types_found: int
    tokens: int
    tokens_found: int
    missing: list

    def __str__(self):
        rare = ", ".join(word for word, _ in self.missing[:8]) or "none"
        return (
            f"{self.vectors}: {self.types_found:,} of {self.types:,} words ({self.types_found / self.types:.1%}), "
            f"{self.tokens_found / self.tokens:.1%} of their occurrences; commonest without a vector: {rare}"
        )


def _look_up(word, surface, vectors):
    """Returns the vector of a word (dimension,) or None."""
    for form in (word, surface, "..." if word in ("..", "…") else word):
        if form in vectors.key_to_index:
            return vectors[form]
    if word.startswith(("#", "＃")):
        parts = [surface[1:].lower()]
        if parts[0] not in vectors.key_to_index:
            parts = regex.findall(r"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\d+|[^\W\d_]+", surface[1:])
    elif "'" in word:
        parts = regex.findall(r".+(?=n't$)|(?<=.)n't$|'[^']+$|[^']+", word)
    else:
        parts = regex.split(r"[-_/]", word)
    parts = [part.lower() for part in parts if part]
    if not parts or any(part not in vectors.key_to_index for part in parts):
        return None
    return np.mean([vectors[part] for part in parts], axis=0)
