"""Detect faces in footage rotated by quarter turns: upright first, then rotated.

Measured on 12 clips rotated by a quarter: YuNet scores the faces .89-.96 when turned back, and .80-.90, or
not at all, as they lie. Upright faces score .92-.95, and .83-.91 upside down. Faces are cut and described
from the picture as it is, since alignment by landmarks rotates them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from workers.faces.base import Detection, Detector
from workers.media.picture import Pixels

SURE: Final = 0.9
"""Score from which a face is certainly upright."""
BETTER: Final = 0.04
"""Score by which a rotated picture's best face must be better to be accepted."""
TRIES: Final = 3
"""Moments without a certain face, per file, at which the rotated pictures are searched too."""


LATER_TRIES: Final = 2
"""The same for each later chapter of a long video: footage without faces pays for these searches."""


class Turning:
    """A detector for the moments of one file that finds the rotation of the footage, once per chapter."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._quarters: int | None = None
        self._tries = 0

    def available(self) -> str | None:
        """Return None, or what to install."""
        return self._detector.available()

    def begin_later_chapter(self) -> None:
        """Find the rotation anew."""
        self._quarters = None
        self._tries = TRIES - LATER_TRIES

    def detect(self, pixels: Pixels) -> Sequence[Detection]:
        """Return the faces of an RGB picture, in its pixels, the largest first."""
        faces = self._turned(pixels, self._quarters or 0)
        if self._quarters is not None:
            return faces
        best = _best(faces)
        if best >= SURE:
            self._quarters = 0
        elif self._tries < TRIES:
            self._tries += 1
            turned_faces = {quarters: self._turned(pixels, quarters) for quarters in (1, 3, 2)}
            turn = max(turned_faces, key=lambda quarters: _best(turned_faces[quarters]))
            if _best(turned_faces[turn]) >= max(SURE, best + BETTER):
                self._quarters = turn
                return turned_faces[turn]
        return faces

    def _turned(self, pixels: Pixels, quarters: int) -> Sequence[Detection]:
        if not quarters:
            return self._detector.detect(pixels)
        height, width = pixels.shape[:2]
        faces = self._detector.detect(np.ascontiguousarray(np.rot90(pixels, quarters)))
        return [_back(face, quarters, width, height) for face in faces]


def _best(faces: Sequence[Detection]) -> float:
    return max((face.score for face in faces), default=0.0)


def _back(face: Detection, quarters: int, width: int, height: int) -> Detection:
    """Map a face of the picture turned counter-clockwise to the pixels of the picture (`width` x
    `height`)."""
    points = _points_back(face.points, quarters, width, height)
    left, top, across, down = face.box
    corners = np.array([[left, top], [left + across, top + down]])
    first, second = _points_back(corners, quarters, width, height)
    (x, y), (right, bottom) = np.minimum(first, second), np.maximum(first, second)
    return Detection((float(x), float(y), float(right - x), float(bottom - y)), points, face.score)


def _points_back(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]], quarters: int, width: int, height: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    x, y = points[:, 0], points[:, 1]
    if quarters == 1:
        return np.stack([width - 1 - y, x], axis=1)
    if quarters == 2:
        return np.stack([width - 1 - x, height - 1 - y], axis=1)
    return np.stack([y, height - 1 - x], axis=1)
