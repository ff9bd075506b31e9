"""Banks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("banks")


@dataclass(frozen=True, slots=True)
class BankRef:
    """A bank as another row refers to it."""

    bank_id: UUID
    name: str
    own: bool


def insert(
    connection: Connection, *, organization_id: UUID, name: str, visibility: str, policy: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The new bank, or None where the owner has one of that name."""
    return connection.execute(
        _SQL["insert"],
        {
            "organization_id": organization_id,
            "name": name,
            "visibility": visibility,
            "policy": Jsonb(dict(policy)),
        },
    ).fetchone()


def visible(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """Every bank that answers this organization."""
    return connection.execute(_SQL["visible"], {"organization_id": organization_id}).fetchall()


def by_name(connection: Connection, organization_id: UUID, name: str) -> BankRef | None:
    """A visible bank by its name or id."""
    row = connection.execute(_SQL["by_name"], {"organization_id": organization_id, "name": name}).fetchone()
    return BankRef(row["bank_id"], row["name"], row["own"]) if row else None
