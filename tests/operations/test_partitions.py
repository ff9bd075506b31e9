"""Frames in partitions: however many, a registry answers the same, and answers while they are made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest

from registry.app.service.bootstrap import bootstrap
from registry.catalogue.entries.schemas.registration import Registered
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.store import bulk, fingerprints
from registry.core.database import sql
from registry.core.errors import BadInput, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from registry.matching.candidates.store.near import PostgresIndex
from registry.matching.lookups.service.answers import answer_document
from registry.matching.lookups.service.hashes import answer_hash, answer_hash_of
from registry.operations.store import partitions
from tests.support.entries import lose_entries, lose_fingerprints
from tests.support.matching.worlds import ALGORITHMS, World
from tests.support.media import drawn
from tests.support.partitions import (
    PATIENCE,
    add_frame_of_nobody,
    fill_frames,
    quiet,
    rows,
    started,
    touch_media,
)
from tests.support.service.replication import Database, Pair

pytestmark = pytest.mark.slow(46)

LAYOUT: Final = """
SELECT c.relname, coalesce(pg_get_indexdef(x.indexrelid), ''), coalesce(x.indisvalid, true),
       coalesce(i.inhparent::regclass::text, '')
FROM pg_class c LEFT JOIN pg_index x ON x.indexrelid = c.oid LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
WHERE c.relname LIKE 'frame\\_%' ORDER BY 1
"""
FRAMES: Final = "SELECT * FROM frame_fingerprint ORDER BY asset_no, time_s, view"
BLOCKED: Final = """
SELECT count(*) FROM pg_locks
WHERE NOT granted AND relation IN ('asset'::regclass, 'frame_fingerprint'::regclass)
"""


def _plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in {"lookup_id", "timing_ms"}}


def _until(happened: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here holds on to a plan between the change of names and the end of the old table."""
    monkeypatch.setattr(partitions, "STRAGGLERS", 0.0)


def test_a_registry_answers_the_same_in_however_many(service: Service, owner: Caller) -> None:
    world = World(service, owner, 5)
    hashes = [(name, world.near(60).hex()) for name in ALGORITHMS for _ in range(8)]
    clips = [world.medium(number) for number in range(3)] + [world.sure]
    url = service.pool.url

    def all_told() -> list[Any]:
        told: list[Any] = []
        for key, caller in zip(world.keys, world.callers, strict=True):
            told += [_plain(answer_hash_of(service, key, *hash_)[1]) for hash_ in hashes]
            told += [_plain(answer_hash(service, caller, *hash_)) for hash_ in hashes]
            told += [_plain(answer_document(service, caller, clip)) for clip in clips]
            for name, value in hashes:
                mine = [bytes.fromhex(value)]
                probe = Probe(mine, [], [], None) if name == "phash256.1" else Probe([], mine, [], None)
                with service.pool.transaction() as connection:
                    found = candidates.propose(
                        connection,
                        probe,
                        organization_id=caller.organization_id,
                        bank_id=None,
                        index=PostgresIndex(connection, exact=True),
                    )
                told.append([(item.entry_id, item.asset_id, item.frames.times.tolist()) for item in found])
        with service.pool.transaction() as connection:
            assets = connection.execute("SELECT asset_id FROM asset ORDER BY asset_id").fetchall()
            told += [fingerprints.read(connection, row["asset_id"], frames=60) for row in assets]
        told.append(show_entry(service, world.callers[0], UUID(str(known))))
        return told

    known = register_entry(service, world.callers[0], Registration(fakes=[drawn.clip("shown")])).entry_id
    layout, frames, told = rows(url, LAYOUT), rows(url, FRAMES), all_told()
    for wanted, before in ((3, 1), (8, 3), (2, 8), (1, 2)):
        assert partitions.repartition(url, wanted, quiet).before == before
        assert rows(url, FRAMES) == frames
        assert all_told() == told, wanted
        assert partitions.repartition(url, wanted, quiet).before == wanted, "nothing is left to do"
        names = [row[0] for row in rows(url, LAYOUT)]
        assert len(names) == 7 + 4 * wanted, names
    assert rows(url, LAYOUT) == layout, "as the migration made it"


def test_deleted_rows_disappear_from_every_partition(service: Service, owner: Caller) -> None:
    clips = [drawn.clip(f"clip {number}", seconds=2) for number in range(6)]
    for clip in clips:
        register_entry(service, owner, Registration(fakes=[clip]))
    partitions.repartition(service.pool.url, 4, quiet)
    assert all(answer_document(service, owner, clip)["matches"] for clip in clips)
    lose_entries(service)
    with service.pool.transaction() as connection:
        assert connection.execute("SELECT FROM frame_fingerprint").rowcount == 0
    with pytest.raises(psycopg.errors.ForeignKeyViolation), psycopg.connect(service.pool.url) as connection:
        add_frame_of_nobody(connection)


def test_reading_an_asset_touches_one_partition(service: Service, owner: Caller) -> None:
    entry = register_entry(service, owner, Registration(fakes=[drawn.clip("clip")]))
    with service.pool.transaction() as connection:
        fill_frames(connection)
    partitions.repartition(service.pool.url, 8, quiet)
    asset_id = entry.assets[0].asset_id
    for name, given in (("read_frames", {"frames": 100, "model": "sscd.1"}), ("clear_frames", {})):
        query = (
            "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "
            + sql.load("registry.catalogue.fingerprints.store.fingerprints")[name]
        )
        with service.pool.transaction() as connection:
            connection.execute("SET LOCAL enable_seqscan = off")
            found = connection.execute(query.encode(), {"asset_id": asset_id, **given}).fetchall()
        plan = "\n".join(row["QUERY PLAN"] for row in found)
        scans = [line for line in plan.splitlines() if " on frame_fingerprint_" in line and "Scan" in line]
        assert len(scans) == 8, plan
        assert sum("never executed" not in line for line in scans) == 1, plan


def test_with_one_partition_there_is_nothing_between(service: Service) -> None:
    hashed = "SELECT * FROM near_phash256($1, 64, 15)"
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")
        connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        for statement, types, given in (
            (hashed, "bit(256)", "repeat('1', 256)::bit(256)"),
            ("SELECT * FROM frame_fingerprint WHERE asset_no = $1", "integer", "1"),
        ):
            connection.execute(f"PREPARE it ({types}) AS {statement}".encode())
            rows = connection.execute(f"EXPLAIN EXECUTE it ({given})".encode()).fetchall()
            connection.execute("DEALLOCATE it")
            plan = "\n".join(row["QUERY PLAN"] for row in rows)
            assert "Append" not in plan
            assert "frame_fingerprint_0_of_1" in plan


def test_lookups_are_answered_and_registrations_wait(service: Service, owner: Caller) -> None:
    clip, new = drawn.clip("known"), drawn.clip("new")
    register_entry(service, owner, Registration(fakes=[clip]))
    counter, failed = [0], list[BaseException]()
    over = threading.Event()

    def ask() -> None:
        try:
            while not over.is_set():
                assert answer_document(service, owner, clip)["matches"]
                counter[0] += 1
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    registered: list[Registered] = []
    register = threading.Thread(
        target=lambda: registered.append(register_entry(service, owner, Registration(fakes=[new])))
    )
    heard: list[str] = []

    def say(doing: str) -> None:
        heard.append(doing)
        seen = counter[0]
        _until(lambda: counter[0] > seen + 1 or bool(failed))
        if doing.startswith("building") and not register.ident:
            register.start()
            _until(lambda: rows(service.pool.url, BLOCKED)[0][0] > 0)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for item in asking:
        item.start()
    try:
        partitions.repartition(service.pool.url, 3, say)
        register.join(PATIENCE)
    finally:
        over.set()
        for item in asking:
            item.join(PATIENCE)
    assert failed == []
    assert registered
    assert answer_document(service, owner, new)["matches"]
    assert [doing for doing in heard if doing.startswith("renaming")]
    assert any(doing.startswith("copied 16 frames") for doing in heard), heard


def test_waiting_writers_restart_after_partitioning(
    service: Service, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would wait for the end, and the end for it."""
    monkeypatch.setattr(partitions, "RELEASING", 0)
    register_entry(service, owner, Registration(fakes=[drawn.clip("known")]))
    ended: list[BaseException] = []

    def write(connection: psycopg.Connection[Any]) -> None:
        try:
            touch_media(connection)
        except psycopg.Error as error:
            ended.append(error)
            connection.rollback()

    with psycopg.connect(service.pool.url) as connection:
        thread = threading.Thread(target=write, args=(connection,))

        def say(doing: str) -> None:
            if doing.startswith("checking"):
                connection.execute("SELECT count(*) FROM frame_fingerprint")
                thread.start()
                _until(lambda: rows(service.pool.url, BLOCKED)[0][0] > 0)

        partitions.repartition(service.pool.url, 2, say)
        thread.join(PATIENCE)
    assert [type(error) for error in ended] == [psycopg.errors.QueryCanceled]


def test_partitioning_gives_up_on_a_held_lock(
    service: Service, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "TRIES", 2)
    register_entry(service, owner, Registration(fakes=[drawn.clip("known")]))
    layout = rows(service.pool.url, LAYOUT)
    with psycopg.connect(service.pool.url) as connection:
        connection.execute("SELECT count(*) FROM frame_fingerprint")
        with pytest.raises(Unavailable) as caught:
            partitions.repartition(service.pool.url, 2, quiet)
    assert caught.value.code == "database_busy"
    assert rows(service.pool.url, LAYOUT) == layout
    with pytest.raises(BadInput) as wrong:
        partitions.repartition(service.pool.url, 65, quiet)
    assert wrong.value.code == "bad_partitions"


def test_a_killed_partitioning_changes_nothing_and_is_cleaned_up(service: Service, owner: Caller) -> None:
    clip, new = drawn.clip("known"), drawn.clip("new")
    register_entry(service, owner, Registration(fakes=[clip]))
    url = service.pool.url
    with psycopg.connect(url) as reading:
        reading.execute("SELECT count(*) FROM frame_fingerprint")  # so that it cannot end
        with started("migrate", "--partitions", "2", url=url) as process:
            assert process.stderr
            assert any(line.startswith("renaming the tables") for line in process.stderr)
            process.kill()
    assert rows(url, "SELECT to_regclass('frame_fingerprint_new') IS NOT NULL") == [(True,)]
    assert rows(url, "SELECT to_regclass('frame_fingerprint_0_of_1') IS NOT NULL") == [(True,)]
    assert answer_document(service, owner, clip)["matches"]
    register_entry(service, owner, Registration(fakes=[new]))
    with started("migrate", "--partitions", "3", url=url) as process:
        printed, doing = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, doing
    assert "partitions 3, before 1" in printed
    assert "building frame_phash256 of frame_fingerprint_2_of_3" in doing
    assert rows(url, "SELECT to_regclass('frame_fingerprint_new') IS NULL") == [(True,)]
    assert answer_document(service, owner, clip)["matches"]
    assert answer_document(service, owner, new)["matches"]
    with started("migrate", "--partitions", "3", url=url) as process:
        assert "partitions 3 already" in process.communicate(timeout=PATIENCE)[0]
    with started("migrate", "--partitions", "0", url=url) as process:
        assert "error [usage]" in process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 2


def test_media_are_loaded_at_once_into_partitions(service: Service, owner: Caller) -> None:
    clip = drawn.clip("clip")
    register_entry(service, owner, Registration(fakes=[clip]))
    partitions.repartition(service.pool.url, 3, quiet)
    layout, frames = rows(service.pool.url, LAYOUT), rows(service.pool.url, FRAMES)
    with service.pool.transaction() as connection:
        asset = connection.execute("SELECT asset_id FROM asset").fetchall()[0]["asset_id"]
    lose_fingerprints(service)
    with service.pool.transaction() as connection, bulk.deferred(connection, memory_mb=64):
        bulk.load(connection, [(asset, clip)])
    assert rows(service.pool.url, LAYOUT) == layout
    assert rows(service.pool.url, FRAMES) == frames
    assert answer_document(service, owner, clip)["matches"]


def test_partitioning_keeps_rights_and_dependencies(service: Service) -> None:
    url = service.pool.url
    with psycopg.connect(url) as connection:
        connection.execute("GRANT SELECT ON frame_fingerprint TO PUBLIC")
        connection.execute(
            "CREATE TRIGGER own AFTER DELETE ON frame_fingerprint EXECUTE FUNCTION count_restriction()"
        )
        connection.execute("ALTER TABLE frame_fingerprint_0_of_1 SET (fillfactor = 90)")
    partitions.repartition(url, 2, quiet)
    readers = "SELECT g.grantee FROM pg_class, aclexplode(relacl) g WHERE relname = 'frame_fingerprint'"
    assert (0,) in rows(url, readers)
    assert rows(url, "SELECT tgname FROM pg_trigger WHERE tgname = 'own'") == [("own",)]
    options = "SELECT reloptions FROM pg_class WHERE relname LIKE 'frame\\_fingerprint\\__\\_of\\__'"
    assert rows(url, options) == [(["fillfactor=90"],)] * 2
    bare = """
    SELECT c.relname FROM pg_class c CROSS JOIN generate_series(0, 7) n
    WHERE c.relname LIKE 'frame\\_fingerprint%' AND coalesce(col_description(c.oid, n::integer),
        CASE n WHEN 0 THEN obj_description(c.oid, 'pg_class') END) IS NULL
    """
    assert rows(url, bare) == []


def test_a_replica_answers_from_partitions(replicated: Pair, tmp_path: Any) -> None:
    with replicated.database() as database:
        opened = database.service(tmp_path)
        try:
            _on_a_replica(opened, database)
        finally:
            opened.close()


def _on_a_replica(service: Service, database: Database) -> None:
    key = bootstrap(service)
    assert key
    owner = authenticate(service, key)
    clip = drawn.clip("clip", face="a")
    register_entry(service, owner, Registration(fakes=[clip]))
    assert clip.frames[0].pdq
    value = clip.frames[0].pdq.hex()
    for wanted in (3, 1):
        partitions.repartition(service.pool.url, wanted, quiet)
        database.settle(service)
        assert answer_document(service, owner, clip)["matches"]
        assert answer_hash_of(service, key, "pdq.1", value)[1]["matches"]
        who = owner.organization_id
        assert service.read(lambda source: source.pool is not service.pool, who), "read from the replica"
