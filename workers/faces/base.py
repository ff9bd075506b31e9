"""The protocols of face processing: a detector that finds faces, and an embedder that describes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from workers.faces.geometry import Points
from workers.media.picture import Pixels

Embedding = NDArray[np.float32]
"""(128,) of unit length."""


def unit(vector: NDArray[np.floating[Any]]) -> Embedding:
    """Scale `vector` to length 1; a null vector stays null."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Detection:
    """A face in a picture: `box` x, y, width, height and `points` in the picture's pixels; `score` 0-1."""

    box: tuple[float, float, float, float]
    points: Points
    score: float


class Detector(Protocol):
    """Finds faces."""

    def available(self) -> str | None:
        """Return None, or what to install."""

    def detect(self, pixels: Pixels) -> Sequence[Detection]:
        """Return the faces of one picture, the largest first. Raises `NotInstalled`."""


class Embedder(Protocol):
    """Describes faces."""

    def available(self) -> str | None:
        """Return None, or what to install."""

    def embed(self, chip: Pixels) -> Embedding:
        """Return the embedding of an aligned chip of 112 x 112. Raises `NotInstalled`."""
