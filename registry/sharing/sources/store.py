"""Hash exchanges that are read into banks, with their checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def insert(
    connection: Connection,
    exchange_id: UUID,
    *,
    organization_id: UUID,
    bank_id: UUID,
    name: str,
    kind: str,
    address: str,
    options: Mapping[str, Any],
    credentials: bytes | None,
    every: int,
    created_by: UUID,
) -> bool:
    """Insert an exchange. False: its name or its bank is already in use. `credentials`: encrypted."""
    row = connection.execute(
        _SQL["insert"],
        {
            "exchange_id": exchange_id,
            "organization_id": organization_id,
            "bank_id": bank_id,
            "name": name,
            "kind": kind,
            "address": address,
            "options": Jsonb(dict(options)),
            "credentials": credentials,
            "every": every,
            "created_by": created_by,
        },
    ).fetchone()
    return row is not None


def list_of(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """Return the organization's active exchanges, by name."""
    return connection.execute(_SQL["list"], {"organization_id": organization_id}).fetchall()


def lock(connection: Connection, exchange_id: UUID) -> dict[str, Any] | None:
    """Return an exchange of any organization, locked until the transaction ends."""
    return connection.execute(_SQL["by_id"], {"exchange_id": exchange_id}).fetchone()


def bank(connection: Connection, bank_id: UUID) -> dict[str, Any]:
    """Return the `visibility` of a bank, and whether it is `published`."""
    row = connection.execute(_SQL["bank"], {"bank_id": bank_id}).fetchone()
    assert row is not None  # noqa: S101 - banks are never deleted
    return row


def fills(connection: Connection, bank_id: UUID) -> bool:
    """Return whether an exchange or a peer registry fills a bank."""
    row = connection.execute(_SQL["fills"], {"bank_id": bank_id}).fetchone()
    return row is not None


def due(connection: Connection) -> list[UUID]:
    """Return the exchanges that are due, and schedule their next reading."""
    return [row["exchange_id"] for row in connection.execute(_SQL["due"]).fetchall()]


def advance(
    connection: Connection,
    exchange_id: UUID,
    checkpoint: Mapping[str, Any],
    *,
    added: int,
    withdrawn: int,
    rejected: int,
) -> None:
    """Store the checkpoint and add to the counts. An empty `checkpoint` leaves the stored one unchanged."""
    connection.execute(
        _SQL["advance"],
        {
            "exchange_id": exchange_id,
            "checkpoint": Jsonb(dict(checkpoint)) if checkpoint else None,
            "added": added,
            "withdrawn": withdrawn,
            "rejected": rejected,
        },
    )


def ended(
    connection: Connection, exchange_id: UUID, *, code: str | None = None, message: str | None = None
) -> None:
    """Record that reading reached the end, or failed with `code` and `message`."""
    connection.execute(_SQL["ended"], {"exchange_id": exchange_id, "code": code, "message": message})


def remove(connection: Connection, exchange_id: UUID) -> None:
    """Mark an exchange as removed and delete its credentials."""
    connection.execute(_SQL["remove"], {"exchange_id": exchange_id})


def overdue(connection: Connection) -> dict[str, float]:
    """Return for each kind by how many seconds the most delayed active exchange is overdue."""
    return {row["kind"]: row["seconds"] for row in connection.execute(_SQL["overdue"]).fetchall()}


def stop_all(connection: Connection, organization_id: UUID) -> None:
    """Remove all exchanges of an organization and delete their credentials."""
    connection.execute(_SQL["stop_all"], {"organization_id": organization_id})
