"""Weeks of statistics: they begin on Monday, in the reader's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

WEEKS: Final = 12
"""Number of weeks in statistics over time, with the current one."""


@dataclass(frozen=True, slots=True)
class WeekValue:
    """A value of the week that begins on the Monday `week`. `of`: what was counted or measured."""

    week: date
    of: str
    value: float


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weeks of a reader, the oldest first. `mondays`: their first days. `starts`: when they begin."""

    mondays: list[date]
    starts: list[datetime]

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters of a query by weeks: `mondays`, `starts`, and `since`, the first of these."""
        return {"mondays": self.mondays, "starts": self.starts, "since": self.starts[0]}


def last_weeks(now: datetime, zone: tzinfo = UTC) -> Weeks:
    """Return the last `WEEKS` weeks in a time zone, with the current one."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    days = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    return Weeks(days, [datetime.combine(day, time(), zone).astimezone(UTC) for day in days])
