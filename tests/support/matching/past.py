"""Lookups that were made before a test."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller


def fill(connection: Connection, caller: Caller, count: int) -> None:
    """Add lookups of a caller that matched nothing, one a second, and let the planner know."""
    connection.execute(
        "INSERT INTO lookup (caller_id, input, status, verdict, answer, answered_at, created_at)"
        " SELECT %(caller_id)s, 'hash', 'answered', 'no_match', '{}', now(),"
        " now() - make_interval(secs => n) FROM generate_series(1, %(count)s) n",
        {"caller_id": caller.caller_id, "count": count},
    )
    connection.execute("ANALYZE lookup")


def fill_day(connection: Connection, caller: Caller, day: date, count: int) -> list[UUID]:
    """Add lookups of a caller that found nothing, spread over a day of UTC, and return their ids."""
    rows = connection.execute(
        "WITH spread AS ("
        "SELECT %(day)s::timestamp AT TIME ZONE 'UTC' + n * interval '1 day' / %(count)s AS at"
        " FROM generate_series(0, %(count)s - 1) n)"
        " INSERT INTO lookup (lookup_id, caller_id, input, status, verdict, answer, answered_at, created_at)"
        " SELECT overlay(gen_random_uuid()::text PLACING left(lookup_id_at(at)::text, 13) FROM 1)::uuid,"
        " %(caller_id)s, 'hash', 'answered', 'no_match', '{}', at, at FROM spread RETURNING lookup_id",
        {"caller_id": caller.caller_id, "count": count, "day": day},
    ).fetchall()
    return [row["lookup_id"] for row in rows]


def keep_media(connection: Connection, lookup_id: UUID, blob_key: str | None) -> None:
    """Let the media of a lookup be stored under this name, or be gone."""
    connection.execute("UPDATE lookup SET blob_key = %s WHERE lookup_id = %s", (blob_key, lookup_id))


def explained(connection: Connection, query: str, parameters: dict[str, Any]) -> str:
    """Return a query's plan. Indexes of partitions have the names of the whole table's indexes."""
    plan = connection.execute(f"EXPLAIN (COSTS OFF) {query}".encode(), parameters).fetchall()
    text = "\n".join(row["QUERY PLAN"] for row in plan)
    names = connection.execute(
        "SELECT inhrelid::regclass::text AS part, inhparent::regclass::text AS whole FROM pg_inherits"
    ).fetchall()
    of_whole = {row["part"]: row["whole"] for row in names}
    return re.sub(r"(?<= using )\w+", lambda found: of_whole.get(found[0], found[0]), text)
