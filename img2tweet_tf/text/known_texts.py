"""The texts a captioner was trained on, kept as hashes: enough to know one again, too little to read one."""

import hashlib

import numpy as np
import regex


class KnownTexts:
    """A set of texts without the texts. `text in known` says whether the words of a text are those of one of them.

    Args:
        hashes: uint64 (texts,), sorted.
    """

    def __init__(self, hashes):
        self.hashes = hashes

    @classmethod
    def from_texts(cls, texts):
        """Returns the `KnownTexts` of an iterable of str; those that are empty say nothing that could be copied."""
        return cls(np.unique(np.array([_hash(text) for text in texts if text], np.uint64)))

    def __len__(self):
        return len(self.hashes)

    def __contains__(self, text):
        wanted = _hash(text)
        place = np.searchsorted(self.hashes, wanted)
        return bool(place < len(self) and self.hashes[place] == wanted)

    def save(self, file):
        """Saves the hashes as a .npy file."""
        np.save(file, self.hashes, allow_pickle=False)

    @classmethod
    def load(cls, file):
        """Loads what `save` wrote; ValueError if it is something else."""
        hashes = np.load(file, allow_pickle=False)
        if hashes.dtype != np.uint64 or hashes.ndim != 1:
            raise ValueError(f"expected uint64 (texts,), got {hashes.dtype} {hashes.shape}")
        return cls(np.unique(hashes))


def _hash(text):
    """Returns 64 bits of a text's letters and digits; case, spaces, punctuation and emoji make no difference."""
    said = regex.sub(r"[^\w]", "", text.lower()) or text
    return np.uint64(int.from_bytes(hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=8).digest(), "big"))
