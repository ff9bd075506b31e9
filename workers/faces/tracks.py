"""Assign faces of consecutive samples to one person: tracks. Pure.

Samples are a second apart, so a face may have moved by its own width. Position and similarity decide
together.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workers.faces.base import Embedding, unit

Box = tuple[float, float, float, float]
"""x, y, width, height as shares of the frame."""

FORGOTTEN: Final = 5.0
"""Seconds after which an unseen face starts a new track."""
ALIKE: Final = 0.36
"""SFace cosine at which .1 % of strangers match (33 people, measured)."""
SURE: Final = 0.5
"""Cosine at which no stranger matched: the face may have jumped, as after a cut."""
NEAR: Final = 0.8
"""Distance of the centres, in face widths, within which a face has only moved."""
UNLIKE: Final = 0.25
"""Cosine below which even a face in the same place is another person. Two speakers in alternating shots are
often framed alike. A track that mixes two people is worse than a person in two tracks."""
NEAR_WORTH: Final = 0.3
"""Cosine added for the same place, if two tracks compete for a face."""


@dataclass(slots=True)
class _Track:
    number: int
    time: float
    box: Box
    vector: Embedding


class Tracker:
    """Numbers faces sample by sample, in order of time."""

    def __init__(self) -> None:
        self._open: list[_Track] = []
        self._count = 0

    def number(self, time: float, faces: Sequence[tuple[Box, Embedding]]) -> list[int]:
        """Return the track numbers of the faces of the sample at `time`, in their order. A track takes at
        most one face."""
        self._open = [track for track in self._open if time - track.time <= FORGOTTEN]
        pairs = [
            (_link(track, box, vector), place, track)
            for (place, (box, vector)), track in itertools.product(enumerate(faces), self._open)
        ]
        numbers: dict[int, int] = {}
        assigned: set[int] = set()
        for strength, place, track in sorted(pairs, key=lambda pair: -pair[0]):
            if strength > 0 and place not in numbers and track.number not in assigned:
                numbers[place] = track.number
                assigned.add(track.number)
                track.time, track.box = time, faces[place][0]
                track.vector = _blend(track.vector, faces[place][1])
        for place, (box, vector) in enumerate(faces):
            if place not in numbers:
                numbers[place] = self._count
                self._open.append(_Track(self._count, time, box, vector))
                self._count += 1
        return [numbers[place] for place in range(len(faces))]


def _link(track: _Track, box: Box, vector: Embedding) -> float:
    """Return how strongly a face continues a track; 0: it does not."""
    cosine = float(track.vector @ vector)
    near = _distance(track.box, box) <= NEAR or _overlap(track.box, box) >= 0.3
    if (
        cosine >= SURE
        or (near and cosine >= UNLIKE)
        or (cosine >= ALIKE and _distance(track.box, box) <= 3 * NEAR)
    ):
        return cosine + (NEAR_WORTH if near else 0.0)
    return 0.0


def _distance(box: Box, other: Box) -> float:
    across = (box[0] + box[2] / 2) - (other[0] + other[2] / 2)
    down = (box[1] + box[3] / 2) - (other[1] + other[3] / 2)
    width, height = max(box[2], other[2], 1e-9), max(box[3], other[3], 1e-9)
    return float(np.hypot(across / width, down / height))


def _overlap(box: Box, other: Box) -> float:
    """Return the intersection over union."""
    across = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    down = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    common = max(0.0, across) * max(0.0, down)
    return common / max(box[2] * box[3] + other[2] * other[3] - common, 1e-12)


def _blend(old: Embedding, new: Embedding) -> Embedding:
    """Return a track's running mean, so that one blurred sample does not break it."""
    return unit(0.7 * old + 0.3 * new)
