"""Measure each fingerprint alone: PDQ by vPDQ's rule, and every one at its best threshold.

Single fingerprints follow one rule. Two distinct moments of the query (one, for a still) must be nearer to
the asset than any unrelated pair of this run, and within a `limit` confirmed on larger sets. So each is
shown at the loosest threshold without a false match, tuned on the material that measures it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.algorithms import SSCD
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.fingerprint import FULL, Frame
from tests.bench.accuracy.judging import Entry, Query
from tests.bench.accuracy.media.copies import progress

VPDQ_DISTANCE: Final = 31
VPDQ_SHARE: Final = 0.8
"""vPDQ as ThreatExchange has it: quality 50, distance 31, 80 % of the query's frames found in the asset."""
VPDQ: Final = "vPDQ 31/50"

HASH_LIMIT: Final = 65.0
"""Bits of 256: up to 64, 0 of 25.6 M pairs of unrelated photographs for pHash-256 (80: 91)."""
VECTOR_LIMIT: Final = 0.4
"""1 - cosine: SSCD of content boxes was without a false match at .60."""

Floats = NDArray[np.float64]
Value = Callable[[Frame], bytes | None]


@dataclass(frozen=True, slots=True)
class Single:
    """One fingerprint. `full`: compare only the whole frame, otherwise every view of the query. `limit`:
    the largest distance accepted, whatever this run's pairs allow."""

    name: str
    value: Value
    full: bool
    vector: bool = False

    @property
    def limit(self) -> float:
        return VECTOR_LIMIT if self.vector else HASH_LIMIT

    def of(self, frames: Sequence[Frame], *, asset: bool) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Return the values as rows, and the time of each."""
        kept = [
            frame
            for frame in frames
            if self.value(frame) and (frame.view == FULL or not (self.full or asset))
        ]
        times = np.array([frame.time for frame in kept])
        if self.vector:
            return distance.vectors(map(self.value, kept), SSCD.dimensions)[0], times
        return distance.hashes(map(self.value, kept))[0], times

    def between(self, query: NDArray[Any], asset: NDArray[Any]) -> Floats:
        """Return (m, n) distances: bits, or 1 - cosine."""
        found = 1 - distance.cosine(query, asset) if self.vector else distance.hamming(query, asset)
        return np.asarray(found, dtype=np.float64)


SINGLES: Final = (
    Single("PDQ", lambda frame: frame.pdq, full=True),
    Single("pHash-256", lambda frame: frame.phash256, full=True),
    Single("pHash-256 views", lambda frame: frame.phash256, full=False),
    Single("SSCD", lambda frame: frame.sscd, full=True, vector=True),
    Single("SSCD views", lambda frame: frame.sscd, full=False, vector=True),
)


@dataclass(frozen=True, slots=True)
class Column:
    """The results of one fingerprint: `threshold` (distance, exclusive) and, query by query, whether it
    was found."""

    name: str
    threshold: float
    found: tuple[bool, ...]


def columns(queries: Sequence[Query], entries: Mapping[str, Entry]) -> list[Column]:
    """Return a column for vPDQ and for each single fingerprint, over `queries` in their order."""
    listed = list(entries.values())
    shelves = [_Shelf(single, listed) for single in SINGLES]
    own: list[list[float]] = [[] for _ in SINGLES]
    foreign = [single.limit for single in SINGLES]
    vpdq: list[bool] = []
    for query in progress(iter(queries), len(queries), "single fingerprints"):
        related = np.array([entry.group in query.groups for entry in listed])
        right = np.array(
            [query.entry is not None and entry.entry_id == query.entry.entry_id for entry in listed]
        )
        document = query.document
        frames = list(from_document(document).informative()) if document else []
        vpdq.append(bool((shelves[0].shares(frames) >= VPDQ_SHARE)[right].any()))
        for place, shelf in enumerate(shelves):
            scores = shelf.scores(frames)
            own[place].append(float(scores[right].min(initial=np.inf)))
            foreign[place] = min(foreign[place], float(scores[~related].min(initial=np.inf)))
    found = [
        Column(single.name, limit, tuple(score < limit for score in scores))
        for single, limit, scores in zip(SINGLES, foreign, own, strict=True)
    ]
    return [Column(VPDQ, VPDQ_DISTANCE + 1, tuple(vpdq)), *found]


class _Shelf:
    """All registered values of one fingerprint in one array, asset after asset."""

    def __init__(self, single: Single, entries: Sequence[Entry]) -> None:
        self.single = single
        self.count = len(entries)
        rows = []
        for entry in entries:
            frames = list(from_document(entry.document).informative())
            rows.append(single.of(frames, asset=True)[0])
        self.filled = np.array([len(row) > 0 for row in rows])
        self.starts = np.cumsum([0, *(len(row) for row in rows if len(row))])[:-1]
        self.rows = np.concatenate([row for row in rows if len(row)])

    def nearest(self, frames: Sequence[Frame]) -> Floats:
        """Return (moments, assets): each moment's least distance from each asset."""
        values, times = self.single.of(frames, asset=False)
        if not len(values):
            return np.full((0, self.count), np.inf)
        by_asset = np.minimum.reduceat(self.single.between(values, self.rows), self.starts, axis=1)
        first = np.unique(times, return_index=True)[1]
        found = np.full((len(first), self.count), np.inf)
        found[:, self.filled] = np.minimum.reduceat(by_asset, first, axis=0)
        return found

    def scores(self, frames: Sequence[Frame]) -> Floats:
        """Return (assets,): the second least distance, or the only one of a still."""
        nearest = np.sort(self.nearest(frames), axis=0)
        if not len(nearest):
            return np.full(self.count, np.inf)
        return np.asarray(nearest[min(1, len(nearest) - 1)])

    def shares(self, frames: Sequence[Frame]) -> Floats:
        """Return (assets,): the share of the query's moments within vPDQ's distance."""
        nearest = self.nearest(frames)
        if not len(nearest):
            return np.zeros(self.count)
        return np.asarray((nearest <= VPDQ_DISTANCE).mean(axis=0), dtype=np.float64)
