"""Remove a frame's uniform border: black bars, letterboxes, flat margins. Pure.

A border is searched over several samples at once: a dark scene has dark edges for a moment, but bars stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.media.picture import Pixels

FLAT: Final = 4.0
"""Standard deviation, in grey levels, below which a row has one tone (bars after re-encoding: 0-2)."""
DRIFT: Final = 10.0
"""Most grey levels by which a border's rows may differ from the outermost one."""
LEAST: Final = 0.02
"""A border thinner than this share of the side is ignored."""
WORTH: Final = 0.05
"""A border of less than this share of the picture's area is left in: it hardly changes hashes."""
LEAST_LEFT: Final = 0.25
"""At least this share of each side must remain; otherwise the frame is flat, not bordered."""


class Border(NamedTuple):
    """Shares of the frame taken by the border at each side, 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float


NONE: Final = Border(0.0, 0.0, 0.0, 0.0)


def border(pictures: Sequence[Pixels]) -> Border:
    """Return the border common to all `pictures`; `NONE` if there is none. Flat frames are ignored."""
    borders = [edges for edges in map(_border, pictures) if edges is not None]
    if not borders:
        return NONE
    left, top, right, bottom = (min(sides) for sides in zip(*borders, strict=True))
    common = Border(*(side if side >= LEAST else 0.0 for side in (left, top, right, bottom)))
    across, down = 1 - common.left - common.right, 1 - common.top - common.bottom
    return common if across >= LEAST_LEFT and down >= LEAST_LEFT and 1 - across * down >= WORTH else NONE


def trimmed(pixels: Pixels, edge: Border) -> Pixels:
    """Return `pixels` without the border, and without one more pixel where the border bleeds in."""
    height, width = pixels.shape[:2]
    left, right = _inset(edge.left, width), width - _inset(edge.right, width)
    top, bottom = _inset(edge.top, height), height - _inset(edge.bottom, height)
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def _inset(share: float, side: int) -> int:
    return round(share * side) + 1 if share else 0


def _border(pixels: Pixels) -> Border | None:
    """Return the border of one picture, rows first, then columns within the remaining rows; None if it is
    flat."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape[:2]
    top, bottom = _run(grey), _run(grey[::-1])
    if top + bottom >= height:
        return None
    inner = grey[top : height - bottom].T
    left, right = _run(inner), _run(inner[::-1])
    return Border(left / width, top / height, right / width, bottom / height)


def _run(rows: NDArray[Any]) -> int:
    """Count the leading rows that have one tone, the same as the first row. Most frames have none."""
    outermost: float | None = None
    for index, row in enumerate(rows):
        mean, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(np.ascontiguousarray(row)))
        outermost = mean if outermost is None else outermost
        if abs(mean - outermost) >= DRIFT or deviation >= FLAT:
            return index
    return len(rows)
