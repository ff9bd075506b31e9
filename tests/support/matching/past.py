"""Lookups that were made before a test."""

from __future__ import annotations

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
