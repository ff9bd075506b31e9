"""Describe a face's expression at one moment: the mouth, and the part with eyes and brows, as a few numbers
each.

It detects fakes that keep the identity and change the speech (lip-sync, reenactment): the same footage shows
the same person, but the mouth moves differently. The aligned chip is made grey and coarse. Brightness and
contrast are removed from each part, and the lowest frequencies of its cosine transform are kept, a byte each.
The mouth fades towards its edges, since the cheek's outline and the background would otherwise dominate.
`registry.catalogue.fingerprints.model.expressions` compares the results.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.expressions import COLUMNS, PART, ROWS, SCALE
from workers.media.picture import Pixels

CELL: Final = 4
"""Pixels of the chip, across and down, that are averaged."""
BLUR: Final = 2.0
"""Standard deviation, in pixels of the chip, of the blur applied first: it keeps what survives
compression."""


class Part(NamedTuple):
    """A part of the 112 x 112 chip, in pixels. `fades`: whether it fades towards its edges (Hann window)."""

    left: int
    right: int
    top: int
    bottom: int
    fades: bool


MOUTH: Final = Part(34, 78, 74, 110, fades=True)
UPPER: Final = Part(16, 96, 30, 66, fades=False)


def describe(chip: Pixels) -> bytes:
    """Return the expression on an aligned RGB chip of 112 x 112.

    It has `registry.catalogue.fingerprints.model.expressions.BYTES` bytes.
    """
    grey = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), BLUR), dtype=np.float64)
    both = np.concatenate([_frequencies(soft, part) for part in (MOUTH, UPPER)])
    return bytes(np.clip(np.rint(both * SCALE), -SCALE, SCALE).astype(np.int8).tobytes())


def _frequencies(soft: NDArray[np.float64], part: Part) -> NDArray[np.float64]:
    """Return the lowest frequencies of a part, row by row, without the first, which is its brightness."""
    cut = soft[part.top : part.bottom, part.left : part.right]
    down, across = cut.shape[0] // CELL, cut.shape[1] // CELL
    cells = cut.reshape(down, CELL, across, CELL).mean(axis=(1, 3))
    window = np.outer(_faded(down), _faded(across)) if part.fades else np.ones((down, across))
    cells = (cells - float(np.average(cells, weights=window))) * window
    cells = cells / (float(np.linalg.norm(cells)) + 1.0)
    return (_cosines(down, ROWS) @ cells @ _cosines(across, COLUMNS).T).ravel()[1 : PART + 1]


def _faded(cells: int) -> NDArray[np.float64]:
    return np.asarray(np.hanning(cells + 2)[1:-1])


def _cosines(cells: int, count: int) -> NDArray[np.float64]:
    """Return (wanted, cells) orthonormal rows of the cosine transform (DCT-II)."""
    angles = np.pi * (np.arange(cells) + 0.5) * np.arange(count)[:, np.newaxis] / cells
    rows = np.cos(angles) * np.sqrt(2 / cells)
    rows[0] /= np.sqrt(2)
    return np.asarray(rows)
