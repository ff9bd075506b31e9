"""How the archive of a real server's log is, as the least of its roles sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from registry.app.embedded.postgres import Cluster
from registry.core.service import Service
from registry.operations.store import server
from tests.support.service import replication
from tests.support.service import servers as services
from tests.support.service.replication import address

COMMAND = "test -e {0}/open && cp %p {0}/archive/%f"
STUCK = "touch {0}/stuck; while test -e {0}/stuck; do sleep 0.1; done; false"


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that the server writes to."""
    with services.open_temporary_folder("archiving") as made:
        made.chmod(0o777)
        (made / "archive").mkdir()
        (made / "archive").chmod(0o777)
        yield made


@contextmanager
def _running(folder: Path) -> Iterator[Cluster]:
    started = replication.cluster(folder, "archived", archive_mode="on")
    started.start()
    try:
        with _as_superuser(started) as connection:
            connection.execute("CREATE ROLE nobody")
        _set(started, COMMAND.format(folder))
        yield started
    finally:
        (folder / "stuck").unlink(missing_ok=True)
        started.stop()


@contextmanager
def _as_superuser(cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(address(cluster, "fakeprint"), autocommit=True, row_factory=dict_row) as made:
        yield made


def _archive(cluster: Cluster) -> server.Archive:
    with _as_superuser(cluster) as connection:
        connection.execute("SET ROLE nobody")
        found = server.archive(connection)
    assert found is not None
    return found


def _finish_a_segment(cluster: Cluster) -> None:
    with _as_superuser(cluster) as connection:
        connection.execute("SELECT pg_logical_emit_message(true, 'test', 'something')")
        connection.execute("SELECT pg_switch_wal()")


def _set(cluster: Cluster, command: str) -> None:
    with _as_superuser(cluster) as connection:
        words = sql.SQL("ALTER SYSTEM SET archive_command = {}").format(sql.Literal(command))
        connection.execute(words)
        connection.execute("SELECT pg_reload_conf()")


def _archives_on(cluster: Cluster) -> bool:
    _finish_a_segment(cluster)
    return bool(_archive(cluster).waiting == 0)


@pytest.mark.slow
def test_an_unarchived_log_raises_an_alert(folder: Path) -> None:
    with _running(folder) as cluster:
        assert _archive(cluster) == server.Archive(0, 0.0)
        _finish_a_segment(cluster)
        services.wait_until(lambda: _archive(cluster).failures > 0, 60)
        assert _archive(cluster).waiting > 0
        (folder / "open").touch()
        services.wait_until(lambda: _archives_on(cluster), 120)
        failures = _archive(cluster).failures

        _set(cluster, STUCK.format(folder))
        _finish_a_segment(cluster)
        services.wait_until((folder / "stuck").exists, 60)
        _finish_a_segment(cluster)
        found = _archive(cluster)
        assert found.failures == failures, "nothing has failed yet"
        assert found.waiting > 0
        _set(cluster, COMMAND.format(folder))
        (folder / "stuck").unlink()
        services.wait_until(lambda: _archives_on(cluster), 120)

        _set(cluster, "")
        services.wait_until(lambda: _archive(cluster).waiting > 0, 60)


def test_a_server_that_archives_nothing_is_not_blamed_for_it(service: Service) -> None:
    with service.pool.transaction() as connection:
        assert server.archive(connection) is None
        assert server.takes_writes(connection)
