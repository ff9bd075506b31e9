"""Callers of organizations and their permissions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller, HashedKey

_SQL = sql.load(__name__)


def by_key(connection: Connection, key_sha256: bytes) -> Caller | None:
    """Return the caller whose key has this digest, if the key is valid now."""
    row = connection.execute(_SQL["by_key"], {"key_sha256": key_sha256}).fetchone()
    return caller_of_row(row) if row else None


def any_exists(connection: Connection) -> bool:
    """Whether any caller exists. Call it in the transaction that may create the first."""
    connection.execute(_SQL["lock_first"])
    row = connection.execute(_SQL["any"]).fetchone()
    return bool(row and row["found"])


def insert_caller(
    connection: Connection,
    *,
    organization_id: UUID,
    name: str,
    key: HashedKey,
    roles: Sequence[str],
    expires_at: datetime | None = None,
) -> dict[str, Any]:
    """Insert a caller and its first key, and return the caller's row with `key_id`."""
    row = connection.execute(
        _SQL["insert_caller"],
        {
            "organization_id": organization_id,
            "name": name,
            "key_sha256": key.sha256,
            "prefix": key.prefix,
            "roles": list(roles),
            "expires_at": expires_at,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    return row


def get_caller(connection: Connection, organization_id: UUID, caller_id: UUID) -> dict[str, Any] | None:
    """Return one caller of the organization, with its state and limits."""
    parameters = {"organization_id": organization_id, "caller_id": caller_id}
    return connection.execute(_SQL["get_caller"], parameters).fetchone()


def list_callers(
    connection: Connection,
    organization_id: UUID,
    *,
    everything: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return callers of the organization, oldest first. `everything`: include expired and revoked ones."""
    return connection.execute(
        _SQL["list_callers"],
        {
            "organization_id": organization_id,
            "all": everything,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
    ).fetchall()


def change(
    connection: Connection, caller_id: UUID, *, name: str, roles: Sequence[str], expires_at: datetime | None
) -> None:
    """Change name, roles and expiry of a caller."""
    parameters = {"caller_id": caller_id, "name": name, "roles": list(roles), "expires_at": expires_at}
    connection.execute(_SQL["change"], parameters)


def revoke(connection: Connection, caller_id: UUID) -> None:
    """Revoke a caller and its keys."""
    connection.execute(_SQL["revoke"], {"caller_id": caller_id})


def revoke_all(connection: Connection, organization_id: UUID) -> int:
    """Revoke the organization's callers and their keys. Return how many callers."""
    row = connection.execute(_SQL["revoke_all"], {"organization_id": organization_id}).fetchone()
    return int(row["callers"]) if row else 0


def is_administered(connection: Connection, organization_id: UUID, *, but: UUID | None = None) -> bool:
    """Whether an administrator remains who does not expire and has a key other than `but`."""
    parameters = {"organization_id": organization_id, "but": but}
    row = connection.execute(_SQL["administered"], parameters).fetchone()
    return bool(row and row["found"])


def has_admin(connection: Connection, organization_id: UUID) -> bool:
    """Whether the organization has an administrator now."""
    row = connection.execute(_SQL["has_admin"], {"organization_id": organization_id}).fetchone()
    return bool(row and row["found"])


def caller_of_row(row: dict[str, Any]) -> Caller:
    """Build a caller from a row."""
    return Caller(row["caller_id"], row["organization_id"], row["name"], frozenset(row["roles"]))


def insert_keyless(connection: Connection, organization_id: UUID) -> UUID:
    """Insert a caller without a key, for registering the organization's intake cases."""
    row = connection.execute(_SQL["caller"], {"organization_id": organization_id}).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    caller_id: UUID = row["caller_id"]
    return caller_id
