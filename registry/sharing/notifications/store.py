"""Stored notifications, and how far each account has read them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.tally import MOST, Tally
from registry.identity.accounts.model import Signed
from registry.identity.callers.model import Caller
from registry.sharing.notifications.model import KEPT_DAYS, Digest, DueDigest, Notification, Position

_SQL = sql.load(__name__)


def save(connection: Connection, event_ids: Collection[int]) -> None:
    """Store events as notifications."""
    if event_ids:
        connection.execute(_SQL["save"], {"event_ids": list(event_ids)})


def page(
    connection: Connection, signed: Signed, kinds: Collection[str], *, before: int | None, limit: int
) -> list[Notification]:
    """Return notifications of these kinds for a person, the newest first."""
    parameters = _reader(signed.account_id, signed.caller, kinds) | {"before": before, "limit": limit}
    return [Notification(**row) for row in connection.execute(_SQL["page"], parameters)]


def count_unread(connection: Connection, signed: Signed, kinds: Collection[str]) -> Tally:
    """Count the notifications of these kinds that the person has not read."""
    row = connection.execute(
        _SQL["unread"], _reader(signed.account_id, signed.caller, kinds) | {"limit": MOST}
    ).fetchone()
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


def digest(connection: Connection, account_id: UUID) -> Digest | None:
    """Return an account's choice of mails; None: no mail."""
    row = connection.execute(_SQL["digest"], {"account_id": account_id}).fetchone()
    return Digest(**row) if row else None


def choose_digest(connection: Connection, signed: Signed, chosen: Digest, due_at: datetime) -> None:
    """Mail an account from now on."""
    parameters = asdict(chosen) | {"account_id": signed.account_id, "due_at": due_at}
    parameters["organization_id"] = signed.caller.organization_id
    connection.execute(_SQL["choose_digest"], parameters)


def stop_digest(connection: Connection, account_id: UUID) -> None:
    """Mail an account no longer."""
    connection.execute(_SQL["stop_digest"], {"account_id": account_id})


def claim_digest(connection: Connection, now: datetime) -> DueDigest | None:
    """Claim the mail that has been due for longest, for an hour."""
    row = connection.execute(_SQL["claim_digest"], {"now": now}).fetchone()
    if row is None:
        return None
    caller = Caller(row["caller_id"], row["organization_id"], row["name"], frozenset(row["roles"]))
    chosen = Digest(row["every"], row["language"], row["zone"])
    return DueDigest(
        row["account_id"],
        chosen,
        row["address"],
        row["organization"],
        caller,
        row["active"],
        row["sent_up_to"],
    )


def unread_by_kind(
    connection: Connection, due: DueDigest, kinds: Collection[str]
) -> tuple[dict[str, int], int]:
    """Return how many notifications of each kind are unread and were not mailed, and the newest of them."""
    parameters = _reader(due.account_id, due.caller, kinds) | {"sent_up_to": due.sent_up_to}
    rows = connection.execute(_SQL["unread_by_kind"], parameters).fetchall()
    newest = max((row["newest"] for row in rows), default=due.sent_up_to)
    return {row["kind"]: row["count"] for row in rows}, newest


def finish_digest(connection: Connection, account_id: UUID, sent_up_to: int, due_at: datetime) -> None:
    """Record that a mail is done, and when the next one is due."""
    parameters = {"account_id": account_id, "sent_up_to": sent_up_to, "due_at": due_at}
    connection.execute(_SQL["finish_digest"], parameters)


def _reader(account_id: UUID, caller: Caller, kinds: Collection[str]) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "organization_id": caller.organization_id,
        "caller_id": caller.caller_id,
        "cases": caller.sees_cases,
        "kinds": list(kinds),
    }
