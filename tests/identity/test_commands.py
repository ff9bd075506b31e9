"""`fakeprint admin organization|caller|key` and `whoami` against a running API, as a person types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import click
import pytest
from click.testing import CliRunner, Result

from registry.app.commands import main
from registry.core.settings import settings
from registry.core.terminal import times
from registry.core.terminal.api_command import sent_value
from tests.support.service.api import Api


class Person:
    """Somebody at a terminal, in Melilla, with a key."""

    def __init__(self, api: Api, key: str) -> None:
        self._environment = {"FAKEPRINT_URL": api.url, "FAKEPRINT_KEY": key, "TZ": "Europe/Madrid"}

    def __call__(self, *arguments: str) -> Result:
        settings.cache_clear()
        return CliRunner(env=self._environment).invoke(main, [*arguments], prog_name="fakeprint")

    def lines(self, *arguments: str) -> list[dict[str, object]]:
        done = self(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    yield
    settings.cache_clear()


@pytest.fixture
def operator(api: Api) -> Person:
    return Person(api, api.key)


@pytest.fixture
def editor(api: Api, operator: Person) -> Person:
    """An administrator of a new organization, who was given a key by the operator."""
    name = f"Daily {uuid4()}"
    assert operator("admin", "organization", "add", name, "--rate", "50", "--monthly", "1000").exit_code == 0
    made = operator("admin", "caller", "add", "chief", "--role", "admin", "--organization", name)
    assert made.exit_code == 0, made.output
    return Person(api, made.stdout.strip().splitlines()[-1])


def test_whoami_prints_roles_and_limits(editor: Person, operator: Person) -> None:
    result = editor("whoami")
    assert "“chief” of “Daily" in result.stdout
    assert "may: admin" in result.stdout
    assert "limits of the organization: 50 lookups a second, 0 of 1000 a month" in result.stdout
    (line,) = editor.lines("whoami")
    assert line["roles"] == ["admin"]
    assert "which runs the deployment" in operator("whoami").stdout


@pytest.mark.slow
def test_a_caller_is_made_listed_changed_rotated_and_revoked(api: Api, editor: Person) -> None:
    made = editor("admin", "caller", "add", "upload pipeline", "--role", "lookup", "--expires", "90d")
    assert made.exit_code == 0
    key = made.stdout.strip()
    assert key.startswith("fp_")
    assert "may: lookup, until" in made.stderr
    assert "upload pipeline" in editor("admin", "caller", "list").stdout
    (found,) = [line for line in editor.lines("admin", "caller", "list") if line["name"] == "upload pipeline"]
    until = datetime.fromisoformat(str(found["expires_at"]))
    assert abs(until - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=5)

    changed = editor(
        "admin", "caller", "change", "upload pipeline", "--role", "register", "--expires", "never"
    )
    assert "active; may: register" in changed.stdout
    rotated = editor("admin", "key", "rotate", "upload pipeline", "--overlap", "2")
    assert "work for another 2 hours" in rotated.stderr
    new = rotated.stdout.strip()
    shown = editor("admin", "caller", "show", "upload pipeline").stdout
    assert f"key {key[:11]}…" in shown
    assert "works until" in shown
    assert key not in shown
    gone = editor("admin", "key", "revoke", "upload pipeline", key[:11])
    assert f"key {key[:11]}…" in gone.stdout
    assert "revoked" in gone.stdout
    assert Person(api, key)("whoami").exit_code == 1
    assert Person(api, new)("whoami").exit_code == 0
    more = editor("admin", "key", "add", "upload pipeline", "--json")
    assert json.loads(more.stdout)["key"].startswith("fp_")
    assert "revoked" in editor("admin", "caller", "revoke", "upload pipeline").stdout
    assert "upload pipeline" not in editor("admin", "caller", "list").stdout
    assert "upload pipeline" in editor("admin", "caller", "list", "--all").stdout


def test_errors_are_printed_with_their_code(editor: Person) -> None:
    unknown = editor("admin", "caller", "show", "nobody", "--json")
    assert unknown.exit_code == 1
    assert json.loads(unknown.stdout)["error"]["code"] == "unknown_caller"
    assert "error [unknown_caller]" in unknown.stderr
    assert "error [last_admin]" in editor("admin", "caller", "revoke", "chief").stderr
    assert "error [not_operator]" in editor("admin", "organization", "list").stderr
    assert editor("admin", "caller", "change", "chief").exit_code == 2
    assert editor("admin", "key", "add", "chief", "--expires", "soon").exit_code == 2
    assert "error [bad_expiry]" in editor("admin", "key", "add", "chief", "--expires", "2020-01-01").stderr
    for _ in range(2):
        editor("admin", "caller", "add", "twin", "--role", "lookup")
    assert "error [ambiguous_name]" in editor("admin", "caller", "revoke", "twin").stderr


def test_organizations_are_listed_limited_and_closed(api: Api, operator: Person) -> None:
    name = f"Weekly {uuid4()}"
    (made,) = operator.lines("admin", "organization", "add", name)
    assert name in operator("admin", "organization", "list", "--state", "active").stdout
    limited = operator("admin", "organization", "limit", name, "--daily", "7")
    assert "limits 7 a day" in limited.stdout
    key = operator("admin", "caller", "add", "x", "--role", "lookup", "--organization", name).stdout.strip()
    (me,) = Person(api, key).lines("whoami")
    result = operator("admin", "caller", "limit", str(me["caller_id"]), "--rate", "5")
    assert "limits 5 lookups a second" in result.stdout
    refused = operator("admin", "organization", "close", name)
    assert refused.exit_code == 1, "nothing was answered to the question"
    closed = operator("admin", "organization", "close", name, "--entries", "keep", "--yes")
    assert "is closed" in closed.stdout
    assert Person(api, key)("whoami").exit_code == 1
    (found,) = [
        line
        for line in operator.lines("admin", "organization", "list", "--state", "closed")
        if line["organization_id"] == made["organization_id"]
    ]
    assert found["callers"] == 0


@pytest.mark.parametrize("word", ["0d", "5x", "2027-13-01", "", "90", "-1d", "100000d"])
def test_invalid_times(word: str) -> None:
    with pytest.raises(click.BadParameter):
        times.Expiry().convert(word, None, None)


def test_times_are_read_here_and_sent_with_their_offset() -> None:
    convert = times.Expiry().convert
    day = datetime.fromisoformat(str(convert("2027-01-31", None, None)))
    assert day == datetime(2027, 2, 1).astimezone(), "to its end, here"
    at = datetime.fromisoformat(str(convert("2027-01-31T18:00+05:00", None, None)))
    assert at.utcoffset() == timedelta(hours=5)
    hours = datetime.fromisoformat(str(convert("12h", None, None))) - datetime.now(UTC)
    assert timedelta(hours=11.9) < hours <= timedelta(hours=12)
    assert sent_value(convert("never", None, None)) is None
