"""Arithmetic of rate limits and quotas: what was used, and how many tokens a process may lease. Pure.

API processes do not ask the database for each lookup. A process leases some tokens in advance and returns
those it does not need. Leased tokens count as used at once, so all processes together never exceed the limit.
One token is a hash, a digest, or 16 KiB of a document.

A rate is stored as a clock that runs ahead of real time (GCRA, ITU-T I.371). Each lookup advances it by 1 /
rate seconds. While it is `BURST` seconds ahead, no tokens are leased.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from registry.identity.quotas.model.limits import MOST, Limits

BURST: Final = 5.0
"""Seconds of a rate that can be saved up and used at once."""
HELD_SECONDS: Final = 0.5
"""Seconds of a rate that one process may hold beyond its current demand ..."""
SHARE: Final = 10
"""... and at most this fraction (one tenth) of what is left of a quota, so that near its end no process holds
tokens that others need."""
DEBT: Final = 60.0
"""Most seconds, beyond the burst, that one long request may cost."""

Refusal = Literal["rate_limited", "quota_exhausted"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage of one caller or organization. `ahead`: seconds by which its rate clock is ahead of real time, at
    least 0."""

    limits: Limits
    ahead: float
    day: date
    day_used: int
    month: date
    month_used: int

    def at(self, now: datetime) -> Usage:
        """Return the usage as of `now`: a new day or month starts at 0. If the system clock jumped back, no
        new day begins, and the wait is limited to the debt of one request."""
        today, first = days(now)
        usage = replace(self, ahead=self._bounded(self.ahead))
        if today > self.day:
            usage = replace(usage, day=today, day_used=0)
        if first > self.month:
            usage = replace(usage, month=first, month_used=0)
        return usage

    def _bounded(self, ahead: float) -> float:
        rate = self.limits.rate
        return min(max(ahead, 0.0), BURST + max(DEBT, 1 / rate)) if rate else 0.0

    def available(self) -> int:
        """Return how many tokens can be leased now; at least one while the rate is not used up."""
        return min(self._available_by_rate(), self.left())

    def left(self) -> int:
        """Return what is left of the quotas."""
        daily = MOST if self.limits.daily is None else self.limits.daily - self.day_used
        monthly = MOST if self.limits.monthly is None else self.limits.monthly - self.month_used
        return max(0, min(daily, monthly))

    def _available_by_rate(self) -> int:
        if self.limits.rate is None:
            return MOST
        saved = BURST - self.ahead
        return max(1, int(saved * self.limits.rate)) if saved > 0 else 0

    def held(self) -> int:
        """Return how many tokens a process may hold beyond its current demand."""
        share = MOST if self.limits.rate is None else math.ceil(self.limits.rate * HELD_SECONDS)
        bounded = self.limits.daily is not None or self.limits.monthly is not None
        return min(share, self.left() // SHARE) if bounded else share

    def moved(self, lookups: int, leased_on: date) -> Usage:
        """Return the usage after leasing tokens, or returning them (negative). `leased_on` is the day of the
        lease: tokens leased yesterday do not reduce today's usage."""
        rate = self.limits.rate
        day = max(0, self.day_used + lookups) if lookups > 0 or leased_on == self.day else self.day_used
        same_month = lookups > 0 or leased_on.replace(day=1) == self.month
        month = max(0, self.month_used + lookups) if same_month else self.month_used
        ahead = self._bounded(self.ahead + lookups / rate) if rate else 0.0
        return replace(self, ahead=ahead, day_used=day, month_used=month)

    def wait(self, least: int, now: datetime) -> tuple[Refusal, float]:
        """Return why `least` tokens cannot be leased, and the seconds until that may change."""
        today, first = days(now)
        if self.limits.monthly is not None and self.limits.monthly - self.month_used < least:
            return "quota_exhausted", _until((first + timedelta(days=32)).replace(day=1), now)
        if self.limits.daily is not None and self.limits.daily - self.day_used < least:
            return "quota_exhausted", _until(today + timedelta(days=1), now)
        return "rate_limited", max(self.ahead - BURST, 0.0) + 1e-3


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """A process's demand for a caller. `least`: tokens of the longest waiting request; `wanted`: of all
    requests; `more`: tokens to hold. `back`: tokens returned from a lease of the day `leased_on`. `charge`:
    tokens used while the database could not be reached."""

    caller_id: UUID
    least: int = 0
    wanted: int = 0
    more: int = 0
    back: int = 0
    leased_on: date | None = None
    charge: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease granted. `limited` false: there is no limit. `refusal`: why fewer than `least` were granted,
    with `retry_after` in seconds. `rate`: the lowest applicable rate."""

    limited: bool
    granted: int = 0
    leased_on: date | None = None
    rate: float | None = None
    refusal: Refusal | None = None
    retry_after: float = 0.0


UNLIMITED: Final = Lease(False)


def lease(usages: Sequence[Usage], request: LeaseRequest, now: datetime) -> tuple[list[Usage], Lease]:
    """Return the new usage of a caller and its organization, and the lease. A lease never exceeds what each
    of them has left. Exception: a request larger than the saved-up rate is admitted at once and paid for
    afterwards."""
    if not any(usage.limits.bind for usage in usages):
        return list(usages), UNLIMITED
    today, _ = days(now)
    current = [
        usage.at(now).moved(request.charge - request.back, request.leased_on or today) for usage in usages
    ]
    rate = min((usage.limits.rate for usage in current if usage.limits.rate), default=None)
    room = min(usage.available() for usage in current)
    if room > 0 and min(usage.left() for usage in current) >= request.least:
        more = min(request.more, *(usage.held() for usage in current))
        granted = max(request.least, min(room, request.wanted + more))
        return [usage.moved(granted, today) for usage in current], Lease(True, granted, today, rate)
    if not request.least:
        return current, Lease(True, 0, today, rate)
    waits = [
        usage.wait(request.least, now)
        for usage in current
        if usage.available() == 0 or usage.left() < request.least
    ]
    refusal, seconds = max(waits, key=lambda wait: (wait[0] == "quota_exhausted", wait[1]))
    return current, Lease(True, 0, today, rate, refusal, seconds)


def days(now: datetime) -> tuple[date, date]:
    """Return today and the first of the month, in UTC."""
    today = now.astimezone(UTC).date()
    return today, today.replace(day=1)


def _until(day: date, now: datetime) -> float:
    return max(1.0, (datetime(day.year, day.month, day.day, tzinfo=UTC) - now).total_seconds())
