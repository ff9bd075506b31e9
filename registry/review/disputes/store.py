"""Disputes: their parties, texts and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.review.disputes.model import (
    AGAIN_DAYS,
    ANSWER_DAYS,
    LOST_DAYS,
    Closing,
    OpenedDispute,
    Past,
    StoredDispute,
)

_SQL = sql.load(__name__)


def count_past(connection: Connection, *, entry_id: UUID, organization_id: UUID, owner_id: UUID) -> Past:
    """Return the counts of earlier disputes. Locks both parties' disputes until the transaction ends."""
    parameters = {"entry_id": entry_id, "organization_id": organization_id, "owner_id": owner_id}
    connection.execute(_SQL["lock_party"], parameters)
    days = {"again_days": AGAIN_DAYS, "lost_days": LOST_DAYS}
    row = connection.execute(_SQL["count_past"], parameters | days).fetchone()
    return Past(**row) if row else Past()


def insert(connection: Connection, new: OpenedDispute) -> None:
    """Insert a dispute."""
    connection.execute(_SQL["open"], asdict(new) | {"answer_days": ANSWER_DAYS})


def entry_of(connection: Connection, dispute_id: UUID) -> UUID | None:
    """Return the entry of a dispute. Lock the entry before the dispute."""
    row = connection.execute(_SQL["entry_of"], {"dispute_id": dispute_id}).fetchone()
    return row["entry_id"] if row else None


def get_dispute(connection: Connection, organization_id: UUID, dispute_id: UUID) -> StoredDispute | None:
    """Return a dispute. Its texts are encrypted."""
    parameters = {"organization_id": organization_id, "dispute_id": dispute_id}
    row = connection.execute(_SQL["get"], parameters).fetchone()
    return StoredDispute(**{field.name: row[field.name] for field in fields(StoredDispute)}) if row else None


@dataclass(frozen=True, slots=True)
class DisputeQuery:
    """Disputes to list. `reviews`: include those of every bank that the organization sees. `side`: opener or
    owner. `task`: what the caller can do about them now: answer or decide."""

    reviews: bool
    side: str | None = None
    open: bool | None = None
    entry_id: UUID | None = None
    task: str | None = None
    caller_id: UUID | None = None


def page(
    connection: Connection,
    organization_id: UUID,
    query: DisputeQuery,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return disputes, oldest first."""
    opened_at, after_id = after or (None, None)
    position = {"opened_at": opened_at, "after_id": after_id, "limit": limit}
    parameters = asdict(query) | position | {"organization_id": organization_id}
    return connection.execute(_SQL["page"], parameters).fetchall()


def answer(connection: Connection, dispute_id: UUID, caller_id: UUID, sealed: bytes) -> None:
    """Record the owner's answer."""
    parameters = {"dispute_id": dispute_id, "caller_id": caller_id, "sealed": sealed}
    connection.execute(_SQL["answer"], parameters)


def accept(connection: Connection, dispute_id: UUID, caller_id: UUID, order_sha256: str | None) -> None:
    """Record that a reviewer accepted the dispute."""
    digest = bytes.fromhex(order_sha256) if order_sha256 else None
    parameters = {"dispute_id": dispute_id, "caller_id": caller_id, "order_sha256": digest}
    connection.execute(_SQL["accept"], parameters)


def close(connection: Connection, dispute_id: UUID, caller: Caller, closing: Closing) -> None:
    """Close the dispute as decided or withdrawn."""
    connection.execute(
        _SQL["close"],
        {
            **asdict(closing),
            "dispute_id": dispute_id,
            "caller_id": caller.caller_id,
            "organization_id": caller.organization_id,
            "order_sha256": bytes.fromhex(closing.order_sha256) if closing.order_sha256 else None,
        },
    )


def of_entry(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """Return the open disputes of an entry."""
    return connection.execute(_SQL["of_entry"], {"entry_id": entry_id}).fetchall()


def standing(connection: Connection, entry_id: UUID) -> tuple[bool, bool]:
    """Return whether an open dispute suspends the entry, and whether any dispute is open."""
    row = connection.execute(_SQL["standing"], {"entry_id": entry_id}).fetchone()
    return (bool(row["suspends"]), bool(row["open"])) if row else (False, False)


def erase(connection: Connection, dispute_id: UUID) -> None:
    """Erase the texts of a dispute."""
    connection.execute(_SQL["erase"], {"dispute_id": dispute_id})


def settle_disputes(
    connection: Connection, caller_id: UUID, entry_ids: Sequence[UUID]
) -> list[dict[str, Any]]:
    """Uphold the open disputes of withdrawn entries. Return `dispute_id`, `entry_id`."""
    parameters = {"entry_ids": list(entry_ids), "caller_id": caller_id}
    return connection.execute(_SQL["settle_disputes"], parameters).fetchall()


def opened_by(connection: Connection, organization_id: UUID) -> list[UUID]:
    """Return the open disputes that an organization opened."""
    rows = connection.execute(_SQL["opened_by"], {"organization_id": organization_id}).fetchall()
    return [row["dispute_id"] for row in rows]
