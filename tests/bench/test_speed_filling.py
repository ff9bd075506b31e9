"""What bench-speed puts into a filled database, and takes out again."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from registry.catalogue.fingerprints.store import bulk
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import create_caller
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from registry.matching.candidates.store.near import PostgresIndex
from tests.bench.speed.database import planting, storing
from tests.bench.speed.database.filling import ASKER, Medium, asker, bank_of, introduce
from tests.bench.speed.fitting import Kept
from tests.bench.speed.generator import Chunk, Generator
from tests.bench.speed.shape import Shape

TABLES = (
    "entry",
    "asset",
    "entry_asset",
    "asset_algorithm",
    "frame_fingerprint",
    "frame_vector",
    "face_fingerprint",
)


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return Generator(Shape.load()).chunk(0, 12)


@pytest.fixture
def url(service: Service, owner: Caller, chunk: Chunk) -> str:
    """Of a database that is filled with six media."""
    create_caller(service, owner, organization="Bench", name=ASKER, roles=["lookup", "register"])
    media = [Medium(chunk.ids[place], chunk.fingerprint(place)) for place in range(6)]
    with service.pool.transaction() as connection:
        introduce(connection, media, bank_of(connection, owner.organization_id), owner.caller_id)
        bulk.load(connection, media)
    return service.pool.url


def _kept(chunk: Chunk, *places: int) -> list[Kept]:
    made = map(chunk.fingerprint, places)
    return [Kept("group", item, item.frames) for item in made]


def _counts(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        count = sql.SQL("SELECT count(*) FROM {}")
        rows = [connection.execute(count.format(sql.Identifier(table))).fetchone() for table in TABLES]
    return [row[0] for row in rows if row]


def test_real_media_are_registered_once_and_found(service: Service, url: str, chunk: Chunk) -> None:
    media = _kept(chunk, 8, 9)
    assets = planting.plant(url, media)
    there = _counts(url)
    assert planting.plant(url, media) == assets
    assert _counts(url) == there
    assert planting.rows(url) > 0
    value = next(medium.fingerprint.frames[0] for medium in media[:1]).phash256
    assert value
    probe = Probe(phash256=[value], pdq=[], sscd=[], sha256=None)
    with service.pool.transaction() as connection:
        _, organization = asker(connection)
        found = candidates.propose(
            connection,
            probe,
            organization_id=organization,
            bank_id=None,
            index=PostgresIndex(connection, exact=True),
        )
    assert assets[0] in {item.asset_id for item in found}


@pytest.mark.slow
def test_other_real_media_take_their_place(url: str, chunk: Chunk) -> None:
    before = _counts(url)
    planting.plant(url, _kept(chunk, 6, 7, 8))
    other = planting.plant(url, _kept(chunk, 9))
    assert len(other) == 1
    assert _counts(url)[0] == before[0] + 1


def test_stored_media_can_be_removed_completely(service: Service, url: str, chunk: Chunk) -> None:
    before = _counts(url)
    with service.pool.transaction() as connection:
        caller, organization = asker(connection)
        bank = bank_of(connection, organization)
    media = [chunk.fingerprint(place) for place in range(10, 12)]
    stored = storing.store(service.pool, media, bank, caller, seconds=0.2)
    assert stored["media"] >= 1
    assert _counts(url)[0] == before[0] + stored["media"]
    with psycopg.connect(url, autocommit=True) as connection:
        assert planting.take_out(connection, storing.FRESH) == stored["media"]
    assert _counts(url) == before
