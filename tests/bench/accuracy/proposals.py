"""Which share of the near hashes the production query proposes, by distance, against comparing with all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

import numpy as np

from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.fingerprint import FULL
from registry.core.database.pool import Connection, Pool
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from tests.bench.accuracy.judging import Entry, Query, kept
from tests.bench.accuracy.media.copies import progress

Hash = Literal["phash256", "pdq"]
HASHES: Final[tuple[Hash, ...]] = ("phash256", "pdq")
BAND: Final = 8
FARTHEST: Final = 64
STATEMENT_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Recall:
    """Of `pairs` (a query hash, an entry) at a distance of `band` to `band` + 7, `proposed` were proposed."""

    algorithm: Hash
    band: int
    pairs: int
    proposed: int


@dataclass(frozen=True, slots=True)
class _Near:
    """A query's hash and the entries near it, with their distances."""

    value: bytes
    entries: dict[str, int]


def recalls(url: str, queries: Sequence[Query], entries: Mapping[str, Entry], *, most: int) -> list[Recall]:
    """Recall by distance, over `most` query hashes of each algorithm, each sent alone."""
    pool = Pool(url, size=1, statement_timeout_ms=STATEMENT_MS)
    pool.open()
    try:
        with pool.transaction() as connection:
            row = connection.execute("SELECT organization_id FROM organization").fetchone()
        assert row is not None
        found = []
        for algorithm in HASHES:
            near = _near(algorithm, queries, entries, most)
            seen: dict[int, list[bool]] = defaultdict(list)
            for item in progress(iter(near), len(near), f"candidates by {algorithm}"):
                with pool.transaction() as connection:
                    proposed = _proposed(connection, algorithm, item.value, row["organization_id"])
                for entry_id, bits in item.entries.items():
                    seen[bits // BAND * BAND].append(entry_id in proposed)
            found += [Recall(algorithm, band, len(hits), sum(hits)) for band, hits in sorted(seen.items())]
        return found
    finally:
        pool.close()


def _proposed(connection: Connection, algorithm: Hash, value: bytes, organization_id: UUID) -> set[str]:
    probe = Probe(
        phash256=[value] if algorithm == "phash256" else [],
        pdq=[value] if algorithm == "pdq" else [],
        sscd=[],
        sha256=None,
    )
    found = candidates.propose(connection, probe, organization_id=organization_id, bank_id=None)
    return {str(candidate.entry_id) for candidate in found}


def _near(algorithm: Hash, queries: Sequence[Query], entries: Mapping[str, Entry], most: int) -> list[_Near]:
    """Query hashes with what comparing each with every registered hash finds near it: as many whose farthest
    is far as whose farthest is near, `most` together. Three frames of each query are taken."""
    kept = {entry.entry_id: _values(algorithm, entry) for entry in entries.values()}
    by_band: dict[int, list[_Near]] = defaultdict(list)
    for value in dict.fromkeys(value for query in queries for value in _taken(algorithm, query)):
        row = np.frombuffer(value, dtype=np.uint8)[None, :]
        bits = {key: int(distance.hamming(row, rows).min()) for key, rows in kept.items() if len(rows)}
        near = {key: apart for key, apart in bits.items() if apart <= FARTHEST}
        if near:
            by_band[max(near.values()) // BAND].append(_Near(value, near))
    each = max(1, most // max(len(by_band), 1))
    return [item for band in by_band.values() for item in band[:: max(1, len(band) // each)][:each]]


def _taken(algorithm: Hash, query: Query) -> list[bytes]:
    document = query.document
    if document is None:
        return []
    frames = [item for item in from_document(document).informative() if item.view == FULL]
    places = sorted({0, len(frames) // 2, len(frames) - 1}) if frames else []
    return [value for place in places if (value := getattr(frames[place], algorithm)) is not None]


def _values(algorithm: Hash, entry: Entry) -> distance.Hashes:
    frames = kept(from_document(entry.document))
    return distance.hashes(
        value for frame in frames if frame.informative and (value := getattr(frame, algorithm)) is not None
    )[0]
