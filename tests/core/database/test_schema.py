"""The schema: migrations equal the whole, everything is commented, the queries use their indexes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import tuple_row

from registry.core.database import migrate, sql
from registry.core.database.pool import Pool
from registry.core.errors import Conflict, Unavailable
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from tests.support.media import drawn
from tests.support.service.servers import PostgresServer

CATALOGUE = """
SELECT 'column', c.table_name, c.column_name, c.data_type, c.udt_name, c.is_nullable,
       coalesce(c.column_default, ''), coalesce(col_description(k.oid, c.ordinal_position), '')
FROM information_schema.columns c JOIN pg_class k ON k.relname = c.table_name
WHERE c.table_schema = 'public' AND k.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, indexdef, '', '', '', '' FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'comment', relname, '', coalesce(obj_description(oid, 'pg_class'), ''), '', '', '', ''
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
UNION ALL
SELECT 'function', proname, '', pg_get_functiondef(p.oid), '', '', '', coalesce(obj_description(p.oid), '')
FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), '', '', '', '' FROM pg_trigger
WHERE NOT tgisinternal
"""


def catalogue(url: str) -> set[tuple[Any, ...]]:
    with psycopg.connect(url, row_factory=tuple_row) as connection:
        rows = connection.execute(CATALOGUE).fetchall()
    return {row for row in rows if row[1] != "migration" and not str(row[1]).startswith("migration")}


def test_the_migrations_make_the_schema(embedded_postgres: PostgresServer) -> None:
    whole = (migrate.schema_folder() / "schema.sql").read_text()
    with embedded_postgres.empty() as migrated, embedded_postgres.empty() as at_once:
        names = migrate.migrate(migrated)
        assert names == [migration.name for migration in migrate.migrations()]
        assert migrate.migrate(migrated) == [], "a second run finds nothing to do"
        with psycopg.connect(at_once) as connection:
            connection.execute(whole.encode())
        assert catalogue(migrated) == catalogue(at_once)


def test_every_table_and_column_is_commented(database_url: str) -> None:
    rows = catalogue(database_url)
    bare = [(row[1], row[2]) for row in rows if row[0] == "column" and not row[7]]
    bare += [(row[1], "") for row in rows if row[0] == "comment" and not row[3]]
    assert bare == []


def test_two_that_migrate_at_once_take_turns(embedded_postgres: PostgresServer) -> None:
    with embedded_postgres.empty() as url:
        done: list[list[str]] = []
        threads = [threading.Thread(target=lambda: done.append(migrate.migrate(url))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        everything = [migration.name for migration in migrate.migrations()]
        assert sorted(done, key=len) == [[], [], everything]


def test_a_changed_or_unknown_migration_is_refused(embedded_postgres: PostgresServer, tmp_path: Path) -> None:
    with embedded_postgres.empty() as url:
        migrate.migrate(url)
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE migration SET sha256 = 'other' WHERE name = '0001_organizations'")
        with pytest.raises(Conflict, match="0001_organizations") as caught:
            migrate.migrate(url)
        assert caught.value.code == "schema_diverged"
        with psycopg.connect(url) as connection:
            connection.execute("DELETE FROM migration")
            connection.execute("INSERT INTO migration (name, sha256) VALUES ('9999_future', 'x')")
        with pytest.raises(Conflict, match="newer version"):
            migrate.migrate(url)


def test_a_database_that_may_not_be_altered_is_said_to_be_one(embedded_postgres: PostgresServer) -> None:
    with embedded_postgres.clone() as url:
        with pytest.raises(Unavailable) as caught:
            migrate.migrate(url + "&options=-c%20default_transaction_read_only%3Don")
        assert caught.value.code == "database_unavailable"
        assert "takes no writes" in str(caught.value)
        role = f"poor_{uuid4().hex}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'p'".encode())
        try:
            with pytest.raises(Unavailable) as caught:
                migrate.migrate(urlsplit(url)._replace(netloc=f"{role}:p@").geturl())
        finally:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"DROP ROLE {role}".encode())
        assert caught.value.code == "database_role"


def test_frames_that_are_there_move_into_narrow_rows(embedded_postgres: PostgresServer) -> None:
    """Hashes leave, vectors stay; of two views at one moment the first counts."""
    before = [one for one in migrate.migrations() if one.name < "0014"]
    (growth,) = (one for one in migrate.migrations() if one.name == "0014_growth")
    with embedded_postgres.empty() as url, psycopg.connect(url, row_factory=tuple_row) as connection:
        for one in before:
            connection.execute(one.text.encode())
        connection.execute(_OLD)
        connection.execute(growth.text.encode())
        frames = connection.execute(
            "SELECT asset_no, time_s, duration_s, quality, view, phash256::text, pdq IS NULL"
            " FROM frame_fingerprint ORDER BY time_s, view"
        ).fetchall()
        vectors = connection.execute("SELECT time_s, view, quality FROM frame_vector").fetchall()
    ones, zeros = "1" * 256, "0" * 256
    assert frames == [
        (1, 0.0, 1.0, 90, "full", ones, True),
        (1, 1.0, 1.0, 90, "full", ones, True),
        (1, 1.0, 1.0, 90, "trim", zeros, True),
        (1, 2.0, 1.0, 20, "full", ones, True),
    ]
    assert vectors == [(0.0, "full", 90)]


def test_the_frames_that_are_there_become_a_partition_as_they_are(
    embedded_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is written anew, neither rows nor indexes; a run that was cut off is taken up."""
    known = migrate.migrations()
    (parted,) = (one for one in known if one.name == "0025_partitions")
    found = "SELECT asset_no, time_s, bits FROM near_phash256(repeat('1', 256)::bit(256), 200, 16)"
    files = (
        "SELECT substring(relname FROM '^[a-z]+_[a-z0-9]+'), relfilenode FROM pg_class"
        " WHERE relname ~ '^frame_(fingerprint|asset|phash256|pdq)' AND relkind IN ('r', 'i') ORDER BY 1"
    )
    with embedded_postgres.empty() as url:
        with monkeypatch.context() as patched:
            patched.setattr(migrate, "migrations", lambda: [one for one in known if one.name < parted.name])
            migrate.migrate(url)
        with psycopg.connect(url, row_factory=tuple_row) as connection:
            connection.execute(_FILL.encode())
            connection.execute(
                "UPDATE frame_fingerprint SET phash256 = repeat('1', 256)::bit(256) WHERE time_s = 1"
            )
            connection.execute("GRANT SELECT ON frame_fingerprint TO PUBLIC")
            before = [sorted(connection.execute(query).fetchall()) for query in (found, files)]
            frames = connection.execute(
                "SELECT * FROM frame_fingerprint ORDER BY asset_no, time_s"
            ).fetchall()
            for step in parted.steps[:-1]:  # cut off before the last
                connection.execute(step.encode())
                connection.commit()
            connection.execute(
                "INSERT INTO frame_fingerprint SELECT asset_no, 99, 0, 90, 'full' FROM asset LIMIT 1"
            )
        migrate.migrate(url)
        with psycopg.connect(url, row_factory=tuple_row) as connection:
            assert [sorted(connection.execute(query).fetchall()) for query in (found, files)] == before
            assert before[0]
            parts = "SELECT DISTINCT tableoid::regclass::text FROM frame_fingerprint"
            assert connection.execute(parts).fetchall() == [("frame_fingerprint_0_of_1",)]
            kept = "SELECT * FROM frame_fingerprint WHERE time_s < 99 ORDER BY asset_no, time_s"
            assert connection.execute(kept).fetchall() == frames
            readers = "SELECT grantee FROM pg_class, aclexplode(relacl) WHERE relname = 'frame_fingerprint'"
            assert (0,) in connection.execute(readers).fetchall()
            connection.execute("DELETE FROM asset")
            assert connection.execute("SELECT FROM frame_fingerprint").rowcount == 0


def test_candidates_are_reached_by_their_indexes(database_url: str) -> None:
    """On tables of some size the plan must not scan: the planner's choice is a part of the contract."""
    clip = drawn.clip("x", seconds=4)
    probe = Probe(
        [frame.phash256 for frame in clip.frames if frame.phash256],
        [frame.pdq for frame in clip.frames if frame.pdq],
        [frame.sscd for frame in clip.frames if frame.sscd],
        clip.media.sha256,
    )
    pool = Pool(database_url, size=1, statement_timeout_ms=60_000)
    pool.open()
    try:
        with pool.transaction() as connection:
            connection.execute(_FILL)
            connection.execute("ANALYZE")
            queries = sql.load("registry.matching.candidates.store.candidates")
            connection.execute(queries["plan"], candidates.planning(probe))
            parameters = candidates.parameters(probe, organization_id=uuid4(), bank_id=None)
            explain = "EXPLAIN (COSTS OFF) " + candidates.query(probe)
            lines = [row["QUERY PLAN"] for row in connection.execute(explain, parameters).fetchall()]
    finally:
        pool.close()
    plan = "\n".join(lines)
    assert plan.count("Bitmap Index Scan on frame_phash256_0_of_1\n") == 2 * 12, "each of the bands"
    assert plan.count("Bitmap Index Scan on frame_pdq_0_of_1\n") == 12
    assert plan.count("Index Scan using frame_vector_sscd on frame_vector") == 2
    assert "Sort Key: ((ff.sscd" not in plan, "the nearest come from the index in their order"
    assert "Seq Scan on frame_fingerprint" not in plan
    assert "Seq Scan on frame_vector" not in plan
    assert "Seq Scan on face_fingerprint" not in plan


_OLD = b"""
INSERT INTO organization (name) VALUES ('old');
INSERT INTO bank (organization_id, name) SELECT organization_id, 'old' FROM organization;
INSERT INTO asset (bank_id, sha256) SELECT bank_id, sha256('old') FROM bank;
INSERT INTO frame_fingerprint (asset_id, time_s, duration_s, view, quality, phash256, sscd)
SELECT asset_id, t, 1, view, quality, repeat(bit, 256)::bit(256),
       CASE WHEN vector THEN array_fill(0.04419::real, ARRAY[512])::vector(512)::halfvec(512) END
FROM asset, (VALUES (0, 'full', 90, '1', true), (0, 'full', 90, '0', true), (1, 'full', 90, '1', false),
                    (1, 'trim', 90, '0', false), (2, 'full', 20, '1', true)) f (t, view, quality, bit, vector)
"""
_FILL = """
WITH o AS (INSERT INTO organization (name) VALUES ('filler') RETURNING organization_id),
b AS (INSERT INTO bank (organization_id, name) SELECT organization_id, 'filler' FROM o RETURNING bank_id),
a AS (INSERT INTO asset (bank_id, sha256)
      SELECT bank_id, sha256(i::text::bytea) FROM b, generate_series(1, 200) i RETURNING asset_no)
INSERT INTO frame_fingerprint (asset_no, time_s, duration_s, view, quality, phash256, pdq)
SELECT asset_no, t, 1, 'full', 100, h.hash, ~h.hash
FROM a, generate_series(1, 20) t,
LATERAL (SELECT ('x' || encode(sha256((asset_no::text || '.' || t)::bytea), 'hex'))::bit(256) AS hash) h;
INSERT INTO frame_vector (asset_id, time_s, view, quality, sscd)
SELECT a.asset_id, f.time_s, f.view, f.quality,
       array_fill(0.04419::real, ARRAY[512])::vector(512)::halfvec(512)
FROM frame_fingerprint f JOIN asset a USING (asset_no)
"""
