"""Times on the command line: dates, durations, the local time zone."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, override

import click

from registry.core.dates import last_day
from registry.core.errors import BadTime
from registry.core.terminal.options import Later

NEVER: Final = "never"
_DURATION: Final = re.compile(r"([1-9]\d{0,4})\s*([hdw])\Z")
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


_DAY: Final = re.compile(r"\d{4}-?\d{2}-?\d{2}")


class Expiry(click.ParamType[str | Later]):
    """`90d`, `12h`, `2w`: from now. `2027-01-31`: to the end of that day, local time. A time: local if it has
    no offset. `never`. Sent as ISO 8601 with an offset; null for `never`."""

    name = "WHEN"

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str | Later:
        text = str(value).strip()
        if text == NEVER:
            return Later(lambda: None)
        try:
            return _parse_expiry(text).isoformat()
        except (ValueError, OverflowError, OSError):
            self.fail(
                f"{text!r} is no time: give 90d, 12h, 2w, 2027-01-31, 2027-01-31T18:00 or never.", param, ctx
            )


class Time(click.ParamType[Later]):
    """A time or a date, sent with an offset. `until`: a date means the end of that day."""

    name = "TIME"

    def __init__(self, *, until: bool = False) -> None:
        self._read = parse_end if until else parse_time

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Later:
        option = param.opts[0] if param else ""
        return Later(lambda: self._read(str(value), option))


def parse_time(text: str, option: str) -> str:
    """Return a time with its offset; without one, or as a date, it is local. Raises `BadInput`
    (`bad_time`)."""
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.isoformat() if parsed.tzinfo else parsed.astimezone().isoformat()
    except (ValueError, OverflowError, OSError):
        raise BadTime(
            f"{option} {text!r} is no date or time.",
            next_step="Write it as 2026-11-25, 2026-11-25T10:00 or 2026-11-25T10:00+01:00.",
        ) from None


def now() -> str:
    """Return this second, as it is sent."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def parse_end(text: str, option: str) -> str:
    """Like `parse_time`, but a date means the end of that day."""
    parsed = parse_time(text, option)
    if not _DAY.fullmatch(text):
        return parsed
    with contextlib.suppress(OverflowError):  # the last day of the calendar has no next one
        return (
            datetime.combine(datetime.fromisoformat(text).date() + timedelta(days=1), time())
            .astimezone()
            .isoformat()
        )
    return parsed


def local_time(at: str | None) -> str:
    """Format a time of the service in local time, with its offset."""
    if at is None:
        return ""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M %z")


def local_end(end: str) -> str:
    """Format an end time in local time. If it is a midnight, name the last day before it."""
    at = datetime.fromisoformat(end)
    zones = (at.astimezone().tzinfo or UTC, UTC)
    if any(at.astimezone(zone).time() == time() for zone in zones):
        return f"the end of {last_day(at, *zones)}"
    return local_time(end)


def _parse_expiry(text: str) -> datetime:
    if duration := _DURATION.match(text):
        return datetime.now(UTC).replace(microsecond=0) + int(duration[1]) * _UNITS[duration[2]]
    if _DATE.match(text):
        day = datetime.fromisoformat(text).date() + timedelta(days=1)
        return datetime.combine(day, time()).astimezone()
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.astimezone()
