"""Which few frames of a query are sent to the database to find candidates. Pure.

Half are of the whole picture as it is, in which most copies are found; the rest are of all other views alike.
Each view is spread evenly over time, and no two fall on the same moments: a cut of four seconds that is seen
in any view is met between the places of one by those of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.domain.fingerprint import BOXES, FULL, TURNS, Frame

HASHES: Final = (96, 1200)
"""Frames whose hashes are sent, of a minute and at most; between them one more a second."""
VECTORS: Final = (48, 600)
"""Frames whose vectors are; between them one more in two seconds, so that a cut of four seconds in a long
clip is met by one at least."""
MINUTE: Final = 60.0

WHOLE: Final = 0.5
"""Share of the places for the whole picture as it is. Four seconds in a minute, 13 clips: with as many places
for each view, all at the same moments, 2 were not proposed and 10 by one or two values alone, hashes or
vectors; so, none and 1."""
PARTS: Final = 0.25
"""Share for pictures in the picture and turned ones, where there are too many of all kinds."""
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
    wholes, others, parts = _kinds(frames)
    for_wholes = min(len(wholes), max(int(WHOLE * most), most - len(others) - len(parts)))
    left = most - for_wholes
    for_parts = min(len(parts), max(int(PARTS * most), left - len(others)))
    kept = [
        *_by_view(frames, wholes, for_wholes),
        *_by_view(frames, others, left - for_parts),
        *_by_view(frames, parts, for_parts),
    ]
    return [frames[index] for index in sorted(kept)]


def _kinds(frames: Sequence[Frame]) -> tuple[list[int], list[int], list[int]]:
    """The indices of the frames as they are, of the whole in other views, and of parts and turned ones."""
    whole = [index for index, frame in enumerate(frames) if frame.view == FULL]
    parts = [index for index, frame in enumerate(frames) if frame.view in _PARTS]
    neither = set(range(len(frames))).difference(whole, parts)
    return whole, sorted(neither), parts


def _by_view(frames: Sequence[Frame], some: Sequence[int], most: int) -> list[int]:
    """`most` of the indices `some`, as many of each view as can be, spread evenly, each view between the
    moments of the others."""
    views: dict[str, list[int]] = {}
    for index in some:
        views.setdefault(frames[index].view, []).append(index)
    kept: list[int] = []
    # Whatever a rare view leaves of its share goes to the commoner ones.
    for place, indices in enumerate(sorted(views.values(), key=len)):
        wanted = (most - len(kept)) // (len(views) - place)
        kept += _spread(indices, wanted, (place + 0.5) / len(views))
    return kept


def _spread(indices: Sequence[int], wanted: int, phase: float) -> list[int]:
    """`wanted` of the indices, evenly; `phase`: 0-1, how far the first lies into its share of them."""
    if wanted >= len(indices):
        return list(indices)
    return [indices[int((at + phase) * len(indices) / wanted)] for at in range(wanted)]
