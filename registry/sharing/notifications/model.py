"""Events that people are notified of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from registry.console.languages import N_
from registry.identity.callers.model import Caller

SENTENCES: Final[Mapping[str, str]] = {
    "notice.replied": N_("A platform has answered."),
    "notice.undelivered": N_("A letter could not be delivered."),
    "notice.reminded": N_("A deadline ends soon."),
    "notice.breached": N_("A platform missed a legal deadline."),
    "notice.overdue": N_("A platform missed a deadline."),
    "notice.found_again": N_("A removed fake was found again."),
    "notice.contested": N_("Somebody objects to a notice."),
    "dispute.opened": N_("Somebody disputes an entry."),
    "dispute.answered": N_("The owner has answered a dispute."),
    "dispute.decided": N_("A dispute was decided."),
    "entry.failed": N_("Files of an entry could not be read."),
    "entry.reviewed": N_("An entry was reviewed."),
    "entry.suspended": N_("An entry was suspended. Lookups no longer find it."),
    "entry.restored": N_("An entry was restored. Lookups find it again."),
    "entry.withdrawn": N_("An entry was withdrawn."),
    "watch.matched": N_("A watched lookup matches an entry."),
    "reconstruction.suspected": N_("A caller may be probing for stored hashes."),
}
"""What a person reads about each kind of event."""
KINDS: Final = frozenset(SENTENCES)
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
