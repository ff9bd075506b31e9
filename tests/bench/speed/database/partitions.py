"""What partitions of the frames cost and bring: the same registry in 1, 2, 4 and 8 of them.

    python -m tests.bench.speed.database.partitions [--database speed_1000000] [--partitions 2,4,8,1]
        [--url URL]

Works in a copy of a database that `make bench-speed` has filled, dropped at the end. Each row of the table is
measured on indexes that were just built. CPU is that of the one backend that answers, so a busy machine
disturbs it little; inserts a second are wall time. `--url` names a running server of this machine that has
the database, where the bench's own cluster is in use; its path is ignored. Root measures at high priority.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil
import psycopg

from registry.core.database import migrate
from registry.core.database.pool import Connection, Pool
from registry.identity.callers.service.keys import digest
from registry.matching.candidates.store import candidates, hash_lookup
from registry.operations.store import partitions
from tests.bench.speed import cluster, direct
from tests.bench.speed.cluster import CACHE, Gauge, say
from tests.bench.speed.database import inserting, migrating, planting
from tests.bench.speed.database.filling import USED, Filled, asker
from tests.bench.speed.database.storing import FRESH
from tests.bench.speed.generator import Generator
from tests.bench.speed.questions import NAME, Clip, Hash, Questions
from tests.bench.speed.shape import Shape

HASHES: Final = 1200
CLIPS: Final = 30
ROUNDS: Final = 3
SECONDS: Final = 8.0
PRIORITY: Final = -20
_SIZES: Final = """
SELECT sum(pg_relation_size(t.inhrelid)), sum(pg_indexes_size(t.inhrelid)),
       (SELECT count(*) FROM frame_fingerprint)
FROM pg_inherits t WHERE t.inhparent = 'frame_fingerprint'::regclass
"""
_WARM: Final = """
SELECT sum(pg_prewarm(oid::regclass)) FROM pg_class
WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True, slots=True)
class Inserted:
    """Frames a second, and CPU milliseconds of PostgreSQL for one."""

    rate: float
    ms: float


@dataclass(frozen=True, slots=True)
class Row:
    """What so many partitions cost. CPU in milliseconds; `held`: seconds that a lookup waited at most while
    they were made; `inserted`: by one and by two writers."""

    partitions: int
    seconds: float
    held: float
    near: float
    strange: float
    clip: float
    frames: int
    heap_mb: float
    index_mb: float
    inserted: tuple[Inserted, ...]

    def __str__(self) -> str:
        inserts = " | ".join(f"{item.rate:.0f} ({item.ms:.2f})" for item in self.inserted)
        return (
            f"| {self.partitions} | {self.near:.3f} | {self.strange:.3f} | {self.clip:.1f} | {self.frames} |"
            f" {self.heap_mb:.0f} + {self.index_mb:.0f} | {inserts} | {self.seconds:.0f} | {self.held:.2f} |"
        )


HEAD: Final = (
    "| partitions | a hash near something | a stranger | a clip | frames | MB rows + indexes |"
    " frames/s (ms), 1 writer | 2 writers | s to spread | s a lookup waited |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def measure(url: str, filled: Filled, wanted: int) -> Row:
    """Spread a database over so many partitions, and look what they cost."""
    began = time.monotonic()
    with migrating.locking(url) as held:
        before = partitions.repartition(url, wanted, lambda _: None).before
    seconds = time.monotonic() - began
    say(f"{wanted} partitions, before {before}, in {seconds:.0f} s")
    frames, heap, indexes = _settled(url)
    questions = Questions(filled, Generator(Shape.load(USED)))
    asked = questions.hashes(HASHES)
    known, strange = ([hash_ for hash_ in asked if (hash_.asset is None) == none] for none in (False, True))
    with direct.pool(url) as opened:
        with opened.quick() as connection:
            near, far = (_hashes(connection, filled.key, some) for some in (known, strange))
        clip = _clips(opened, questions.clips(CLIPS))
    # The first writes after a checkpoint copy whole pages into the log: not those are measured.
    inserted = tuple(_insert(url, writers) for writers in (2, 1, 2))[1:]
    with psycopg.connect(url, autocommit=True) as taking:
        planting.take_out(taking, FRESH)
    return Row(wanted, seconds, held.seconds, near, far, clip, frames, heap, indexes, inserted)


def _settled(url: str) -> tuple[int, float, float]:
    """As autovacuum and use leave it: how many frames, megabytes of rows and of indexes."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        connection.execute(_WARM)
        found = connection.execute(_SIZES).fetchone()
    assert found
    heap, indexes, frames = found
    return int(frames), float(heap) / 1e6, float(indexes) / 1e6


def _hashes(connection: Connection, key: str, asked: Sequence[Hash]) -> float:
    """CPU milliseconds of the two statements that the service asks for one hash."""
    known = digest(key)

    def ask() -> None:
        for item in asked:
            found = hash_lookup.near(connection, known, NAME[item.algorithm], [item.value])
            assert found, "the key works"
            caller, near = found
            if near:
                hash_lookup.media(
                    connection, caller.organization_id, NAME[item.algorithm], [item.value], near
                )

    return _spent(connection, ask) / len(asked)


def _clips(opened: Pool, asked: Sequence[Clip]) -> float:
    """CPU milliseconds of proposing for a clip, in one transaction for all."""
    with opened.transaction() as connection:
        _, organization = asker(connection)

        def ask() -> None:
            for clip in asked:
                candidates.propose(
                    connection, direct.of_clip(clip), organization_id=organization, bank_id=None
                )

        return _spent(connection, ask) / len(asked)


def _spent(connection: Connection, ask: Callable[[], None]) -> float:
    """CPU milliseconds of a connection's backend, all asked before: the least of some rounds."""
    pid = connection.info.backend_pid
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, PRIORITY)
    ask()
    found = []
    for _ in range(ROUNDS):
        before = _cpu_ms(pid)
        ask()
        found.append(_cpu_ms(pid) - before)
    return min(found)


def _cpu_ms(pid: int) -> float:
    """What a process has run, as the scheduler counts it."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def _insert(url: str, count: int) -> Inserted:
    """Frames of media without vectors, each medium in a transaction of its own."""
    gauge = _gauge(url)
    with inserting.writers(url, SECONDS, "hashes", count) as storing:
        before = gauge.cpu()
        storing.go()
        results = storing.done()
        spent = gauge.cpu() - before
    return Inserted(results["frames"] / results["seconds"], 1000 * spent / results["frames"])


def _gauge(url: str) -> Gauge:
    """What all of PostgreSQL has cost."""
    with psycopg.connect(url) as connection:
        server = psutil.Process(connection.info.backend_pid).parent()
    assert server
    return Gauge(server.pid)


@contextmanager
def _copied(url: str, database: str) -> Iterator[str]:
    """A copy of a database to work in, at the schema of the tree; dropped at the end."""
    copy = f"{database}_parts"
    with psycopg.connect(_of(url, "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {copy} TEMPLATE {database} STRATEGY file_copy".encode())
    try:
        migrate.migrate(_of(url, copy))
        yield _of(url, copy)
    finally:
        with psycopg.connect(_of(url, "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {copy} WITH (FORCE)".encode())


def _of(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@contextmanager
def _server(given: str | None) -> Iterator[str]:
    """The url of a server: the given one, or the bench's own."""
    if given:
        yield given
        return
    with cluster.running() as server:
        yield server.url("postgres")


def main() -> None:
    """Copy, spread, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", default="speed_1000000", help="a filled one [speed_1000000]")
    parser.add_argument("--partitions", default="2,4,8,1", help="in this order [2,4,8,1]")
    parser.add_argument("--url", help="a server that runs already")
    chosen = parser.parse_args()
    note = CACHE / f"{chosen.database}.json"
    if not note.exists():
        parser.error(f"{chosen.database} is not filled: make bench-speed")
    body = json.loads(note.read_text())
    filled = Filled(**{field.name: body[field.name] for field in fields(Filled)})
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    with _server(chosen.url) as server, _copied(server, filled.name) as url:
        print(HEAD)
        for wanted in map(int, chosen.partitions.split(",")):
            print(measure(url, filled, wanted), flush=True)


if __name__ == "__main__":
    main()
