"""pHash-256 of a frame as it was before each change of `registry.catalogue.fingerprints.model.reframed`.

A change fills margins with the edge beside them, or leaves out a strip, and scales the result to 64 x 64
pixels. This is linear in the rows and in the columns of the 64 x 64 pixels that pHash makes of the unchanged
frame. The cosine transform is linear too. So both are one matrix for each change of a side, and all hashes
together cost about as much as two.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.reframed import REFRAMED, Axis
from workers.hashers import phash
from workers.media.picture import Pixels

SIDE: Final = 64
LOW: Final = 16

Matrix = NDArray[np.float64]


def compute(pixels: Pixels) -> dict[str, bytes]:
    """Return the hash by view."""
    small = np.asarray(phash.reduced(pixels), dtype=np.float64)
    transforms, places = _matrices()
    down = transforms @ small
    low = down[places[:, 1]] @ transforms[places[:, 0]].transpose(0, 2, 1)
    flat = low.reshape(len(places), -1)
    bits = np.packbits(flat > np.median(flat, axis=1, keepdims=True), axis=1)
    return {view: bits[at].tobytes() for at, view in enumerate(REFRAMED)}


@lru_cache(maxsize=1)
def _matrices() -> tuple[Matrix, NDArray[np.int64]]:
    """Return (k, 16, 64) transforms of a line, one per axis, and (views, 2) the transforms of each view:
    across, down."""
    axes = sorted({axis for both in REFRAMED.values() for axis in both})
    transforms = np.stack([_cosines() @ _refitted(axis) for axis in axes])
    places = np.array([[axes.index(axis) for axis in both] for both in REFRAMED.values()], dtype=np.int64)
    return transforms, places


def _refitted(axis: Axis) -> Matrix:
    """Return (64, 64): the transform to a line as it was, in 64 samples."""
    place = (np.arange(SIDE) + 0.5) / SIDE
    share = (place - axis.before) / (1 - axis.before - axis.after)
    visible = np.clip(share, axis.hidden_before, 1 - axis.hidden_after)
    within = np.clip(visible * SIDE - 0.5, 0, SIDE - 1)
    first = np.minimum(within.astype(np.int64), SIDE - 2)
    matrix = np.zeros((SIDE, SIDE))
    matrix[np.arange(SIDE), first] = 1 - (within - first)
    matrix[np.arange(SIDE), first + 1] = within - first
    return matrix


def _cosines() -> Matrix:
    """Return (16, 64): the lowest frequencies of the 64-point DCT, as pHash uses them."""
    angles = np.pi * np.arange(LOW)[:, np.newaxis] * (2 * np.arange(SIDE) + 1) / (2 * SIDE)
    return np.asarray(2 * np.cos(angles))
