"""Disputes: their parties, texts and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.review.disputes.model import AGAIN_DAYS, ANSWER_DAYS, LOST_DAYS, Past

_SQL = sql.load(__name__)


def past(connection: Connection, *, entry_id: UUID, organization_id: UUID, owner_id: UUID) -> Past:
    """Return the counts of earlier disputes. Locks both parties' disputes until the transaction ends."""
    parameters = {"entry_id": entry_id, "organization_id": organization_id, "owner_id": owner_id}
    connection.execute(_SQL["lock_party"], parameters)
    days = {"again_days": AGAIN_DAYS, "lost_days": LOST_DAYS}
    row = connection.execute(_SQL["past"], parameters | days).fetchone()
    return Past(**row) if row else Past()


def open_one(
    connection: Connection,
    *,
    dispute_id: UUID,
    entry_id: UUID,
    kind: str,
    standing: str,
    opened_by: UUID,
    organization_id: UUID,
    owner_id: UUID,
    sealed: bytes,
    at_once: bool,
) -> None:
    """Insert a dispute. `at_once`: it suspends the entry before a reviewer has looked."""
    connection.execute(
        _SQL["open"],
        {
            "dispute_id": dispute_id,
            "entry_id": entry_id,
            "kind": kind,
            "standing": standing,
            "opened_by": opened_by,
            "organization_id": organization_id,
            "owner_id": owner_id,
            "sealed": sealed,
            "at_once": at_once,
            "answer_days": ANSWER_DAYS,
        },
    )


def entry_of(connection: Connection, dispute_id: UUID) -> UUID | None:
    """Return the entry of a dispute. Lock the entry before the dispute."""
    row = connection.execute(_SQL["entry_of"], {"dispute_id": dispute_id}).fetchone()
    return row["entry_id"] if row else None


def get_dispute(connection: Connection, organization_id: UUID, dispute_id: UUID) -> dict[str, Any] | None:
    """Return a dispute. `sees`: its bank answers the organization. `now`: the database's clock."""
    parameters = {"organization_id": organization_id, "dispute_id": dispute_id}
    return connection.execute(_SQL["get"], parameters).fetchone()


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    reviews: bool,
    side: str | None,
    is_open: bool | None,
    entry_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return disputes, oldest first. `reviews`: include those of every bank that the organization sees."""
    opened_at, after_id = after or (None, None)
    return connection.execute(
        _SQL["page"],
        {
            "organization_id": organization_id,
            "reviews": reviews,
            "side": side,
            "open": is_open,
            "entry_id": entry_id,
            "opened_at": opened_at,
            "after_id": after_id,
            "limit": limit,
        },
    ).fetchall()


def answer(connection: Connection, dispute_id: UUID, caller_id: UUID, sealed: bytes) -> None:
    """Record the owner's answer."""
    parameters = {"dispute_id": dispute_id, "caller_id": caller_id, "sealed": sealed}
    connection.execute(_SQL["answer"], parameters)


def accept(connection: Connection, dispute_id: UUID, caller_id: UUID, order_sha256: str | None) -> None:
    """Record that a reviewer accepted the dispute."""
    digest = bytes.fromhex(order_sha256) if order_sha256 else None
    parameters = {"dispute_id": dispute_id, "caller_id": caller_id, "order_sha256": digest}
    connection.execute(_SQL["accept"], parameters)


def close(
    connection: Connection,
    dispute_id: UUID,
    *,
    caller_id: UUID,
    organization_id: UUID,
    outcome: str,
    remedy: str | None,
    reason_code: str,
    order_sha256: str | None = None,
    sealed: bytes | None = None,
) -> None:
    """Close the dispute as decided or withdrawn."""
    connection.execute(
        _SQL["close"],
        {
            "dispute_id": dispute_id,
            "caller_id": caller_id,
            "organization_id": organization_id,
            "outcome": outcome,
            "remedy": remedy,
            "reason_code": reason_code,
            "order_sha256": bytes.fromhex(order_sha256) if order_sha256 else None,
            "sealed": sealed,
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
    given = {"entry_ids": list(entry_ids), "caller_id": caller_id}
    return connection.execute(_SQL["settle_disputes"], given).fetchall()


def opened_by(connection: Connection, organization_id: UUID) -> list[UUID]:
    """Return the open disputes that an organization opened."""
    rows = connection.execute(_SQL["opened_by"], {"organization_id": organization_id}).fetchall()
    return [row["dispute_id"] for row in rows]
