"""Questions asked of PostgreSQL without the service: what proposing costs, and whether it is right."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from registry.core.database.pool import Connection, Pool
from registry.identity.callers.service.keys import digest
from registry.matching.candidates.store import candidates, hash_lookup
from registry.matching.candidates.store.candidates import Probe
from registry.matching.candidates.store.near import PostgresIndex
from registry.matching.lookups.service.pipeline import probe
from tests.bench.speed.cluster import Gauge
from tests.bench.speed.database.filling import asker
from tests.bench.speed.questions import NAME, Clip, Hash

STATEMENT_MS: Final = 600_000


@dataclass(frozen=True, slots=True)
class Cost:
    """`ms`: (n,) milliseconds until the candidates were there; CPU milliseconds of PostgreSQL for each."""

    ms: NDArray[np.float64]
    database_ms: float

    def percentile(self, share: float) -> float:
        """Milliseconds that so many of a hundred took at most."""
        return float(np.percentile(self.ms, share))


@dataclass(frozen=True, slots=True)
class Recall:
    """Of `asked` hashes `bits` bits from one that is kept, `found` proposed its medium."""

    bits: int
    asked: int
    found: int

    @property
    def share(self) -> float:
        return self.found / self.asked


@contextmanager
def pool(url: str) -> Iterator[Pool]:
    """One connection, set up as the service's are."""
    opened = Pool(url, size=2, statement_timeout_ms=STATEMENT_MS)
    opened.open()
    try:
        yield opened
    finally:
        opened.close()


def cost(url: str, database: Gauge, asked: Sequence[Probe], *, exact: bool = False) -> Cost:
    """What proposing costs, asked one after another; a fifth is asked before, unmeasured."""
    with pool(url) as opened:
        with opened.transaction() as connection:
            _, caller = asker(connection)
        for item in asked[: max(1, len(asked) // 5)]:
            _propose(opened, item, caller, exact=exact)
        before, ms = database.cpu(), []
        for item in asked:
            began = time.perf_counter()
            _propose(opened, item, caller, exact=exact)
            ms.append(1000 * (time.perf_counter() - began))
        return Cost(np.array(ms), 1000 * (database.cpu() - before) / len(asked))


def cost_of_hashes(url: str, database: Gauge, key: str, asked: Sequence[Hash]) -> Cost:
    """What the two statements cost that the service asks for one hash, asked one after another; all of them
    are asked before, unmeasured."""
    known = digest(key)
    with pool(url) as opened, opened.quick() as connection:
        for item in asked:
            _near(connection, known, item)
        before, ms = database.cpu(), []
        for item in asked:
            began = time.perf_counter()
            _near(connection, known, item)
            ms.append(1000 * (time.perf_counter() - began))
        return Cost(np.array(ms), 1000 * (database.cpu() - before) / len(asked))


def _near(connection: Connection, key_sha256: bytes, item: Hash) -> None:
    algorithm = NAME[item.algorithm]
    found = hash_lookup.near(connection, key_sha256, algorithm, [item.value])
    assert found, "the key works"
    caller, near = found
    if near:
        hash_lookup.media(connection, caller.organization_id, algorithm, [item.value], near)


def recall(url: str, asked: Sequence[Hash], *, exact: bool = False) -> list[Recall]:
    """Recall by distance."""
    seen: dict[int, list[bool]] = {}
    with pool(url) as opened:
        with opened.transaction() as connection:
            _, caller = asker(connection)
        for item in asked:
            proposed = _propose(opened, of_hash(item), caller, exact=exact)
            seen.setdefault(item.bits, []).append(item.asset in proposed)
    return [Recall(bits, len(hits), sum(hits)) for bits, hits in sorted(seen.items())]


def of_hash(item: Hash) -> Probe:
    """What the service asks the database for a hash."""
    mine = [item.value]
    if item.algorithm == "phash256":
        return Probe(phash256=mine, pdq=[], sscd=[], sha256=None)
    return Probe(phash256=[], pdq=mine, sscd=[], sha256=None)


def of_clip(clip: Clip) -> Probe:
    """What it asks for a document."""
    return probe(clip.fingerprint)


def _propose(opened: Pool, asked: Probe, caller: UUID, *, exact: bool) -> set[UUID]:
    with opened.transaction() as connection:
        index = PostgresIndex(connection, exact=True) if exact else None
        found = candidates.propose(connection, asked, organization_id=caller, bank_id=None, index=index)
    return {candidate.asset_id for candidate in found}
