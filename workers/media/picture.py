"""Input of hashers and face detectors: RGB arrays scaled once, and their sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3) uint8, RGB, upright as shown."""

HASH_SIDE: Final = 288
"""Shorter side for hashing: SSCD's input. PDQ and pHash need 64."""
HASH_LONGEST: Final = 1024
"""Longer side for hashing, so that a very long and narrow picture stays small."""
FACE_LONGEST: Final = 1280
"""Longer side of the picture from which faces are cut: a face of 5 % of a 720p frame keeps its 64 pixels."""


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    def scaled(self, factor: float) -> Size:
        return Size(max(1, round(self.width * factor)), max(1, round(self.height * factor)))


def hash_size(shown: Size) -> Size:
    """Return the size at which a picture is hashed; never larger than the picture."""
    return shown.scaled(min(1.0, HASH_SIDE / min(shown), HASH_LONGEST / max(shown)))


def face_size(shown: Size) -> Size:
    """Return the size at which faces are detected and cut; never larger than the picture."""
    return shown.scaled(min(1.0, FACE_LONGEST / max(shown)))


@dataclass(frozen=True, slots=True)
class Own:
    """A still as decoded. `pixels` gives it upright. `orientation`: EXIF's 1-8, by which it was turned."""

    pixels: Callable[[], Pixels]
    orientation: int


@dataclass(frozen=True, slots=True)
class Moment:
    """One decoded frame, with pixels on demand.

    `time` and `duration` are in seconds from the first frame; `size` is as shown (upright, square pixels).
    `render(size)` scales the frame directly from the decoder's pixels; most moments are never rendered.
    `own`: a still at its own size; None for a video.
    """

    time: float
    duration: float
    size: Size
    render: Callable[[Size], Pixels]
    own: Own | None = None
