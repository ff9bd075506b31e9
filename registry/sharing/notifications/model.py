"""Events that people are notified of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

KINDS: Final = frozenset(
    {
        *("notice.replied", "notice.undelivered", "notice.reminded", "notice.breached", "notice.overdue"),
        *("notice.found_again", "notice.contested"),
        *("dispute.opened", "dispute.answered", "dispute.decided"),
        *("entry.failed", "entry.reviewed", "entry.suspended", "entry.restored", "entry.withdrawn"),
        "watch.matched",
        "reconstruction.suspected",
    }
)
"""Kinds of events that are stored as notifications. A person sees those that their roles permit."""
KEPT_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification. `subject`: ids by name. `title`: of its entry, if the organization may see it."""

    notification_no: int
    kind: str
    at: datetime
    entry_id: UUID | None
    subject: Mapping[str, Any]
    title: str | None
    is_read: bool


@dataclass(frozen=True, slots=True)
class Notifications:
    """A page of notifications, the newest first. `next` continues after it."""

    notifications: list[Notification]
    next: str | None


@dataclass(frozen=True, slots=True)
class Position:
    """How far an organization's notifications go, and how far an account has read them."""

    newest: int
    read: int

    @property
    def id(self) -> str:
        """Return its text. It differs whenever the number of unread notifications may differ."""
        return f"{self.newest}-{self.read}"
