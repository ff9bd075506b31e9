"""Distances between fingerprints, computed for whole timelines at once.

Shapes: m query samples against n asset samples give an (m, n) matrix. Binary hashes are (m, 32) uint8 rows,
vectors are (m, d) float32 rows, L2-normalised.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

HASH_BITS: Final = 256

Hashes = NDArray[np.uint8]
Vectors = NDArray[np.float32]
Floats = NDArray[np.float32]


def hashes(values: Iterable[bytes | None]) -> tuple[Hashes, NDArray[np.bool_]]:
    """Return (n, 32) uint8 rows and an (n,) presence mask. A missing value is a row of zeros and False."""
    listed = list(values)
    raw = b"".join(value if value is not None else bytes(32) for value in listed)
    present = np.fromiter((value is not None for value in listed), dtype=np.bool_, count=len(listed))
    return np.frombuffer(raw, dtype=np.uint8).reshape(len(listed), 32), present


def vectors(values: Iterable[bytes | None], dimensions: int) -> tuple[Vectors, NDArray[np.bool_]]:
    """Return (n, dimensions) float32 rows from little-endian float16, and an (n,) presence mask."""
    listed = list(values)
    blank = bytes(2 * dimensions)
    raw = b"".join(value if value is not None else blank for value in listed)
    present = np.fromiter((value is not None for value in listed), dtype=np.bool_, count=len(listed))
    rows = np.frombuffer(raw, dtype="<f2").reshape(len(listed), dimensions).astype(np.float32)
    return rows, present


def hamming(left: Hashes, right: Hashes) -> NDArray[np.int16]:
    """Return the (m, n) Hamming distances, 0-256.

    Computed as a product of +-1 vectors, d = (bits - a.b) / 2. This is exact in float32 and uses BLAS.
    """
    a = np.unpackbits(left, axis=1).astype(np.float32) * 2 - 1
    b = np.unpackbits(right, axis=1).astype(np.float32) * 2 - 1
    return np.asarray((HASH_BITS - a @ b.T) / 2, dtype=np.int16)


def cosine(left: Vectors, right: Vectors) -> Floats:
    """Return the (m, n) cosine similarities of L2-normalised rows, -1 to 1."""
    return np.asarray(left @ right.T, dtype=np.float32)
