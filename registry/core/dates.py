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
    day_zone = next((zone for zone in zones if end.astimezone(zone).time() == time()), zones[0])
    return (end - timedelta(microseconds=1)).astimezone(day_zone).date()


def parse_date(
    value: str | datetime | date | None, zone: tzinfo, now: datetime | None = None
) -> datetime | None:
    """Return the time in UTC, or None if nothing is given. A day without a time begins at midnight in `zone`.

    Accepts ISO 8601. Accepts day, month and year with `/`, `.` or `-` between them if no other order is
    possible: 24/11/2026. Raises `BadInput`: `ambiguous_date` (03/04/2026), `bad_date`, `future_date` (more
    than a day after `now`).
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    parsed = _parse(value) if isinstance(value, str) else value
    if not isinstance(parsed, datetime):
        parsed = datetime.combine(parsed, time())
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=zone)
    try:
        parsed = parsed.astimezone(UTC)
    except OverflowError:
        raise _bad(str(value)) from None
    if parsed.year < 1990:
        raise _bad(str(value))
    if now is not None and parsed > now + _LATE:
        raise FutureDate(f"{parsed:%Y-%m-%d} has not come yet.")
    return parsed


def _parse(text: str) -> datetime | date:
    plain = "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text.strip()
    )
    slashed = _SLASHED.fullmatch(plain)
    try:
        if slashed is not None:
            return _parse_slashed(plain, slashed)
        if not re.match(r"\d{4}-\d{2}-\d{2}", plain):
            raise _bad(text)
        return datetime.fromisoformat(plain)
    except ValueError:
        raise _bad(text) from None


def _parse_slashed(text: str, match: re.Match[str]) -> datetime:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if first <= 12 and second <= 12 and first != second:
        raise AmbiguousDate(f"{text[:40]!r} may be two days.")
    day, month = (first, second) if second <= 12 else (second, first)
    return datetime(year, month, day, int(match[5] or 0), int(match[6] or 0), int(match[7] or 0))  # noqa: DTZ001


def _bad(text: str) -> BadInput:
    return BadDate(f"{text[:40]!r} is no date.")
