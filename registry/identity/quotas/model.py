"""How much may be asked: rates and quotas of callers and organizations, and how they are lent out. Pure.

An API process does not ask the database for each lookup. It borrows some lookups at a time, ahead of their
being asked, and gives back what it does not need. What is borrowed counts as used at once, so that processes
never have more together than there is. One lookup is a hash, a digest, or 16 KiB of a document.

A rate is kept as a clock that runs ahead (GCRA, ITU-T I.371): each lookup moves it on by 1 / rate seconds,
and while it is `BURST` seconds ahead of the time nothing more is lent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from registry.core.errors import BadInput

BURST: Final = 5.0
"""Seconds of a rate that can be saved up and asked at once."""
HELD: Final = 0.5
"""Seconds of a rate that one process may hold beyond what is being asked of it ..."""
SHARE: Final = 10
"""... and one in so many of what is left of a quota: near its end no process holds back what others need."""
DEBT: Final = 60.0
"""Seconds beyond the burst that one question may cost at most, however long it is."""
FASTEST: Final = 1_000_000.0
MOST: Final = 10**12

Refusal = Literal["rate_limited", "quota_exhausted"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Lookups a second, a day and a calendar month, both of UTC; None: no bound."""

    rate: float | None = None
    daily: int | None = None
    monthly: int | None = None

    @property
    def bind(self) -> bool:
        return self != NO_LIMITS

    def shown(self) -> dict[str, float | int | None]:
        """As answered."""
        return {"rate": self.rate, "daily": self.daily, "monthly": self.monthly}


NO_LIMITS: Final = Limits()


def checked(limits: Limits) -> Limits:
    """The limits. Raises `BadInput` (`bad_limits`)."""
    rate, counts = limits.rate, (limits.daily, limits.monthly)
    if rate is not None and not (math.isfinite(rate) and 0.001 <= rate <= FASTEST):
        raise BadInput(f"`rate` lies between 0.001 and {FASTEST:g} lookups a second.", code="bad_limits")
    if any(count is not None and not 0 <= count <= MOST for count in counts):
        raise BadInput("`daily` and `monthly` are counts of lookups from 0 on.", code="bad_limits")
    return limits


@dataclass(frozen=True, slots=True)
class Book:
    """What is used of the limits of one caller or organization. `ahead`: seconds by which the clock of its
    rate is ahead of the time, from 0 on."""

    limits: Limits
    ahead: float
    day: date
    day_used: int
    month: date
    month_used: int

    def at(self, now: datetime) -> Book:
        """As it is today. A clock that jumped back begins no day anew, and keeps nobody waiting longer than
        the debt of one question."""
        today, first = days(now)
        book = replace(self, ahead=self._bounded(self.ahead))
        if today > self.day:
            book = replace(book, day=today, day_used=0)
        if first > self.month:
            book = replace(book, month=first, month_used=0)
        return book

    def _bounded(self, ahead: float) -> float:
        rate = self.limits.rate
        return min(max(ahead, 0.0), BURST + max(DEBT, 1 / rate)) if rate else 0.0

    def room(self) -> int:
        """Lookups that may be borrowed now; with a rate that is not used up, one at least."""
        return min(self._room_of_rate(), self.left())

    def left(self) -> int:
        """What is left of the quotas."""
        daily = MOST if self.limits.daily is None else self.limits.daily - self.day_used
        monthly = MOST if self.limits.monthly is None else self.limits.monthly - self.month_used
        return max(0, min(daily, monthly))

    def _room_of_rate(self) -> int:
        if self.limits.rate is None:
            return MOST
        saved = BURST - self.ahead
        return max(1, int(saved * self.limits.rate)) if saved > 0 else 0

    def held(self) -> int:
        """What a process may hold beyond what is being asked of it."""
        share = MOST if self.limits.rate is None else math.ceil(self.limits.rate * HELD)
        bounded = self.limits.daily is not None or self.limits.monthly is not None
        return min(share, self.left() // SHARE) if bounded else share

    def moved(self, lookups: int, lent_on: date) -> Book:
        """After so many were borrowed, or given back where it is negative: `lent_on` is the day of their
        loan, since what was lent yesterday is nothing of today's."""
        rate = self.limits.rate
        day = max(0, self.day_used + lookups) if lookups > 0 or lent_on == self.day else self.day_used
        same_month = lookups > 0 or lent_on.replace(day=1) == self.month
        month = max(0, self.month_used + lookups) if same_month else self.month_used
        ahead = self._bounded(self.ahead + lookups / rate) if rate else 0.0
        return replace(self, ahead=ahead, day_used=day, month_used=month)

    def wait(self, least: int, now: datetime) -> tuple[Refusal, float]:
        """Why `least` cannot be borrowed, and the seconds until that may be otherwise."""
        today, first = days(now)
        if self.limits.monthly is not None and self.limits.monthly - self.month_used < least:
            return "quota_exhausted", _until((first + timedelta(days=32)).replace(day=1), now)
        if self.limits.daily is not None and self.limits.daily - self.day_used < least:
            return "quota_exhausted", _until(today + timedelta(days=1), now)
        return "rate_limited", max(self.ahead - BURST, 0.0) + 1e-3


@dataclass(frozen=True, slots=True)
class Ask:
    """What a process wants for a caller: `least`, the longest of the questions that wait, `wanted`, all of
    them, and `more` to hold. It gives `back` what was lent on the day `lent_on`, and is charged (`charge`)
    what was asked while nobody could be asked for a loan."""

    caller_id: UUID
    least: int = 0
    wanted: int = 0
    more: int = 0
    back: int = 0
    lent_on: date | None = None
    charge: int = 0


@dataclass(frozen=True, slots=True)
class Loan:
    """What was lent. `limited` false: there is nothing to count. `refusal`: why less than `least`, with
    `retry_after` seconds. `rate`: the lowest that binds."""

    limited: bool
    lent: int = 0
    lent_on: date | None = None
    rate: float | None = None
    refusal: Refusal | None = None
    retry_after: float = 0.0


UNLIMITED: Final = Loan(False)


def lend(books: Sequence[Book], ask: Ask, now: datetime) -> tuple[list[Book], Loan]:
    """The books of a caller and its organization after an ask, and what it is lent: never more than each of
    them has, but that a question longer than what is saved up is asked at once and paid for afterwards."""
    if not any(book.limits.bind for book in books):
        return list(books), UNLIMITED
    today, _ = days(now)
    current = [book.at(now).moved(ask.charge - ask.back, ask.lent_on or today) for book in books]
    rate = min((book.limits.rate for book in current if book.limits.rate), default=None)
    room = min(book.room() for book in current)
    if room > 0 and min(book.left() for book in current) >= ask.least:
        more = min(ask.more, *(book.held() for book in current))
        lent = max(ask.least, min(room, ask.wanted + more))
        return [book.moved(lent, today) for book in current], Loan(True, lent, today, rate)
    if not ask.least:
        return current, Loan(True, 0, today, rate)
    waits = [book.wait(ask.least, now) for book in current if book.room() == 0 or book.left() < ask.least]
    refusal, seconds = max(waits, key=lambda wait: (wait[0] == "quota_exhausted", wait[1]))
    return current, Loan(True, 0, today, rate, refusal, seconds)


def days(now: datetime) -> tuple[date, date]:
    """Today and the first of the month, of UTC."""
    today = now.astimezone(UTC).date()
    return today, today.replace(day=1)


def _until(day: date, now: datetime) -> float:
    return max(1.0, (datetime(day.year, day.month, day.day, tzinfo=UTC) - now).total_seconds())
