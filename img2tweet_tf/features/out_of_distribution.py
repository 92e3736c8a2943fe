"""Whether an image looks like those a captioner was trained on: drawn scenes against photographs, say."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FeatureDistribution:
    """The mean direction of the training images' pooled features, and how far from it their like may lie.

    `centre` (channels,) is a unit vector, `radius` a cosine distance that 999 of 1,000 of the images it was made with
    keep. That is coarse, but drawn scenes and photographs lie far apart. `length` is that of the mean vector, None if
    it was not saved.
    """

    centre: np.ndarray
    radius: float
    length: float | None = None

    @property
    def mean(self):
        """The mean pooled features (channels,), None if their length was not saved."""
        return None if self.length is None else self.length * self.centre

    @classmethod
    def from_features(cls, pooled):
        """Makes it of the pooled features (n, channels) of the training and validation images."""
        centre = pooled.mean(axis=0)
        length = float(max(np.linalg.norm(centre), 1e-12))
        centre = np.round(centre / length, 5)
        return cls(centre, float(np.quantile(_distances(pooled, centre), 0.999, method="higher")), length)

    def is_outside(self, pooled):
        """Returns a boolean array (n,): which pooled features (n, channels) lie outside the radius."""
        return _distances(pooled, self.centre) > self.radius

    def to_json(self):
        return {"centre": self.centre.tolist(), "radius": self.radius, "length": self.length}

    @classmethod
    def from_json(cls, saved):
        return cls(np.array(saved["centre"]), saved["radius"], saved.get("length"))


def _distances(pooled, centre):
    """Returns cosine distances (n,) of pooled features (n, channels) from a unit vector."""
    return 1 - pooled @ centre / np.maximum(np.linalg.norm(pooled, axis=1), 1e-12)
