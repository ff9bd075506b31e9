"""`deploy/service-role.sql`, run by an owner who may not grant everything, and what comes after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
import pytest
from psycopg.errors import Diagnostic, InsufficientPrivilege, RestrictViolation

from registry.core.database.migrate import migrate
from tests.support.service import database_owner as owning
from tests.support.service.database_owner import ROLES, SERVICE, do
from tests.support.service.servers import PostgresServer

GRANT = "GRANT pg_read_all_stats TO fakeprint_service"
LATER: Final = """
CREATE TABLE later (later_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry_id uuid, said text);
CREATE TABLE later_serial (no serial PRIMARY KEY);
CREATE TABLE later_record (said text);
CREATE TRIGGER later_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON later_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION later_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO later (said) VALUES (NEW.name);
    UPDATE later SET said = 'organization ' || said;
    INSERT INTO later_serial DEFAULT VALUES;
    DELETE FROM later_serial WHERE no > 1000;
    INSERT INTO later_record VALUES (NEW.name);
    RETURN NULL;
END $$;
CREATE TRIGGER later_made AFTER INSERT ON organization FOR EACH ROW EXECUTE FUNCTION later_made();
"""
"""What a migration may bring: processes that were there before it do not know that they write there."""
RECORD: Final = """
SELECT DISTINCT t.tgrelid::regclass::text FROM pg_trigger t
WHERE t.tgfoid = 'refuse_change'::regproc AND NOT t.tgisinternal
"""


@pytest.fixture
def owned(embedded_postgres: PostgresServer) -> Iterator[tuple[str, str]]:
    """An empty database by a superuser, and by its owner, who is none."""
    with owning.owned(embedded_postgres) as urls:
        yield urls


@contextmanager
def _notices(url: str) -> Iterator[list[str]]:
    """What the server says of the file but for functions of the extension, which are everybody's."""
    messages: list[str] = []

    def hear(diagnostic: Diagnostic) -> None:
        if "no privileges were granted for" not in (message := diagnostic.message_primary or ""):
            messages.append(f"{diagnostic.severity_nonlocalized}: {message}")

    with psycopg.connect(url) as connection:
        connection.add_notice_handler(hear)
        connection.execute(ROLES.read_bytes())
        yield messages


def test_without_the_right_to_grant_the_timeline_a_notice_is_printed(
    owned: tuple[str, str],
) -> None:
    superuser, owner = owned
    migrate(owner)
    with _notices(superuser):
        pass
    do(superuser, "REVOKE pg_read_all_stats FROM fakeprint_service")
    with _notices(owner) as notices:
        pass
    (warning,) = notices
    assert warning.startswith("WARNING: fakeprint_service cannot see which timeline a replica follows: own ")
    with psycopg.connect(superuser) as connection:
        text = "SELECT has_table_privilege('fakeprint_service', 'entry', 'UPDATE')"
        assert connection.execute(text).fetchone() == (True,)
    do(superuser, GRANT)
    with _notices(owner) as notices:
        assert notices == [], "what it has is not granted again"
    for runs_it in (superuser, owner):
        do(superuser, "REVOKE pg_read_all_stats FROM fakeprint_service")
        do(superuser, "GRANT pg_read_all_stats TO own WITH ADMIN OPTION")
        with _notices(runs_it) as notices:
            assert notices == []
        with psycopg.connect(superuser) as connection:
            text = "SELECT pg_has_role('fakeprint_service', 'pg_read_all_stats', 'USAGE')"
            assert connection.execute(text).fetchone() == (True,)
    do(superuser, "REVOKE pg_read_all_stats FROM own CASCADE")


@pytest.mark.parametrize("by_superuser", [False, True])
def test_old_processes_write_to_new_tables(owned: tuple[str, str], *, by_superuser: bool) -> None:
    """From its commit on: nobody runs the file again in between. The record stays."""
    superuser, owner = owned
    migrate(owner)
    with _notices(superuser if by_superuser else owner):
        pass
    owning.let_service_in(superuser)
    do(owner, LATER)
    service = owning.as_role(owner, SERVICE)
    do(service, "INSERT INTO organization (name) VALUES ('New')")
    with psycopg.connect(service) as connection:
        text = "SELECT l.said, r.said FROM later l, later_record r, later_serial"
        assert connection.execute(text).fetchall() == [("organization New", "New")]
    for act in ("UPDATE later_record SET said = 'x'", "DELETE FROM later_record"):
        with pytest.raises(RestrictViolation):
            do(service, act)
    for act in (
        "TRUNCATE later",
        "TRUNCATE later_record",
        "ALTER TABLE later_record DISABLE TRIGGER USER",
        "CREATE TRIGGER mine BEFORE INSERT ON later FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "DROP TRIGGER later_record_append_only ON later_record",
        "DELETE FROM migration",
        "CREATE TABLE own (own text)",
    ):
        with pytest.raises(InsufficientPrivilege):
            do(service, act)


def test_ledger_tables_only_accept_inserts(owned: tuple[str, str]) -> None:
    """Whatever refuses changes itself is refused by its grants as well, once the file has run."""
    superuser, owner = owned
    migrate(owner)
    with _notices(owner):
        pass
    with psycopg.connect(superuser) as connection:
        record = {name for (name,) in connection.execute(RECORD).fetchall()}
        grants = "SELECT has_table_privilege(%s, %s, 'UPDATE, DELETE, TRUNCATE')"
        free = {row for row in record if connection.execute(grants, [SERVICE, row]).fetchone() != (False,)}
    assert free == set()
    listed = re.search(r"REVOKE UPDATE, DELETE, TRUNCATE ON (.*?) FROM", ROLES.read_text(), re.DOTALL)
    assert listed
    assert record == set(re.split(r",\s+", listed[1])) - {"migration"}
