"""Computes a recipient's term: hours, days, working days, months, or a term that an order states. Pure.

Days are counted by Regulation (EEC, Euratom) 1182/71, article 3, which the national laws used here follow in
substance. The day of the event does not count. A term ends with the last second of its last day. If a term
that is not in hours ends on a non-working day, it ends with the next working day. Hours are elapsed hours,
regardless of clock changes.
"""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

UNITS: Final = ("hours", "days", "working_days", "months", "stated")
STARTS: Final = ("sent", "received")
FINANCIAL: Final = frozenset({"ECB", "NYSE"})
"""Calendars of financial markets. `ECB` is that of TARGET, the closest to a calendar of the whole Union."""
STATED: Final = "comply_by"
"""Element in which an order states its own term."""
_LAST: Final = time(23, 59, 59, fold=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """A term.

    - `amount`: in `unit`s; 0 for the unit `stated`. It starts at the moment that `starts` names.
    - `zone`: an IANA name, the recipient's or the authority's.
    - `calendar`: a country (`ES`), a part of one (`ES-ML`) or one of FINANCIAL. Empty: only Saturdays and
      Sundays.
    - `reminders`: hours before the end, largest first.
    - `binding`: a law sets the term. Otherwise it is the day on which the sender asks again.
    """

    unit: str
    amount: int
    zone: str
    calendar: str
    starts: str
    binding: bool
    reminders: tuple[int, ...]
    why: Mapping[str, str]

    def deadline(self, start: datetime, stated: str | None = None, zone: str | None = None) -> datetime:
        """Return the last second, in UTC, at which the term is met. `start` needs an offset.

        `stated`: the day or moment (ISO 8601) in the order. Raises ValueError if `start` has no offset or
        `stated` is neither.
        """
        if start.tzinfo is None:
            raise ValueError("A term starts at a moment with its offset.")
        where = ZoneInfo(zone or self.zone)
        if self.unit == "stated":
            return _stated(stated, where)
        if self.unit == "hours":
            return start.astimezone(UTC) + timedelta(hours=self.amount)
        day = _last_day(start.astimezone(where).date(), self.unit, self.amount, self.calendar)
        return datetime.combine(day, _LAST, where).astimezone(UTC)

    def reminded(self, start: datetime, deadline: datetime) -> tuple[datetime, ...]:
        """Return the times of reminders, in UTC, earliest first; none before the start."""
        moments = (deadline - timedelta(hours=hours) for hours in self.reminders)
        return tuple(sorted({moment for moment in moments if moment > start}))


def is_worked(day: date, calendar: str) -> bool:
    """Return whether a day is neither a Saturday, a Sunday nor a public holiday of the calendar."""
    return day.weekday() < _SATURDAY and day not in free_days(calendar, day.year)


@lru_cache(maxsize=256)
def free_days(calendar: str, year: int) -> frozenset[date]:
    """Return the public holidays of a year, from the package `holidays`. Raises ValueError for an unknown
    calendar."""
    if not calendar:
        return frozenset()
    import holidays  # noqa: PLC0415 - takes 0.04 s to import, and only terms in days need it

    country, _, part = calendar.partition("-")
    try:
        if calendar in FINANCIAL:
            return frozenset(holidays.financial_holidays(calendar, years=year))
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError as error:
        raise ValueError(f"There is no calendar {calendar!r}.") from error


def _last_day(start: date, unit: str, amount: int, calendar: str) -> date:
    if unit == "working_days":
        return _after_worked(start, amount, calendar)
    day = start + timedelta(days=amount) if unit == "days" else _months_on(start, amount)
    return day if is_worked(day, calendar) else _after_worked(day, 1, calendar)


def _after_worked(day: date, amount: int, calendar: str) -> date:
    while amount:
        day += timedelta(days=1)
        amount -= is_worked(day, calendar)
    return day


def _months_on(start: date, amount: int) -> date:
    """Return the same day of a later month, or the month's last day if it is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + amount, 12)
    last = month_lengths.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def _stated(text: str | None, zone: ZoneInfo) -> datetime:
    """Return the end of a stated term. A day ends with its last second; a moment without an offset is in the
    zone."""
    if not text:
        raise ValueError("The order's term is not stated.")
    if len(text) == len("2026-01-31"):
        return datetime.combine(date.fromisoformat(text), _LAST, zone).astimezone(UTC)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
