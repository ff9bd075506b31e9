"""Databases with so many frames, filled once and kept."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID, uuid5

import psycopg

from registry.actions.authenticate import authenticate
from registry.actions.bootstrap import bootstrap
from registry.actions.create_caller import create_caller
from registry.actions.service import Service, open_service
from registry.broker import prepare
from registry.domain.fingerprint import Fingerprint
from registry.settings import Settings
from registry.store import bulk
from registry.store.migrate import migrate, migrations
from registry.store.pool import Connection
from tests.bench.speed.cluster import CACHE, ROOT, Server, say
from tests.bench.speed.fitting import Kept
from tests.bench.speed.generator import Chunk, Generator
from tests.bench.speed.shape import Shape

VERSION: Final = 2
ASKER: Final = "bench"
USED: Final = CACHE / "shape.json"
"""The shape that a run draws after, for the processes that it starts."""
READ: Final = ("tests/bench/speed/generator.py", "registry/store/fingerprints.sql", "registry/store/bulk.sql")
"""What a filled database depends on, beside shape, media and migrations."""
NOW: Final = "now"
BUILDING_MB: Final = 4096
"""What building an index may take: a million vectors with their graph need three quarters of it."""
_ENTRIES: Final = "COPY entry (entry_id, bank_id, title, created_by, status, tier, matchable_at) FROM STDIN"
_ASSETS: Final = (
    "COPY asset (asset_id, bank_id, sha256, kind, duration_s, width, height, bytes, status, fingerprinted_at)"
    " FROM STDIN"
)
_LINKS: Final = (
    "COPY entry_asset (entry_id, asset_id, role, tier, batch, matchable_at, related_by) FROM STDIN"
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A database with `frames` rows in `chunks` chunks, and a key that may look up and register. `planted`:
    the assets of the real media, in their order. `seconds`: what filling took."""

    name: str
    frames: int
    vectors: int
    chunks: int
    key: str
    planted: tuple[str, ...]
    seconds: float

    def hashes(self) -> Path:
        """The file of all its pHashes, 32 bytes each, for what searches in memory."""
        return CACHE / f"{self.name}.phash256"

    def sscd(self) -> Path:
        """The file of all its vectors, 512 half floats each."""
        return CACHE / f"{self.name}.sscd"


def filled(server: Server, frames: int, shape: Shape, media: Sequence[Kept]) -> Filled:
    """The database with so many frames of this shape and these real media, filled if it is not there."""
    name = f"speed_{frames}_{_version(shape, media)}"
    note = CACHE / f"{name}.json"
    if note.exists() and _exists(server, name):
        found = json.loads(note.read_text())
        return Filled(**found | {"planted": tuple(found["planted"])})
    _forget(server, frames)
    made = _fill(server, name, frames, Generator(shape), media)
    note.write_text(json.dumps(asdict(made)))
    return made


class Medium(NamedTuple):
    """An asset and its entry, which have one id here."""

    id: UUID
    fingerprint: Fingerprint


def _fill(server: Server, name: str, frames: int, generator: Generator, media: Sequence[Kept]) -> Filled:
    began = time.monotonic()
    _do(server, f"CREATE DATABASE {name}")
    service, key = _service(server, name)
    planted = [Medium(uuid5(UUID(int=0), one.fingerprint.media.sha256), one.fingerprint) for one in media]
    try:
        owner = authenticate(service, key)
        made = create_caller(service, owner, organization="Bench", name=ASKER, roles=["lookup", "register"])
        with service.pool.transaction() as connection:
            bank_id = bank_of(connection, owner.organization_id)
            introduce(connection, planted, bank_id, owner.caller_id)
            bulk.load(connection, planted)
        count, vectors, chunks = _pour(service, name, frames, generator, bank_id, owner.caller_id)
        _settle(server, name)
    finally:
        service.close()
    taken = round(time.monotonic() - began, 1)
    say(f"{name}: filled in {taken} s")
    return Filled(name, count, vectors, chunks, made["key"], tuple(str(one.id) for one in planted), taken)


def _pour(
    service: Service, name: str, frames: int, generator: Generator, bank_id: UUID, caller_id: UUID
) -> tuple[int, int, int]:
    """Chunk after chunk until the next would be more than so many frames: frames, vectors, chunks. Only the
    last is not there whole."""
    count = vectors = number = 0
    began = time.monotonic()
    with (
        (CACHE / f"{name}.phash256").open("wb") as hashes,
        (CACHE / f"{name}.sscd").open("wb") as sscd,
        service.pool.transaction() as connection,
        bulk.deferred(connection, memory_mb=BUILDING_MB),
    ):
        whole = True
        while whole:
            chunk = generator.chunk(number)
            some = _some(chunk, frames - count)
            whole = len(some) == len(chunk.ids)
            introduce(connection, some, bank_id, caller_id)
            rich = [frame.sscd for one in some for frame in one.fingerprint.frames if frame.sscd]
            hashes.write(chunk.phash256[: chunk.edges[len(some)]].tobytes())
            sscd.write(b"".join(rich))
            count += bulk.load(connection, some)
            vectors, number = vectors + len(rich), number + 1
            if number % 50 == 0:
                rate = count / (time.monotonic() - began)
                say(f"{name}: {count} of {frames} frames, {rate:.0f} a second")
        say(f"{name}: {count} frames; building indexes")
    return count, vectors, number


def _service(server: Server, name: str) -> tuple[Service, str]:
    """The database made ready, and the key of its first admin."""
    url = server.url(name)
    chosen = Settings(database_url=url, data=CACHE / "data", statement_timeout_ms=3_600_000)
    migrate(url)
    prepare(chosen)
    service = open_service(chosen)
    key = bootstrap(service)
    assert key
    return service, key


def _some(chunk: Chunk, most: int) -> list[Medium]:
    """Its first media, until there are `most` rows."""
    count = int((chunk.edges[:-1] < most).sum())
    return [Medium(chunk.ids[place], chunk.fingerprint(place)) for place in range(count)]


def introduce(
    connection: Connection, media: Sequence[Medium], bank_id: UUID, caller_id: UUID, *, title: str = "fake"
) -> None:
    """Media that answer lookups, each of a reviewed entry: all of them but their fingerprints."""
    about = [one.fingerprint.media for one in media]
    with connection.cursor() as cursor:
        with cursor.copy(_ENTRIES) as copy:
            for one in media:
                copy.write_row(
                    [one.id, bank_id, f"{title} {one.id.hex[:12]}", caller_id, "matchable", "reviewed", NOW]
                )
        with cursor.copy(_ASSETS) as copy:
            for one, it in zip(media, about, strict=True):
                digest = bytes.fromhex(it.sha256)
                shape = (it.kind, it.duration, it.width, it.height, it.bytes)
                copy.write_row([one.id, bank_id, digest, *shape, "fingerprinted", NOW])
        with cursor.copy(_LINKS) as copy:
            for one in media:
                copy.write_row([one.id, one.id, "fake", "reviewed", one.id, NOW, "bench"])
        with cursor.copy("COPY asset_algorithm (asset_id, algorithm, recomputed) FROM STDIN") as copy:
            for one in media:
                for algorithm in one.fingerprint.algorithms:
                    copy.write_row([one.id, algorithm, True])


def _settle(server: Server, name: str) -> None:
    """As autovacuum and the checkpointer leave it."""
    say(f"{name}: vacuum")
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _version(shape: Shape, media: Sequence[Kept]) -> str:
    digest = hashlib.sha256(str(VERSION).encode())
    for migration in migrations():
        digest.update(migration.text.encode())
    for path in READ:
        digest.update((ROOT / path).read_bytes())
    digest.update(shape.together.tobytes() + shape.rows.tobytes() + shape.pdq_flips.tobytes())
    for one in media:
        digest.update(one.fingerprint.media.sha256.encode())
    return digest.hexdigest()[:8]


def _exists(server: Server, name: str) -> bool:
    with psycopg.connect(server.url("postgres")) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        return bool(found.rowcount)


def _forget(server: Server, frames: int) -> None:
    """Drop what was filled with so many frames by another version of all this."""
    with psycopg.connect(server.url("postgres")) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"speed\\_{frames}\\_%"]
        )
        names = [str(row[0]) for row in rows]
    for name in names:
        _do(server, f"DROP DATABASE {name}")
        for path in CACHE.glob(f"{name}.*"):
            path.unlink()


def _do(server: Server, statement: str) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


def bank_of(connection: Connection, organization_id: UUID) -> UUID:
    """The bank of an organization that has one."""
    row = _one(connection, "SELECT bank_id FROM bank WHERE organization_id = %s", organization_id)
    return UUID(str(row["bank_id"]))


def asker(connection: Connection) -> tuple[UUID, UUID]:
    """The caller who looks up and registers afterwards, and its organization, which holds nothing else."""
    row = _one(connection, "SELECT caller_id, organization_id FROM caller WHERE name = %s", ASKER)
    return row["caller_id"], row["organization_id"]


def _one(connection: Connection, query: LiteralString, given: object) -> dict[str, Any]:
    row = connection.execute(query, [given]).fetchone()
    assert row
    return row
