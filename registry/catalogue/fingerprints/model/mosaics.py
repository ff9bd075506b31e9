"""mosaic.1: the coarsest picture of a frame, 24 x 24 grey cells of 16 levels. Pure.

It shows where a fake and its original differ, which hashes and embeddings do not keep. Whoever knows a scene
may recognise it: `make bench-mosaics` measures how well a face model does.

A value is 290 bytes. The first two are the grey levels of the darkest and the lightest cell, rounded
outwards. Then follow the cells row by row, two a byte, the first in the upper four bits. Level 0 begins at
the darkest; a level is a sixteenth of the distance, one grey level at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.algorithms import MOSAIC
from registry.catalogue.fingerprints.model.fingerprint import WHOLE, Mosaic

SIDE: Final = 24
"""Cells a side, whatever the shape of the picture. Compared on 20 pairs: 16 x 16 and 20 x 11 cells chose
wrongly for up to a tenth of the clips, 32 x 18 were no better."""
LEVELS: Final = 16

Cells = NDArray[np.float64]
"""(k, 24, 24) grey levels, 0-255."""


@dataclass(frozen=True, slots=True)
class Mosaics:
    """n mosaics in order of time.

    `times` (n,) seconds; `areas` (n, 4) the part of the picture that each shows, as left, top, right, bottom,
    0-1; `values` (n, 290) bytes.
    """

    times: NDArray[np.float64]
    areas: NDArray[np.float64]
    values: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.times)

    def cells(self, rows: NDArray[np.int64]) -> Cells:
        """Return (k, 24, 24) grey levels of some of them."""
        return unpacked(self.values[rows])

    def at(self, times: NDArray[np.float64]) -> Cells:
        """Return (k, 24, 24) grey levels at these seconds, interpolated between samples."""
        if len(self) == 1:
            return self.cells(np.zeros(len(times), dtype=np.int64))
        after = np.clip(np.searchsorted(self.times, times), 1, len(self) - 1)
        gaps = np.maximum(self.times[after] - self.times[after - 1], 1e-6)
        share = np.clip((times - self.times[after - 1]) / gaps, 0, 1)[:, None, None]
        return self.cells(after - 1) * (1 - share) + self.cells(after) * share

    def overlap(self, area: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n,) the intersection over union of their areas with one, 0-1."""
        sides = np.minimum(self.areas[:, 2:], area[2:]) - np.maximum(self.areas[:, :2], area[:2])
        common = np.prod(np.maximum(sides, 0), axis=1)
        sizes = np.prod(self.areas[:, 2:] - self.areas[:, :2], axis=1) + np.prod(area[2:] - area[:2])
        return np.asarray(common / np.maximum(sizes - common, 1e-6))


def of_mosaics(mosaics: Sequence[Mosaic]) -> Mosaics:
    """Return mosaics as arrays, in order of time."""
    ordered = sorted(mosaics, key=lambda mosaic: mosaic.time)
    areas = [(left, top, left + width, top + height) for left, top, width, height in (m.box for m in ordered)]
    return Mosaics(
        np.array([mosaic.time for mosaic in ordered], dtype=np.float64),
        np.array(areas, dtype=np.float64).reshape(-1, 4),
        _rows(b"".join(mosaic.value for mosaic in ordered)),
    )


def of_values(times: NDArray[np.float64], values: bytes) -> Mosaics:
    """Return mosaics of the whole picture, given in order of time, as arrays."""
    return Mosaics(times, np.broadcast_to(np.array(WHOLE), (len(times), 4)), _rows(values))


def unpacked(values: NDArray[np.uint8]) -> Cells:
    """Return (k, 24, 24) grey levels of (k, 290) values, each cell in the middle of its level."""
    flat = np.empty((len(values), SIDE * SIDE))
    flat[:, 0::2], flat[:, 1::2] = values[:, 2:] >> 4, values[:, 2:] & 15
    levels = flat.reshape(-1, SIDE, SIDE)
    low, high = (values[:, end, None, None].astype(np.float64) for end in (0, 1))
    return np.asarray(low + (levels + 0.5) * np.maximum(high - low, LEVELS) / LEVELS)


def none() -> Mosaics:
    """Return no mosaics."""
    return of_mosaics(())


def _rows(values: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(values, dtype=np.uint8).reshape(-1, MOSAIC.value_bytes)
