"""Weeks of statistics: they begin on Monday, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

WEEKS: Final = 12
"""Number of weeks in statistics over time, with the current one."""


@dataclass(frozen=True, slots=True)
class WeekValue:
    """A value of the week that begins on the Monday `week`. `of`: what was counted or measured."""

    week: date
    of: str
    value: float


def mondays(now: datetime) -> list[date]:
    """Return the first days of the last `WEEKS` weeks, the oldest first."""
    today = now.astimezone(UTC).date()
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def beginning(now: datetime) -> datetime:
    """Return when the first of these weeks begins."""
    return datetime.combine(mondays(now)[0], time(), UTC)
