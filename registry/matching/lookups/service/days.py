"""For how long lookups are kept: a day of them is a partition, and is dropped as a whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from registry.core.service import Service
from registry.matching.lookups.store import days
from registry.persons import search as face_searches


def arrange_days(
    service: Service, *, unread_since: datetime | None = None, today: date | None = None
) -> list[date]:
    """Make the partitions of today and tomorrow, drop those older than `lookup_days`, and return the dropped.

    A day stays while the media of one of its lookups is stored, so while a file waits or its dead letter is
    open. It also stays from `unread_since` on: when the oldest lookup was asked that others have yet to read.
    What other sessions lock is left for the next time. `today`: of UTC, as all days here.
    """
    today = today or datetime.now(UTC).date()
    with service.pool.transaction() as connection:
        if not days.take_turn(connection):
            return []
        present = days.days(connection)
        for day in (today, today + timedelta(days=1)):
            if day not in present:
                days.add_day(connection, day)
        waiting = (unread_since, days.held_since(connection))
    aged = today - timedelta(days=service.settings.lookup_days)
    kept = min(aged, *(at.astimezone(UTC).date() if at else aged for at in waiting))
    with service.pool.transaction() as connection:
        days.delete_others(connection, kept)
    return [day for day in present if day < kept and _drop(service, day)]


def _drop(service: Service, day: date) -> bool:
    with service.pool.transaction() as connection:
        end = days.first_id(connection, day + timedelta(days=1))
        if not days.take_turn(connection) or not days.drop_day(connection, day):
            return False
        face_searches.delete_matches(connection, before=end)
        return True
