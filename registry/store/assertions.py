"""What is signed of an entry for others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("assertions")


def standing(connection: Connection, entry_id: UUID) -> dict[str, Any]:
    """Status, tier, owner, the bank's policy and how many people approve an entry that is there."""
    return connection.execute(_SQL["standing"], {"entry_id": entry_id}).fetchall()[0]


def media(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """Role and sha256 of its fakes that were reviewed with it."""
    return connection.execute(_SQL["media"], {"entry_id": entry_id}).fetchall()


def opening(connection: Connection, entry_id: UUID) -> dict[str, Any] | None:
    """The event by which it became matchable, with its place in the ledger; None while it has none."""
    return connection.execute(_SQL["opening"], {"entry_id": entry_id}).fetchone()
