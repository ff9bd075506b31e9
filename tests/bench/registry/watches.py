"""What registering one fake costs where a million lookups are watched: `watch_cpu_ms_at_1m`.

CPU of PostgreSQL's backends and of the worker's process together, as the kernel counts it: for asking with
one fake, and for all of it where copies of the fake are watched and answered again.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from registry.app.service.bootstrap import bootstrap
from registry.app.wiring import wire
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.database.pool import Connection
from registry.core.messaging.broker import prepare
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.lookups.service.answers import answer_document
from registry.matching.watches import store as watches
from registry.matching.watches.service import answers as action
from registry.matching.watches.store import Due
from tests.bench.speed.generator import Chunk, Generator
from tests.bench.speed.shape import Shape
from tests.support.service import servers as services
from tests.support.steps import renamed

LOOKUPS: Final = 1_000_000
ROWS: Final = (1, 1, 1, 1, 1, 1, 1, 4, 4, 4)
"""Moments of a lookup: seven in ten are of one picture or hash, three of clips. 1.9 on average."""
VECTORS: Final = 30_000
"""Moments at most that have a vector too."""
ASKED_AGAIN: Final = 8
"""So often each moment is asked about: once as it is drawn, else with the bits flipped that edits flip."""
FAKES: Final = 24
COPIES: Final = 3
"""Watched copies of every second fake."""
FIRST_CHUNK: Final = 1_000_000
"""The fakes are of chunks that no lookup is of."""
_INDEXES: Final = ("watch_frame_phash256", "watch_vector_sscd")


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds of one fake: all, and PostgreSQL's part; how many watches were found."""

    all_ms: float
    postgres_ms: float
    found: int


def measure(lookups: int = LOOKUPS) -> dict[str, Any]:
    """Fill so many watched lookups, watch copies of some fakes, register all, and ask with each."""
    generator = Generator(Shape.load())
    with services.postgres() as server, server.clone() as url, tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=url, data=Path(folder), pool_size=2, statement_timeout_ms=3_600_000)
        prepare(settings)
        wire()
        service = open_service(settings)
        try:
            return _measured(service, generator, lookups)
        finally:
            service.close()


def _measured(service: Service, generator: Generator, lookups: int) -> dict[str, Any]:
    owner = authenticate(service, bootstrap(service) or "")
    made = create_caller(service, owner, organization="Askers", name="bench", roles=["lookup"])
    asker = authenticate(service, made.key)
    began = time.monotonic()
    rows, vectors = _fill(service, generator, asker, lookups)
    filled = time.monotonic() - began
    fakes = _fakes(generator)
    for place, fake in enumerate(fakes):
        if place % 2 == 0:
            for copy in _copies(generator, fake, place):
                answer_document(service, asker, copy, watch_days=30)
    entries = [
        UUID(register_entry(service, owner, Registration(fakes=[fake], manipulation="synthetic")).entry_id)
        for fake in fakes
    ]
    _cost(service, entries[0], whole=False)  # what is read and planned first is not what it costs
    costs = [_cost(service, entry_id, whole=False) for entry_id in entries]
    whole = [_cost(service, entry_id, whole=True) for entry_id in entries]
    notified = _count(service, "SELECT count(*) AS count FROM event WHERE kind = 'watch.matched'")
    scale = LOOKUPS / lookups
    return {
        "watch_lookups": lookups,
        "watch_rows": rows,
        "watch_vectors": vectors,
        "watch_fill_seconds": round(filled),
        "watch_fake_frames": round(mean(len(fake.frames) for fake in fakes), 1),
        "watch_cpu_ms_at_1m" if scale == 1 else f"watch_cpu_ms_at_{lookups}": round(
            mean(entry.all_ms for entry in costs), 1
        ),
        "watch_cpu_ms_median": round(median(entry.all_ms for entry in costs), 1),
        "watch_cpu_ms_most": round(max(entry.all_ms for entry in costs), 1),
        "watch_cpu_ms_postgres": round(mean(entry.postgres_ms for entry in costs), 1),
        "watch_cpu_ms_with_answers": round(mean(item.all_ms for item in whole[::2]), 1),
        "watch_cpu_ms_without_answers": round(mean(item.all_ms for item in whole[1::2]), 1),
        "watch_copies": COPIES * len(fakes[::2]),
        "watch_copies_told": notified,
        "watch_found_by_chance": sum(entry.found for entry in costs) - COPIES * len(fakes[::2]),
        "watch_load": round(os.getloadavg()[0], 1),
    }


def _cost(service: Service, entry_id: UUID, *, whole: bool) -> Cost:
    """What asking with an entry costs, and answering what it finds where `whole`."""
    backends = _backends(service)
    began, mine = sum(map(_spent, backends)), time.process_time()
    found = 0
    if whole:
        action._search(service, Due(entry_id, 1, 1), lambda _share: None)
    else:
        with service.pool.transaction() as connection:
            media = watches.media(connection, entry_id)
        for asset_id, sha256 in media:
            found += len(action.near(service, entry_id, asset_id, sha256))
    mine = time.process_time() - mine
    postgres = sum(map(_spent, backends)) - began
    return Cost((mine + postgres) * 1000, postgres * 1000, found)


def _backends(service: Service) -> list[int]:
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'fakeprint'"
        ).fetchall()
    return [row["pid"] for row in rows]


def _spent(pid: int) -> float:
    """CPU seconds of a process, to the nanosecond."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _fakes(generator: Generator) -> list[Fingerprint]:
    """Videos as a registry has them, every one with vectors: of ten chunks those that have some."""
    found: list[Fingerprint] = []
    number = FIRST_CHUNK
    while len(found) < FAKES:
        chunk = generator.chunk(number)
        found += [
            chunk.fingerprint(medium)
            for medium in range(0, len(chunk.ids), 10)
            if len(chunk.rows(medium)) > 1
        ][: FAKES - len(found)]
        number += 1
    return found


def _copies(generator: Generator, fake: Fingerprint, place: int) -> Iterator[Fingerprint]:
    """The fake with the bits flipped that real edits flip, under names of their own."""
    draw = np.random.default_rng([place, 1])
    for number in range(COPIES):
        hashes = {
            name: generator.flip(
                draw,
                np.array([np.frombuffer(getattr(frame, name) or b"", np.uint8) for frame in fake.frames]),
                name,
            )
            for name in ("phash256", "pdq")
        }
        frames = tuple(
            type(one)(
                one.time,
                one.duration,
                one.view,
                one.quality,
                hashes["phash256"][row].tobytes(),
                hashes["pdq"][row].tobytes(),
                one.sscd,
            )
            for row, one in enumerate(fake.frames)
        )
        yield renamed(Fingerprint(fake.media, fake.algorithms, frames), f"{place:032x}{number:032x}")


def _fill(service: Service, generator: Generator, asker: Caller, lookups: int) -> tuple[int, int]:
    """Watched lookups of one organization, in bulk: how many moments and vectors."""
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL maintenance_work_mem = '2GB'")
        indexes = [_definition(connection, name) for name in _INDEXES]
        for name in _INDEXES:
            connection.execute(f"DROP INDEX {name}")
        connection.execute(
            "INSERT INTO watch (lookup_id, organization_id, caller_id, input, sha256, expires_at)"
            " SELECT gen_random_uuid(), %s, %s, 'hash', sha256(n::text::bytea), now() + interval '90 days'"
            " FROM generate_series(1, %s) n",
            (asker.organization_id, asker.caller_id, lookups),
        )
        first = _one(connection, "SELECT min(watch_no) AS count FROM watch")
        rows = vectors = 0
        number = watch = 0
        while watch < lookups:
            chunk = generator.chunk(number)
            draw = np.random.default_rng([number, 2])
            for again in range(ASKED_AGAIN):
                owners = _owners(len(chunk.times), watch)
                kept = (owners < lookups) & (chunk.quality >= 50)
                hashes = generator.flip(draw, chunk.phash256, "phash256") if again else chunk.phash256
                _copy(connection, _packed(owners[kept] + first, hashes[kept]))
                rows += int(kept.sum())
                if vectors < VECTORS and not again:
                    vectors += _copy_vectors(connection, chunk, owners + first, kept, VECTORS - vectors)
                watch = int(owners[-1]) + 1
            number += 1
        print(f"{rows} moments, indexes next", file=sys.stderr)
        for definition in indexes:
            connection.execute(definition)
        connection.execute("ANALYZE watch, watch_frame, watch_vector")
    return rows, vectors


def _owners(count: int, first: int) -> NDArray[np.int64]:
    """(count,) which lookup each row is of, from number `first` on, by `ROWS`."""
    lengths = np.resize(np.array(ROWS), count)
    return first + np.repeat(np.arange(count), lengths)[:count]


def _packed(owners: NDArray[np.int64], hashes: NDArray[np.uint8]) -> bytes:
    """Rows of watch_frame (watch_no, phash256) as COPY's binary format has them."""
    layout = np.dtype(
        [("n", ">i2"), ("a", ">i4"), ("no", ">i4"), ("b", ">i4"), ("bits", ">i4"), ("hash", "u1", 32)]
    )
    rows = np.zeros(len(owners), dtype=layout)
    rows["n"], rows["a"], rows["no"], rows["b"], rows["bits"] = 2, 4, owners, 36, 256
    rows["hash"] = hashes
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


def _copy(connection: Connection, raw: bytes) -> None:
    statement = "COPY watch_frame (watch_no, phash256) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(raw)


def _copy_vectors(
    connection: Connection, chunk: Chunk, owners: NDArray[np.int64], kept: NDArray[np.bool_], most: int
) -> int:
    """The vectors of a chunk's rows that have some."""
    has = np.flatnonzero(kept & (chunk.owners % 10 == 0))[:most]
    statement = "COPY watch_vector (watch_no, sscd) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in has.tolist():
            vector = np.frombuffer(chunk.frame(row).sscd or b"", "<f2")
            copy.write_row((int(owners[row]), "[" + ",".join(map(str, vector.tolist())) + "]"))
    return len(has)


def _definition(connection: Connection, index: str) -> Any:
    row = connection.execute("SELECT pg_get_indexdef(%s::regclass) AS made", (index,)).fetchone()
    assert row
    return row["made"]


def _one(connection: Connection, query: Any) -> int:
    row = connection.execute(query).fetchone()
    assert row
    count: int = row["count"]
    return count


def _count(service: Service, query: str) -> int:
    with service.pool.transaction() as connection:
        return _one(connection, query)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else LOOKUPS), indent=1))
