"""`fakeprint migrate` and `fakeprint worker` as a person meets them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from registry.core.service import open_service
from registry.core.settings import Settings
from registry.identity.callers.service.callers import revoke_caller
from registry.identity.callers.service.keys import authenticate
from registry.identity.organizations.service.organizations import change_organization, list_organizations
from tests.support.service import servers as services

pytestmark = pytest.mark.slow(17)


@pytest.fixture
def empty_database_url(embedded_postgres: services.PostgresServer) -> Iterator[str]:
    with embedded_postgres.empty() as url:
        yield url


def fakeprint(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "from registry.app.commands import main; main()"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_migrate_twice(empty_database_url: str) -> None:
    first = fakeprint("migrate", "--bootstrap", FAKEPRINT_DATABASE_URL=empty_database_url)
    assert first.returncode == 0, first.stderr
    assert "applied 0001_baseline" in first.stdout
    assert "applied pgmq" in first.stdout
    key = first.stdout.split("admin key ")[1].strip()
    with closing(open_service(Settings(database_url=empty_database_url))) as service:
        assert authenticate(service, key).name == "admin"
    again = fakeprint("migrate", "--bootstrap", "--database-url", empty_database_url)
    assert again.returncode == 0, again.stderr
    assert "nothing to apply" in again.stdout
    assert key not in again.stdout


def _printed(database_url: str, option: str) -> str:
    done = fakeprint("migrate", option, FAKEPRINT_DATABASE_URL=database_url)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("admin key ")[1].strip()


def test_the_databases_owner_creates_another_admin(
    empty_database_url: str,
) -> None:
    lost = _printed(empty_database_url, "--bootstrap")
    with closing(open_service(Settings(database_url=empty_database_url))) as service:
        first = authenticate(service, lost)
        change_organization(service, first, first.organization_id, name="Verificadores")
        key = _printed(empty_database_url, "--another-admin")
        made = authenticate(service, key)
        assert (made.organization_id, made.roles) == (first.organization_id, first.roles)
        assert made.caller_id != first.caller_id
        assert [organization.name for organization in list_organizations(service, made).organizations] == [
            "Verificadores"
        ]
        assert revoke_caller(service, made, first.caller_id).state == "revoked"
        with service.pool.transaction() as connection:
            events = connection.execute(
                "SELECT subject->>'caller_id' AS made FROM event"
                " WHERE kind = 'caller.created' AND caller_id IS NULL"
            ).fetchall()
    assert {each["made"] for each in events} == {str(first.caller_id), str(made.caller_id)}


def test_another_admin_is_the_first_where_there_is_none(empty_database_url: str) -> None:
    key = _printed(empty_database_url, "--another-admin")
    with closing(open_service(Settings(database_url=empty_database_url))) as service:
        assert [
            organization.name
            for organization in list_organizations(service, authenticate(service, key)).organizations
        ]


def test_migrate_for_another_broker_makes_no_queues_in_the_database(empty_database_url: str) -> None:
    done = fakeprint(
        "migrate", "--database-url", empty_database_url, FAKEPRINT_BROKER_URL="amqp://127.0.0.1//"
    )
    assert done.returncode == 0, done.stderr
    assert "pgmq" not in done.stdout


def test_migrate_reports_an_invalid_address_without_its_password() -> None:
    for address in ("nonsense", "postgresql://role:geheim@host:1/x?y"):
        wrong = fakeprint("migrate", "--database-url", address)
        assert wrong.returncode == 1
        assert "bad_setting" in wrong.stderr
        assert "geheim" not in wrong.stderr
        assert "Traceback" not in wrong.stderr


@pytest.mark.parametrize("command", ["migrate", "worker"])
def test_without_a_database(command: str) -> None:
    done = fakeprint(command)
    assert done.returncode == 1
    assert "FAKEPRINT_DATABASE_URL" in done.stderr


@pytest.mark.parametrize("command", ["migrate", "worker"])
def test_with_a_database_that_is_away(command: str) -> None:
    done = fakeprint(command, FAKEPRINT_DATABASE_URL="postgresql://fakeprint:secret@127.0.0.1:9/x")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_queue_that_does_not_exist() -> None:
    done = fakeprint("worker", "--queues", "media,mdeia")
    assert done.returncode == 2
    assert "mdeia" in done.stderr
