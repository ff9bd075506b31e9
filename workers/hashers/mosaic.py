"""mosaic.1: area means of 24 x 24 cells of the grey picture, in 16 levels.

Whole numbers throughout, so that every implementation gives the same bytes. Of n pixels, cell i covers those
from i n // 24 up to (i + 1) n // 24, at least one. `registry.catalogue.fingerprints.model.mosaics` describes
the value.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from registry.catalogue.fingerprints.model.mosaics import LEVELS, SIDE
from workers.media.picture import Pixels


def compute(pixels: Pixels) -> bytes:
    """Return the value of one picture, 290 bytes."""
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    (top, bottom), (left, right) = (_edges(side) for side in grey.shape)
    table = cv2.integral(grey).astype(np.int64)
    above, below = table[top], table[bottom]
    sums = below[:, right] - below[:, left] - above[:, right] + above[:, left]
    counts = (bottom - top)[:, None] * (right - left)[None, :]
    darkest = int((sums // counts).min())
    lightest = int((-(-sums // counts)).max())
    span = max(lightest - darkest, LEVELS)
    levels = np.minimum(LEVELS * (sums - darkest * counts) // (counts * span), LEVELS - 1).astype(np.uint8)
    pairs = levels.reshape(-1, 2)
    packed: bytes = (pairs[:, 0] << 4 | pairs[:, 1]).tobytes()
    return bytes([darkest, lightest]) + packed


def _edges(side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first pixel of each cell, and the pixel after its last."""
    cells = np.arange(SIDE)
    first = np.minimum(cells * side // SIDE, side - 1)
    return first, np.maximum(first + 1, (cells + 1) * side // SIDE)
