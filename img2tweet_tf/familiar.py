"""Whether an image looks like those a captioner was trained on: drawn scenes against photographs, say."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Familiar:
    """The mean direction of the training images' pooled features, and how far from it their like may lie.

    `centre` (channels,) is a unit vector, `radius` a cosine distance: the farthest of the held-out images it was made
    with. That is coarse, but no threshold is guessed: drawn scenes and photographs lie far apart.
    """

    centre: np.ndarray
    radius: float

    @classmethod
    def of(cls, train, held_out):
        """Makes it of pooled features (n, channels) of training images, and of held-out ones like them (or none)."""
        centre = train.mean(axis=0)
        centre = np.round(centre / max(np.linalg.norm(centre), 1e-12), 5)
        return cls(centre, float(_distances(held_out if len(held_out) else train, centre).max()))

    def strange(self, pooled):
        """Returns a boolean array (n,): which pooled features (n, channels) lie outside the radius."""
        return _distances(pooled, self.centre) > self.radius

    def to_json(self):
        return {"centre": self.centre.tolist(), "radius": self.radius}

    @classmethod
    def from_json(cls, saved):
        return cls(np.array(saved["centre"]), saved["radius"])


def _distances(pooled, centre):
    """Returns cosine distances (n,) of pooled features (n, channels) from a unit vector."""
    return 1 - pooled @ centre / np.maximum(np.linalg.norm(pooled, axis=1), 1e-12)
