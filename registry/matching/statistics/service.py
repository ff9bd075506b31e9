"""Count lookups for charts."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final

from registry.core.service import Service
from registry.core.weeks import WeekValue, last_weeks
from registry.identity.callers.model import Caller
from registry.matching.statistics import store

BATCH: Final = 20_000
ROUNDS: Final = 20
"""Transactions of one run; the next run goes on."""


def count_lookups(service: Service) -> int:
    """Count the lookups answered since the last run, and return their number. Safe to run several at once."""
    counted = 0
    for _ in range(ROUNDS):
        with service.pool.transaction() as connection:
            batch = store.count_next(connection, BATCH)
        counted += batch
        if batch < BATCH:
            break
    return counted


def weekly_lookups(service: Service, caller: Caller, zone: tzinfo = UTC) -> list[WeekValue]:
    """Return the organization's lookups of the last weeks by verdict, up to the last run of `count_lookups`.

    They are counted by days in UTC, whatever the zone of the weeks. Needs `lookup` or `admin`.
    """
    caller.require_any("lookup", "admin")
    last = last_weeks(datetime.now(UTC), zone)
    with service.pool.transaction() as connection:
        return store.weeks(connection, caller.organization_id, last.mondays[0])
