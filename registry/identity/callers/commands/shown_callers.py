"""Organizations, callers and keys as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import click

from registry.core.terminal.lifetime import here, until
from registry.core.terminal.shown import Row, table
from registry.core.terminal.text import printable

NO_CALLERS: Final = """No caller that works.
  next: fakeprint admin caller list --all shows also those that are over"""
NO_ORGANIZATIONS: Final = """No such organizations.
  next: fakeprint admin organization add NAME"""


def callers(found: Sequence[Row]) -> None:
    """Callers, a line each."""
    if not found:
        click.echo(NO_CALLERS)
        return
    table(
        ("caller", "name", "roles", "state", "keys", "expires"),
        (
            [
                *(row["caller_id"], row["name"], ", ".join(row["roles"]), row["state"]),
                *(", ".join(filter(None, map(_told, row["keys"]))), here(row["expires_at"])),
            ]
            for row in found
        ),
    )


def organizations(found: Sequence[Row]) -> None:
    """Organizations, a line each."""
    if not found:
        click.echo(NO_ORGANIZATIONS)
        return
    table(
        ("organization", "name", "state", "callers", "limits"),
        (
            [row["organization_id"], row["name"], row["state"], row["callers"], limits(row["limits"])]
            for row in found
        ),
    )


def caller(found: Row) -> Iterator[str]:
    """One caller with its keys, line by line."""
    yield f"{found['caller_id']}  “{printable(str(found['name']))}”"
    ends = f", until {until(found['expires_at'])}" if found["expires_at"] else ""
    yield f"  {found['state']}{ends}; may: {', '.join(found['roles'])}"
    yield f"  limits: {limits(found['limits'])}"
    for key in found["keys"]:
        yield f"  key {_told(key)} {key['key_id']}: {_state(key)}"


def me(found: Row) -> Iterator[str]:
    """Who asks, line by line."""
    organization = found["organization"]
    runs = ", which runs the deployment" if organization["operator"] else ""
    yield f"“{printable(str(found['name']))}” of “{printable(str(organization['name']))}”{runs}"
    yield f"  may: {', '.join(found['roles'])}"
    yield f"  key {_told(found['key'])}: {_state(found['key'])}"
    yield f"  limits: {limits(found['limits'], found['used'])}"
    yield f"  limits of the organization: {limits(organization['limits'], organization['used'])}"


def limits(found: Row, used: Row | None = None) -> str:
    """Limits in words, with what is used of them."""
    spent: Row = used or {}
    said = [f"{found['rate']:g} lookups a second"] if found["rate"] is not None else []
    for name, unit in (("daily", "day"), ("monthly", "month")):
        if found[name] is not None:
            of = f"{spent[unit]} of " if unit in spent else ""
            said.append(f"{of}{found[name]} a {unit}")
    return ", ".join(said) or "none"


def _told(key: Row) -> str:
    return f"{key['prefix']}…" if key["prefix"] else "(older)"


def _state(key: dict[str, Any] | Row) -> str:
    last = f", last used {here(key['last_used_at'])}" if key["last_used_at"] else ""
    if key["state"] == "revoked":
        return f"revoked {here(key['revoked_at'])}{last}"
    if key["state"] == "expired":
        return f"expired {here(key['expires_at'])}{last}"
    ends = f"works until {until(key['expires_at'])}" if key["expires_at"] else "works, does not expire"
    return ends + last
