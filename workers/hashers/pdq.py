"""pdq.1: Facebook's PDQ (2019), with its quality figure.

Every step of PDQ before its bits is linear and separable. The steps are two box filters along rows and
columns (their windows cut at the edges), picking 64 x 64 samples, and a 16 x 64 cosine transform. So only the
64 x 64 samples are computed, and mirrored and turned pictures share the rows. A frame and its mirror image
take .5 ms. The reference library takes 2.2 ms for each, and cannot give the exact hash of mirrored or turned
pixels (its dihedral transform is 8-24 bits off).

A video's frames are hashed as scaled for all hashers, a still at its own size, as by ThreatExchange's Python
library: docs/decisions/0113-stills-at-their-own-size.md.

Source: ThreatExchange, pdq/cpp (downscaling.cpp, pdqhashing.cpp). The contract tests compare it with the
reference library, pdqhash, bit by bit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.algorithms import PDQ
from workers.hashers.base import Hashed
from workers.media.picture import Pixels

SAMPLES: Final = 64
COEFFICIENTS: Final = 16
LUMA: Final = np.array([[0.299, 0.587, 0.114]], dtype=np.float32)
WINDOWS: Final = 128
"""A box filter's window is the side divided by this, rounded up."""
WHOLE: Final = 1_000_000
"""Bytes of a picture up to which it is not read in strips."""
GRADIENT: Final = 90
"""Sum of gradients per point of quality."""

Matrix = NDArray[np.float32]


Pair = tuple[Hashed, Hashed]
"""The hashes of a picture and of its mirror image."""


class Pdq:
    """PDQ of a picture. `quality` 0-100: its amount of gradient; a picture under 50 says too little."""

    algorithm = PDQ
    mirrored = True

    def available(self) -> str | None:
        """Return None: it needs only numpy and OpenCV."""
        return None

    def compute(self, pixels: Pixels) -> Hashed:
        """Return the hash of one frame."""
        return self.compute_pair(pixels)[0]

    def compute_pair(self, pixels: Pixels) -> Pair:
        """Return the hashes of a frame and of its mirror image."""
        lines = _lines(pixels)
        return _hash(_across(lines)), _hash(_across(lines[:, ::-1]))

    def compute_turns(self, pixels: Pixels) -> tuple[Pair, Pair, Pair, Pair]:
        """Return the pairs of a picture as it is, and turned by 90, 180 and 270 degrees counter-clockwise.

        A turn by 90 degrees is a transposed mirror image, so all eight are of two passes over the pixels.
        """
        upright, upended = _lines(pixels), _lines(pixels[::-1])
        straight, mirror = _across(upright), _across(upright[:, ::-1])
        flipped, turned = _across(upended), _across(upended[:, ::-1])
        return (
            (_hash(straight), _hash(mirror)),
            (_hash(mirror.T), _hash(turned.T)),
            (_hash(turned), _hash(flipped)),
            (_hash(flipped.T), _hash(straight.T)),
        )


def _hash(samples: Matrix) -> Hashed:
    """Return the bits: coefficients above their lower median; the first coefficient is the last bit."""
    coefficients = _transformed(samples).ravel()
    middle = np.partition(coefficients, coefficients.size // 2 - 1)[coefficients.size // 2 - 1]
    return Hashed(np.packbits((coefficients > middle)[::-1]).tobytes(), _quality(samples))


def _transformed(samples: Matrix) -> Matrix:
    """Return the (16, 16) coefficients of (64, 64) samples, each a sum from the first product to the last, as
    in the reference.

    Drawn patterns have coefficients that are zero but for rounding. Their signs are then bits of the hash:
    with a matrix product, which adds in blocks, 106 bits of a checkerboard's differ from the reference's.
    """
    cosines = _cosines()
    down = np.einsum("ki,kj->ij", cosines, np.ascontiguousarray(samples))
    return np.asarray(np.einsum("ik,kj->ij", down, cosines))


def _quality(samples: Matrix) -> int:
    """Return the reference's figure: the sum of differences of neighbours, in whole per cents of the grey
    scale."""
    down = np.abs(np.trunc(np.diff(samples, axis=0) * 100 / 255)).sum()
    across = np.abs(np.trunc(np.diff(samples, axis=1) * 100 / 255)).sum()
    return min(100, int((down + across) / GRADIENT))


def _lines(pixels: Pixels) -> Matrix:
    """Return the luma of a picture, reduced to (64, width). A large one is read in strips, which stay in the
    cache."""
    if pixels.size <= WHOLE:
        return _reduced(_luma(pixels))
    places, weights = _taps(len(pixels))
    lines = np.empty((SAMPLES, pixels.shape[1]), dtype=np.float32)
    for at, line in enumerate(lines):
        strip = pixels[places[0, at] : places[-1, at] + 1]
        np.einsum("t,tw->w", weights[:, at, 0], _luma(strip), out=line)
    return lines


def _luma(pixels: Pixels) -> Matrix:
    return cv2.transform(pixels.astype(np.float32), LUMA).astype(np.float32, copy=False)


def _across(lines: Matrix) -> Matrix:
    """Reduce (64, width) lines to (64, 64) samples."""
    return _reduced(np.ascontiguousarray(lines.T)).T


def _reduced(lines: Matrix) -> Matrix:
    """Reduce (side, n) to (64, n): each sample is a weighted sum of the few lines around it.

    A matrix product would give the same result, but would start BLAS's threads.
    """
    places, weights = _taps(len(lines))
    total: Matrix = lines[places[0]] * weights[0]
    for place, weight in zip(places[1:], weights[1:], strict=True):
        total += lines[place] * weight
    return total


@lru_cache(maxsize=64)
def _taps(side: int) -> tuple[NDArray[np.int64], Matrix]:
    """Return (taps, 64) places and (taps, 64, 1) weights that reduce `side` lines to 64 samples.

    The box filter is applied twice, and each sample is the line that is picked.
    """
    picked = ((np.arange(SAMPLES) + 0.5) * side / SAMPLES).astype(np.int64)
    begins, ends = _window(picked, side)
    first, last = _window(begins, side)[0], _window(ends, side)[1]
    count = int((last - first).max()) + 1
    first = np.minimum(first, side - count)
    weights = np.zeros((SAMPLES, count))
    for begin, end, start, weight in zip(begins, ends, first, weights, strict=True):
        near = np.arange(int(begin), int(end) + 1)
        for low, high in zip(*_window(near, side), strict=True):
            weight[low - start : high - start + 1] += 1 / len(near) / (high - low + 1)
    places = first[np.newaxis, :] + np.arange(count)[:, np.newaxis]
    return places, np.ascontiguousarray(weights.T[:, :, np.newaxis], dtype=np.float32)


def _window(lines: NDArray[np.int64], side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last line that the box filter averages at each of these lines."""
    size = (side + WINDOWS - 1) // WINDOWS
    ahead = (size + 2) // 2
    return np.maximum(lines + ahead - size, 0), np.minimum(lines + ahead - 1, side - 1)


@lru_cache(maxsize=1)
def _cosines() -> Matrix:
    """Return (64, 16): the second to seventeenth row of the 64-point DCT, as columns."""
    order = np.arange(1, COEFFICIENTS + 1)
    angles = np.pi / 2 / SAMPLES * order * (2 * np.arange(SAMPLES)[:, np.newaxis] + 1)
    scale = np.float64(np.float32(np.sqrt(2 / SAMPLES)))
    return np.asarray(scale * np.cos(angles), dtype=np.float32)
