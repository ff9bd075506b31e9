"""Stored notifications, and how far each account has read them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.tally import MOST, Tally
from registry.identity.accounts.model import Signed
from registry.sharing.notifications.model import KEPT_DAYS, Notification, Position

_SQL = sql.load(__name__)


def save(connection: Connection, event_ids: Collection[int]) -> None:
    """Store events as notifications."""
    if event_ids:
        connection.execute(_SQL["save"], {"event_ids": list(event_ids)})


def page(
    connection: Connection, signed: Signed, kinds: Collection[str], *, before: int | None, limit: int
) -> list[Notification]:
    """Return notifications of these kinds for a person, the newest first."""
    parameters = _reader(signed, kinds) | {"before": before, "limit": limit}
    return [Notification(**row) for row in connection.execute(_SQL["page"], parameters)]


def count_unread(connection: Connection, signed: Signed, kinds: Collection[str]) -> Tally:
    """Count the notifications of these kinds that the person has not read."""
    row = connection.execute(_SQL["unread"], _reader(signed, kinds) | {"limit": MOST}).fetchone()
    return Tally(**row) if row else Tally()


def positions(connection: Connection, sessions: Collection[UUID], idle: timedelta) -> dict[UUID, Position]:
    """Return the position of each session that is still open."""
    rows = connection.execute(_SQL["positions"], {"sessions": list(sessions), "idle": idle})
    return {row["session_id"]: Position(row["newest"], row["read"]) for row in rows}


def mark_read(connection: Connection, account_id: UUID, up_to: int) -> None:
    """Mark all notifications up to a number as read by an account."""
    connection.execute(_SQL["mark_read"], {"account_id": account_id, "up_to": up_to})


def delete_old(connection: Connection) -> None:
    """Delete old notifications, some thousands."""
    connection.execute(_SQL["delete_old"], {"days": KEPT_DAYS})


def _reader(signed: Signed, kinds: Collection[str]) -> dict[str, Any]:
    return {
        "account_id": signed.account_id,
        "organization_id": signed.caller.organization_id,
        "caller_id": signed.caller.caller_id,
        "cases": signed.caller.sees_cases,
        "kinds": list(kinds),
    }
