"""Organizations and callers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.domain.caller import Caller
from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("callers")


def by_key(connection: Connection, key_sha256: bytes) -> Caller | None:
    """The caller whose key has this digest, if the key works now."""
    row = connection.execute(_SQL["by_key"], {"key_sha256": key_sha256}).fetchone()
    return of_row(row) if row else None


def any_exists(connection: Connection) -> bool:
    """Whether there is any caller; call inside the transaction that may make the first."""
    connection.execute(_SQL["lock_first"])
    row = connection.execute(_SQL["any"]).fetchone()
    return bool(row and row["found"])


def operates(connection: Connection, organization_id: UUID) -> bool:
    """Whether the organization is the first, whose administrators run the deployment."""
    row = connection.execute(_SQL["operates"], {"organization_id": organization_id}).fetchone()
    return bool(row and row["operates"])


def organization(connection: Connection, name: str) -> UUID:
    """The id of an organization of that name, made if it is new."""
    row = connection.execute(_SQL["upsert_organization"], {"name": name}).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    found: UUID = row["organization_id"]
    return found


def insert(
    connection: Connection, *, organization_id: UUID, name: str, key_sha256: bytes, roles: Sequence[str]
) -> Caller:
    """Keep a new caller."""
    row = connection.execute(
        _SQL["insert"],
        {"organization_id": organization_id, "name": name, "key_sha256": key_sha256, "roles": list(roles)},
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    return of_row(row)


def of_row(row: dict[str, Any]) -> Caller:
    """The caller that a row says."""
    return Caller(row["caller_id"], row["organization_id"], row["name"], frozenset(row["roles"]))
