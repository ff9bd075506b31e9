"""What hashers and face detectors get to see: RGB arrays scaled once, and how large they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3) uint8, RGB, upright as shown."""

HASH_SIDE: Final = 288
"""Shorter side of what is hashed: SSCD's input; PDQ and pHash need 64."""
HASH_LONGEST: Final = 1024
"""Longer side of what is hashed, so that a ribbon of a picture stays small."""
FACE_LONGEST: Final = 1280
"""Longer side of what faces are cut from: a face of 5 % of a 720p frame keeps its 64 pixels."""


class Size(NamedTuple):
    """Pixels across and down."""

    width: int
    height: int

    def scaled(self, factor: float) -> Size:
        return Size(max(1, round(self.width * factor)), max(1, round(self.height * factor)))


def hash_size(shown: Size) -> Size:
    """The size a picture is hashed at; never larger than it is."""
    return shown.scaled(min(1.0, HASH_SIDE / min(shown), HASH_LONGEST / max(shown)))


def face_size(shown: Size) -> Size:
    """The size faces are sought and cut at; never larger than the picture is."""
    return shown.scaled(min(1.0, FACE_LONGEST / max(shown)))


@dataclass(frozen=True, slots=True)
class Moment:
    """One decoded frame: `time` and `duration` in seconds from the first frame, its `size` as shown (upright,
    square pixels), and its pixels on demand.

    `render(size)` scales the frame straight from the decoder's pixels; most moments are never rendered.
    """

    time: float
    duration: float
    size: Size
    render: Callable[[Size], Pixels]
