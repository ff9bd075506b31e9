"""Migrations on a database that others are using: nobody waits, and what was cut off is taken up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
import pytest

from registry.core.database import migrate
from registry.core.errors import Unavailable
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.servers import PostgresServer

KEPT: Final = "0053_kept_work"
"""It builds an index of jobs, of which there may be millions."""
NEW: Final = [one.name for one in migrate.migrations() if one.name >= KEPT]
JOB: Final = """
INSERT INTO job (task, subject_id, queue) VALUES ('fingerprint_asset', gen_random_uuid(), 'media')
"""
OTHERS: Final = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
WAITING: Final = OTHERS + "AND query LIKE '%CREATE INDEX CONCURRENTLY%' AND wait_event = 'virtualxid'"
BUILDING: Final = OTHERS + "AND query LIKE '%CREATE INDEX CONCURRENTLY%'"
NEXT: Final = OTHERS + "AND query LIKE '%advisory_lock(%'"
VALID: Final = "SELECT bool_and(indisvalid) FROM pg_index WHERE indexrelid = to_regclass('job_done')"


def _asked(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        (found,) = connection.execute(query.encode()).fetchone() or (None,)
    return found


def _until(url: str, query: str, *, there: bool = True) -> None:
    services.wait_until(lambda: bool(_asked(url, query)) is there, 30)


@contextmanager
def _earlier(server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database as it was before."""
    known = migrate.migrations()
    with server.empty() as url:
        with monkeypatch.context() as patched:
            patched.setattr(migrate, "migrations", lambda: [one for one in known if one.name < KEPT])
            migrate.migrate(url)
        yield url


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
    embedded_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one came before the index was done. What is built beside waits for all that was there."""
    with _earlier(embedded_postgres, monkeypatch) as url, ThreadPoolExecutor() as threads:
        with _registering(url):
            first = threads.submit(migrate.migrate, url)
            _until(url, WAITING)
            second = threads.submit(migrate.migrate, url)
            _until(url, NEXT)
            _work(url)
        assert (first.result(60), second.result(60)) == (NEW, [])
        assert _asked(url, VALID) is True


def test_an_index_that_a_killed_run_left_is_made_anew(
    embedded_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The server sees that nobody waits for it any more, though it is waiting for others itself."""
    log = tmp_path / "migrate.log"
    with _earlier(embedded_postgres, monkeypatch) as url:
        with _registering(url):
            said = os.environ | {"FAKEPRINT_DATABASE_URL": url}
            with services.running(processes.command("migrate"), log, dict(said)) as process:
                services.wait_until(lambda: bool(_asked(url, WAITING)), 60, process, log)
                process.kill()
            _until(url, BUILDING, there=False)
            assert _asked(url, VALID) is False
            _work(url)
        assert migrate.migrate(url) == NEW
        assert _asked(url, VALID) is True


def test_who_has_applied_a_text_of_before_the_release_has_applied_it(
    embedded_postgres: PostgresServer,
) -> None:
    with embedded_postgres.clone() as url:
        for name, digests in migrate.FORMERLY.items():
            for digest in digests:
                with psycopg.connect(url) as connection:
                    told = "UPDATE migration SET sha256 = %s WHERE name = %s"
                    assert connection.execute(told, [digest, name]).rowcount == 1
                assert migrate.migrate(url) == []


def test_a_table_that_somebody_holds_is_left_and_taken_up_later(
    embedded_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = migrate._SQL["limits"].replace("'5s'", "'200ms'")
    monkeypatch.setitem(migrate._SQL, "limits", limits)
    monkeypatch.setattr(migrate, "TRIES", 2)
    with _earlier(embedded_postgres, monkeypatch) as url:
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE asset_manifest")
            with pytest.raises(Unavailable, match="do not let go") as caught:
                migrate.migrate(url)
        assert caught.value.code == "database_busy"
        assert migrate.migrate(url) == NEW


def test_a_table_that_is_let_go_soon_is_taken_in_the_same_run(
    embedded_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = migrate._SQL["limits"].replace("'5s'", "'200ms'")
    monkeypatch.setitem(migrate._SQL, "limits", limits)
    with _earlier(embedded_postgres, monkeypatch) as url, psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE asset_manifest")
        monkeypatch.setattr(
            "registry.core.database.migrate.time.sleep", lambda _seconds: connection.rollback()
        )
        assert migrate.migrate(url) == NEW
