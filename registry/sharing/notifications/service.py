"""List a person's notifications, mark them as read, and keep whether they are mailed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.core.tally import Tally
from registry.identity.accounts.model import Signed
from registry.identity.accounts.service.sessions import idle
from registry.sharing.notifications import store
from registry.sharing.notifications.model import Digest, DueDigest, Notifications, Position, next_due


def list_notifications(
    service: Service, signed: Signed, kinds: Collection[str], *, limit: int = 50, after: str | None = None
) -> Notifications:
    """Return notifications of a person's organization, the newest first, without the person's own acts.

    `kinds`: those that the person's roles permit. Raises `BadInput` (`bad_cursor`).
    """
    before = _number(after) if after else None
    with service.pool.transaction() as connection:
        rows = store.page(connection, signed, kinds, before=before, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    return Notifications(rows, cursor.encode(rows[-1].notification_no) if more else None)


def count_unread(service: Service, signed: Signed, kinds: Collection[str]) -> Tally:
    """Count the notifications of `list_notifications` that the person has not read."""
    with service.pool.transaction() as connection:
        return store.count_unread(connection, signed, kinds)


def find_positions(service: Service, sessions: Collection[UUID]) -> dict[UUID, Position]:
    """Return the position of each of these sessions that is still open. One short query for all."""
    with service.pool.transaction() as connection:
        return store.positions(connection, sessions, idle(service))


def mark_read(service: Service, signed: Signed, up_to: int) -> None:
    """Mark the person's notifications up to a number as read. It is that of the newest one shown."""
    with service.pool.transaction() as connection:
        store.mark_read(connection, signed.account_id, up_to)


def get_digest(service: Service, signed: Signed) -> Digest | None:
    """Return the person's choice of mails; None: no mail."""
    with service.pool.transaction() as connection:
        return store.digest(connection, signed.account_id)


def choose_digest(service: Service, signed: Signed, chosen: Digest) -> None:
    """Mail the person unread notifications daily or weekly, from the next morning on. What is there already
    is not mailed."""
    due_at = next_due(chosen.every, chosen.zone, datetime.now(UTC))
    with service.pool.transaction() as connection:
        store.choose_digest(connection, signed, chosen, due_at)


def stop_digest(service: Service, account_id: UUID) -> None:
    """Mail the account no longer. Idempotent."""
    with service.pool.transaction() as connection:
        store.stop_digest(connection, account_id)


def claim_digest(service: Service, now: datetime) -> DueDigest | None:
    """Return a mail that is due, or None. For an hour no other process gets it."""
    with service.pool.transaction() as connection:
        return store.claim_digest(connection, now)


def count_for_digest(service: Service, due: DueDigest, kinds: Collection[str]) -> tuple[dict[str, int], int]:
    """Return how many notifications of each kind are unread and were not mailed, and the newest of them."""
    with service.pool.transaction() as connection:
        return store.unread_by_kind(connection, due, kinds)


def finish_digest(service: Service, due: DueDigest, sent_up_to: int, now: datetime) -> None:
    """Record that a mail is done. The next one is due in the morning of its day."""
    due_at = next_due(due.digest.every, due.digest.zone, now)
    with service.pool.transaction() as connection:
        store.finish_digest(connection, due.account_id, sent_up_to, due_at)


def _number(after: str) -> int:
    (word,) = cursor.decode(after, words=1)
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        raise cursor.refused()
    return int(word)
