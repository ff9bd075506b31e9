"""Days of lookups: each is a partition, which is made before it begins and dropped as a whole."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

import psycopg

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

OTHERS_AT_ONCE: Final = 10_000
"""Lookups deleted at once whose day has no partition."""


def take_turn(connection: Connection) -> bool:
    """Tell whether this transaction may change the days. One may at a time."""
    row = connection.execute(_SQL["turn"]).fetchone()
    return bool(row and row["turn"])


def days(connection: Connection) -> list[date]:
    """Return the days that have a partition, oldest first."""
    return [row["day"] for row in connection.execute(_SQL["days"]).fetchall()]


def add_day(connection: Connection, day: date) -> bool:
    """Make the partition of a day. Return False if others use the table just then."""
    return _change(connection, "add", day)


def drop_day(connection: Connection, day: date) -> bool:
    """Drop a day with its lookups. Return False if others use the table just then."""
    return _change(connection, "drop", day)


def _change(connection: Connection, name: str, day: date) -> bool:
    try:
        with connection.transaction():
            connection.execute(_SQL[name], {"day": day})
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def first_id(connection: Connection, day: date) -> UUID:
    """Return the lowest id that a lookup of the day can have."""
    row = connection.execute(_SQL["first_id"], {"day": day}).fetchall()[0]
    lookup_id: UUID = row["lookup_id"]
    return lookup_id


def held_since(connection: Connection) -> datetime | None:
    """Return when the oldest lookup was asked whose media is still stored."""
    at: datetime | None = connection.execute(_SQL["held_since"]).fetchall()[0]["at"]
    return at


def delete_others(connection: Connection, day: date) -> int:
    """Delete lookups from before the day that are in no day's partition, and return how many."""
    parameters = {"day": day, "limit": OTHERS_AT_ONCE}
    return connection.execute(_SQL["delete_others"], parameters).rowcount
