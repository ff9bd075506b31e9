"""Parse dates and times as people write them in a table. Ambiguous dates are refused. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from registry.core.errors import AmbiguousDate, BadDate, BadInput, FutureDate

_SLASHED: Final = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[\sT,]+(?:(?:a las|à|at)\s+)?(\d{1,2})[:h](\d{2})(?::(\d{2}))?)?"
)
_LATE: Final = timedelta(days=1)
"""Tolerance for times in the future: it may already be tomorrow in another time zone."""


def last_day(end: datetime, *zones: tzinfo) -> date:
    """Return the day of the last instant before `end`. Example: if `end` is the midnight after 30 June, the
    result is 30 June. The time zone is the first of `zones` in which `end` is a midnight, else the first."""
    there = next((zone for zone in zones if end.astimezone(zone).time() == time()), zones[0])
    return (end - timedelta(microseconds=1)).astimezone(there).date()


def moment(given: str | datetime | date | None, zone: tzinfo, now: datetime | None = None) -> datetime | None:
    """Return the time in UTC, or None if nothing is given. A day without a time begins at midnight in `zone`.

    Accepts ISO 8601. Accepts day, month and year with `/`, `.` or `-` between them if no other order is
    possible: 24/11/2026. Raises `BadInput`: `ambiguous_date` (03/04/2026), `bad_date`, `future_date` (more
    than a day after `now`).
    """
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    found = _written(given) if isinstance(given, str) else given
    if not isinstance(found, datetime):
        found = datetime.combine(found, time())
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        raise _bad(str(given)) from None
    if found.year < 1990:
        raise _bad(str(given))
    if now is not None and found > now + _LATE:
        raise FutureDate(f"{found:%Y-%m-%d} has not come yet.")
    return found


def _written(text: str) -> datetime | date:
    plain = "".join(str(unicodedata.decimal(item)) if item.isdecimal() else item for item in text.strip())
    slashed = _SLASHED.fullmatch(plain)
    try:
        if slashed is not None:
            return _ordered(plain, slashed)
        if not re.match(r"\d{4}-\d{2}-\d{2}", plain):
            raise _bad(text)
        return datetime.fromisoformat(plain)
    except ValueError:
        raise _bad(text) from None


def _ordered(text: str, found: re.Match[str]) -> datetime:
    one, other, year = int(found[1]), int(found[3]), int(found[4])
    if one <= 12 and other <= 12 and one != other:
        raise AmbiguousDate(f"{text[:40]!r} may be two days.")
    day, month = (one, other) if other <= 12 else (other, one)
    return datetime(year, month, day, int(found[5] or 0), int(found[6] or 0), int(found[7] or 0))  # noqa: DTZ001


def _bad(text: str) -> BadInput:
    return BadDate(f"{text[:40]!r} is no date.")
