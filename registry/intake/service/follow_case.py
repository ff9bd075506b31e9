"""What became of a private case, for whoever has its number and PIN."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from registry.core.service import Service
from registry.intake import model as private_case
from registry.intake import store as private_cases
from registry.intake.service.find_case import find_case, wrong_case

MOST_MET: Final = 1_000
"""Lookups that are counted."""


def follow_case(service: Service, number: str, pin: str, *, address: str) -> dict[str, Any]:
    """The case, and what became known `since` it was opened, while it is confirmed: anybody could open one
    of any footage, to learn who meets it. Told are lookups that met it, as far as those who asked let owners
    know (`tell_events`), and entries that other organizations registered with its footage (`relate_entry`)
    where everybody sees them. Numbers and days: nobody is named, and other private cases are not told of.
    Raises as `find_case`."""
    row = find_case(service, number, pin, address=address)
    if private_case.state(row) != "confirmed":
        return shape(row)
    with service.pool.transaction() as connection:
        since = private_cases.since(connection, row["case_id"], most=MOST_MET)
    if since is None:
        raise wrong_case()  # it was erased this very moment
    return shape(row, since)


def shape(row: Mapping[str, Any], since: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A row of `find_case` as it is answered."""
    return {
        "case_number": private_case.shown(row["case_number"]),
        "state": private_case.state(row),
        "organization": row["organization"],
        "files": row["files"],
        "opened_at": row["opened_at"].isoformat(),
        "withdrawn_at": row["withdrawn_at"].isoformat() if row["withdrawn_at"] else None,
        "since": since
        and {
            **{name: since[name] for name in ("lookups", "entries", "confirmed")},
            **{name: _day(since[name]) for name in ("last_lookup", "last_entry")},
        },
    }


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None
