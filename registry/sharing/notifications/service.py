"""List a person's notifications and mark them as read."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.core.tally import Tally
from registry.identity.accounts.model import Signed
from registry.identity.accounts.service.sessions import idle
from registry.sharing.notifications import store
from registry.sharing.notifications.model import Notifications, Position


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


def _number(after: str) -> int:
    (word,) = cursor.decode(after, words=1)
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        raise cursor.refused()
    return int(word)
