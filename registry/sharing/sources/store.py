"""Hash exchanges that are read, and how far each has been."""

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
    """Keep a new exchange; False where its name or its bank is taken. `credentials`: sealed."""
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
    """The organization's exchanges that are read."""
    return connection.execute(_SQL["list"], {"organization_id": organization_id}).fetchall()


def lock(connection: Connection, exchange_id: UUID) -> dict[str, Any] | None:
    """One, whoever's, locked until the transaction ends."""
    return connection.execute(_SQL["by_id"], {"exchange_id": exchange_id}).fetchone()


def bank(connection: Connection, bank_id: UUID) -> dict[str, Any]:
    """`visibility` of a bank, and whether it is `published`."""
    row = connection.execute(_SQL["bank"], {"bank_id": bank_id}).fetchone()
    assert row is not None  # noqa: S101 - banks are never deleted
    return row


def fills(connection: Connection, bank_id: UUID) -> bool:
    """Whether an exchange or a peer fills a bank."""
    row = connection.execute(_SQL["fills"], {"bank_id": bank_id}).fetchone()
    return row is not None


def due(connection: Connection) -> list[UUID]:
    """Those whose time has come; their next time is set."""
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
    """How far it was read. `checkpoint` empty: it stays where it was."""
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
    """It was read to its end, or could not be, with the reason."""
    connection.execute(_SQL["ended"], {"exchange_id": exchange_id, "code": code, "message": message})


def remove(connection: Connection, exchange_id: UUID) -> None:
    """It is read no longer; its credentials go."""
    connection.execute(_SQL["remove"], {"exchange_id": exchange_id})


def overdue(connection: Connection) -> dict[str, float]:
    """By kind, for those that are read: for how many seconds the one that has waited longest should have been
    read to its end by now."""
    return {row["kind"]: row["seconds"] for row in connection.execute(_SQL["overdue"]).fetchall()}


def stop_all(connection: Connection, organization_id: UUID) -> None:
    """Nothing more is read for an organization, and its credentials are forgotten."""
    connection.execute(_SQL["stop_all"], {"organization_id": organization_id})
