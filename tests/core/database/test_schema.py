"""The schema: one file a room, everything is commented, the queries use their indexes."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import tuple_row

from registry.app.embedded import binaries
from registry.catalogue.fingerprints.store import whole_files
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


@pytest.mark.slow
def test_psql_makes_the_same_schema(embedded_postgres: PostgresServer) -> None:
    """The lines `\\ir` of the baseline are those of psql."""
    baseline = migrate.schema_folder() / "migrations" / "0001_baseline.sql"
    with embedded_postgres.empty() as migrated, embedded_postgres.empty() as by_hand:
        names = migrate.migrate(migrated)
        assert names == [migration.name for migration in migrate.migrations()]
        assert migrate.migrate(migrated) == [], "a second run finds nothing to do"
        command = [str(binaries.programs() / "psql"), "-qv", "ON_ERROR_STOP=1", "-f", str(baseline), by_hand]
        subprocess.run(command, check=True)
        assert catalogue(migrated) == catalogue(by_hand)


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
            connection.execute("UPDATE migration SET sha256 = 'other' WHERE name = '0001_baseline'")
        with pytest.raises(Conflict, match="0001_baseline") as caught:
            migrate.migrate(url)
        assert caught.value.code == "schema_diverged"
        with psycopg.connect(url) as connection:
            connection.execute("DELETE FROM migration")
            connection.execute("INSERT INTO migration (name, sha256) VALUES ('9999_future', 'x')")
        with pytest.raises(Conflict, match="does not know"):
            migrate.migrate(url)


def test_a_read_only_database_is_reported(embedded_postgres: PostgresServer) -> None:
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


def test_whole_files_are_reached_by_their_indexes(database_url: str) -> None:
    queries = sql.load("registry.catalogue.fingerprints.store.whole_files")
    given = {
        "hash": "01" * 32,
        "keys": whole_files.keys(b"8 bytes."),
        "radius": 7,
        "kind": "video",
        "most": 9,
        "organization_id": uuid4(),
        "bank_id": None,
    }
    with psycopg.connect(database_url) as connection:
        connection.execute(queries["plan"])
        for name, index in (
            ("near_videohash", "file_videohash"),
            ("near_content", "file_iscc_content"),
            ("near_data", "file_iscc_data"),
            ("same_instance", "file_iscc_instance"),
        ):
            query = "EXPLAIN WITH near AS MATERIALIZED (" + queries[name] + ") " + queries["answering"]
            plan = str(connection.execute(query, given).fetchall())
            assert f"Scan on {index}" in plan or f"using {index}" in plan, plan


@pytest.mark.slow
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
