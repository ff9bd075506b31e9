"""An exact candidate index in memory: the oracle that other indexes are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256, SSCD
from registry.core.service import Service
from registry.matching.candidates.model.index import Hit

_ROWS = """
SELECT a.asset_no, f.time_s, bit_send(f.phash256) AS phash256, bit_send(f.pdq) AS pdq,
       halfvec_send(v.sscd) AS sscd, v.model
FROM frame_fingerprint f JOIN asset a USING (asset_no)
LEFT JOIN frame_vector v ON v.asset_id = a.asset_id AND v.time_s = f.time_s AND v.view = f.view
WHERE f.quality >= 50
"""
_LENGTH = 4
"""Bytes before the value of a bit string or a vector."""


@dataclass(frozen=True, slots=True)
class MemoryIndex:
    """`CandidateIndex` over what was stored when it was filled. It knows nothing of what changed since."""

    rows: Sequence[dict[str, Any]]

    @classmethod
    def filled(cls, service: Service) -> Self:
        """Return an index of all that is stored now."""
        with service.pool.transaction() as connection:
            return cls(connection.execute(_ROWS, binary=True).fetchall())

    def near_hashes(self, algorithm: str, hashes: Sequence[bytes], *, radius: int, effort: int) -> list[Hit]:  # noqa: ARG002 - always all
        """Compare each hash with each row."""
        name = {PHASH256.name: "phash256", PDQ.name: "pdq"}[algorithm]
        kept = [row for row in self.rows if row[name] is not None]
        if not kept or not hashes:
            return []
        stored = np.frombuffer(b"".join(row[name][_LENGTH:] for row in kept), np.uint8).reshape(-1, 32)
        searched = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)
        apart = distance.hamming(searched, stored)
        return _hits(kept, apart, apart <= radius)

    def near_vectors(self, model: str, vectors: Sequence[bytes], *, distance: float, most: int) -> list[Hit]:
        """Compare each vector with each row of the model."""
        kept = [row for row in self.rows if row["model"] == model]
        if not kept or not vectors:
            return []
        stored = np.frombuffer(b"".join(row["sscd"][_LENGTH:] for row in kept), ">f2")
        searched = np.frombuffer(b"".join(vectors), "<f2")
        apart = 1 - _unit(searched) @ _unit(stored).T
        nearest = apart.argsort(axis=1, kind="stable").argsort(axis=1) < most
        return _hits(kept, apart, (apart <= distance) & nearest)


def _unit(values: np.ndarray) -> np.ndarray:
    rows = values.astype(np.float64).reshape(-1, SSCD.dimensions)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _hits(kept: Sequence[dict[str, Any]], apart: np.ndarray, near: np.ndarray) -> list[Hit]:
    return [
        Hit(int(place), kept[row]["asset_no"], kept[row]["time_s"], float(apart[place, row]))
        for place, row in np.argwhere(near)
    ]
