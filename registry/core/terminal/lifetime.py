"""Lifetimes of keys on the command line: dates, durations, the local time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import click

from registry.core.dates import last_day

NEVER: Final = "never"
_DURATION: Final = re.compile(r"([1-9]\d{0,4})\s*([hdw])\Z")
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class Expiry(click.ParamType[str]):
    """`90d`, `12h`, `2w`: from now. `2027-01-31`: to the end of that day, local time. A time: local if it has
    no offset. `never`. Passed on as ISO 8601 with an offset, or as `never`."""

    name = "WHEN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).strip()
        if text == NEVER:
            return NEVER
        try:
            return _moment(text).isoformat()
        except (ValueError, OverflowError, OSError):
            self.fail(
                f"{text!r} is no time: give 90d, 12h, 2w, 2027-01-31, 2027-01-31T18:00 or never.", param, ctx
            )


def sent(expires: str | None) -> dict[str, Any]:
    """Return the field `expires_at` of a request body, or nothing if the option is absent."""
    return {} if expires is None else {"expires_at": None if expires == NEVER else expires}


def here(at: str | None) -> str:
    """Format a time of the service in local time, with its offset."""
    if at is None:
        return ""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M %z")


def until(end: str) -> str:
    """Format an end time in local time. If it is a midnight, name the last day before it."""
    at = datetime.fromisoformat(end)
    zones = (at.astimezone().tzinfo or UTC, UTC)
    if any(at.astimezone(zone).time() == time() for zone in zones):
        return f"the end of {last_day(at, *zones)}"
    return here(end)


def _moment(text: str) -> datetime:
    if found := _DURATION.match(text):
        return datetime.now(UTC).replace(microsecond=0) + int(found[1]) * _UNITS[found[2]]
    if _DATE.match(text):
        day = datetime.fromisoformat(text).date() + timedelta(days=1)
        return datetime.combine(day, time()).astimezone()
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.astimezone()
