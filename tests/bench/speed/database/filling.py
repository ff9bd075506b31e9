"""Databases with so many frames, filled once and kept."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from registry.app.service.bootstrap import bootstrap
from registry.app.wiring import wire
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.store import bulk
from registry.core.database.migrate import migrate
from registry.core.database.pool import Connection
from registry.core.messaging.broker import prepare
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from registry.identity.callers.service.keys import authenticate, create_caller
from tests.bench.speed.cluster import CACHE, ROOT, Server, say
from tests.bench.speed.database import migrating
from tests.bench.speed.generator import Chunk, Generator
from tests.bench.speed.shape import Shape

VERSION: Final = 3
"""Count it up where rows are stored in a way that no migration brings kept ones to."""
ASKER: Final = "bench"
USED: Final = CACHE / "shape.json"
"""The shape that a run draws after, for the processes that it starts."""
DRAWS: Final = "tests/bench/speed/generator.py"
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
    """A database with `frames` rows in `chunks` chunks, and a key that may look up and register. `seconds`:
    what filling took; `version`: what it was filled with, see `version`."""

    name: str
    frames: int
    vectors: int
    chunks: int
    key: str
    seconds: float
    version: str

    def hashes(self) -> Path:
        """The file of all its pHashes, 32 bytes each, for what searches in memory."""
        return CACHE / f"{self.name}.phash256"

    def sscd(self) -> Path:
        """The file of all its vectors, 512 half floats each."""
        return CACHE / f"{self.name}.sscd"


def filled(server: Server, frames: int, shape: Shape) -> Filled:
    """The database with so many frames of this shape: the kept one, of whatever schema, or a new one."""
    name = f"speed_{frames}"
    kept = _kept(server, name)
    wanted = version(shape)
    if kept and kept.version == wanted:
        return kept
    if kept:
        say(f"{name}: was filled with {kept.version}, not {wanted}: anew")
    _forget(server, name)
    made = _fill(server, name, frames, Generator(shape))
    _note(name).write_text(json.dumps(asdict(made)))
    return made


def version(shape: Shape) -> str:
    """What decides which rows a database has: the shape, what draws after it, and `VERSION`."""
    digest = hashlib.sha256(str(VERSION).encode())
    digest.update((ROOT / DRAWS).read_bytes())
    digest.update(shape.together.tobytes() + shape.rows.tobytes() + shape.pdq_flips.tobytes())
    return digest.hexdigest()[:8]


def _note(name: str) -> Path:
    return CACHE / f"{name}.json"


def _kept(server: Server, name: str) -> Filled | None:
    """What a run before this one filled to the end."""
    if not _note(name).exists():
        return None
    found = server.do("SELECT FROM pg_database WHERE datname = %s", name)
    return Filled(**json.loads(_note(name).read_text())) if found else None


class Medium(NamedTuple):
    """An asset and its entry, which have one id here."""

    id: UUID
    fingerprint: Fingerprint


def _fill(server: Server, name: str, frames: int, generator: Generator) -> Filled:
    began = time.monotonic()
    server.do(f"CREATE DATABASE {name}")
    service, key = _service(server, name)
    try:
        owner = authenticate(service, key)
        made = create_caller(service, owner, organization="Bench", name=ASKER, roles=["lookup", "register"])
        with service.pool.transaction() as connection:
            bank_id = bank_of(connection, owner.organization_id)
        count, vectors, chunks = _pour(service, name, frames, generator, bank_id, owner.caller_id)
        migrating.settle(server, name)
    finally:
        service.close()
    taken = round(time.monotonic() - began, 1)
    say(f"{name}: filled in {taken} s")
    return Filled(name, count, vectors, chunks, made.key, taken, version(generator.shape))


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
            rich = [frame.sscd for item in some for frame in item.fingerprint.frames if frame.sscd]
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
    wire()
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
    about = [medium.fingerprint.media for medium in media]
    with connection.cursor() as cursor:
        with cursor.copy(_ENTRIES) as copy:
            for medium in media:
                copy.write_row(
                    [
                        medium.id,
                        bank_id,
                        f"{title} {medium.id.hex[:12]}",
                        caller_id,
                        "matchable",
                        "reviewed",
                        NOW,
                    ]
                )
        with cursor.copy(_ASSETS) as copy:
            for one, it in zip(media, about, strict=True):
                digest = bytes.fromhex(it.sha256)
                shape = (it.kind, it.duration, it.width, it.height, it.bytes)
                copy.write_row([one.id, bank_id, digest, *shape, "fingerprinted", NOW])
        with cursor.copy(_LINKS) as copy:
            for medium in media:
                copy.write_row([medium.id, medium.id, "fake", "reviewed", medium.id, NOW, "bench"])
        with cursor.copy("COPY asset_algorithm (asset_id, algorithm, recomputed) FROM STDIN") as copy:
            for medium in media:
                for algorithm in medium.fingerprint.algorithms:
                    copy.write_row([medium.id, algorithm, True])


def _forget(server: Server, name: str) -> None:
    """Drop what is there of it, or was filled half."""
    server.do(f"DROP DATABASE IF EXISTS {name}")
    for path in CACHE.glob(f"{name}.*"):
        path.unlink()


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
