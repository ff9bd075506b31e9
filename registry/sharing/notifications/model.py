"""Events that people are notified of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from registry.identity.callers.model import Caller

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


Every = Literal["daily", "weekly"]
EVERY: Final[tuple[Every, ...]] = get_args(Every)
MORNING: Final = time(8)
"""When mails are due, in the reader's zone. Weekly ones are due on Mondays."""


def next_due(every: Every, zone: str, now: datetime) -> datetime:
    """Return the first morning after `now` on which a mail is due."""
    local = ZoneInfo(zone)
    day = now.astimezone(local).date()
    while True:
        due = datetime.combine(day, MORNING, local).astimezone(UTC)
        if due > now and (every == "daily" or day.weekday() == 0):
            return due
        day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Digest:
    """An account's choice of mails."""

    every: Every
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class DueDigest:
    """A mail that is due. `address`: the sign-in name. `active`: whether the account may still sign in."""

    account_id: UUID
    digest: Digest
    address: str
    organization: str
    caller: Caller
    active: bool
    sent_up_to: int
