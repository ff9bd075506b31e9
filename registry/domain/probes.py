"""Which few frames of a query are sent to the database to find candidates. Pure.

Evenly over time in every view: the views of one moment stand together, so every second frame of a list might
always be the mirrored one. Most places go to the views of the whole picture, in which most copies are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.domain.fingerprint import BOXES, TURNS, Frame

HASHES: Final = (96, 1200)
"""Frames whose hashes are sent, of a minute and at most; between them one more a second."""
VECTORS: Final = (48, 600)
"""Frames whose vectors are; between them one more in two seconds, so that a cut of four seconds in a long
clip is met by one at least."""
MINUTE: Final = 60.0

PARTS: Final = 0.25
"""Share of the places for pictures in the picture and turned ones, where both kinds have too many."""
_PARTS: Final = frozenset(f"{view}{end}" for view in (*BOXES, *TURNS) for end in ("", ".mirror"))


def hashes(duration: float) -> int:
    """How many frames of a query of `duration` seconds ask by their hashes."""
    return int(min(HASHES[0] + max(duration - MINUTE, 0.0), HASHES[1]))


def vectors(duration: float) -> int:
    """How many ask by their vectors."""
    return int(min(VECTORS[0] + max(duration - MINUTE, 0.0) / 2, VECTORS[1]))


def chosen(frames: Sequence[Frame], most: int) -> list[Frame]:
    """`most` of the frames at most, in their order."""
    if len(frames) <= most:
        return list(frames)
    wholes = [index for index, frame in enumerate(frames) if frame.view not in _PARTS]
    parts = [index for index, frame in enumerate(frames) if frame.view in _PARTS]
    for_parts = min(len(parts), max(int(PARTS * most), most - len(wholes)))
    kept = [*_by_view(frames, wholes, most - for_parts), *_by_view(frames, parts, for_parts)]
    return [frames[index] for index in sorted(kept)]


def _by_view(frames: Sequence[Frame], some: Sequence[int], most: int) -> list[int]:
    """`most` of the indices `some`, as many of each view as can be, spread evenly."""
    views: dict[str, list[int]] = {}
    for index in some:
        views.setdefault(frames[index].view, []).append(index)
    kept: list[int] = []
    # Whatever a rare view leaves of its share goes to the commoner ones.
    for left, indices in zip(range(len(views), 0, -1), sorted(views.values(), key=len), strict=True):
        kept += _spread(indices, (most - len(kept)) // left)
    return kept


def _spread(indices: Sequence[int], wanted: int) -> list[int]:
    if wanted >= len(indices):
        return list(indices)
    if wanted < 2:
        return list(indices[len(indices) // 2 :][:wanted])
    return [indices[round(at * (len(indices) - 1) / (wanted - 1))] for at in range(wanted)]
