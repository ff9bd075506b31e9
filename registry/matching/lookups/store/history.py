"""Earlier lookups of an organization, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import LookupFilter

_SQL = sql.load(__name__)


Position = tuple[datetime, UUID]
"""Time and id of the last lookup of the page before."""


def page(
    connection: Connection, caller: Caller, chosen: LookupFilter, *, after: Position | None, limit: int
) -> list[dict[str, Any]]:
    """Return lookups of the caller's organization, the newest first, after a position."""
    return connection.execute(_SQL["page"], parameters(caller, chosen, after=after, limit=limit)).fetchall()


def parameters(caller: Caller, chosen: LookupFilter, *, after: Position | None, limit: int) -> dict[str, Any]:
    """Return the parameters of `page`."""
    at, after_id = after or (None, None)
    return {
        "organization_id": caller.organization_id,
        "caller_id": caller.caller_id,
        "cases": caller.sees_cases,
        "verdict": chosen.verdict,
        "found": chosen.found,
        "by": chosen.by,
        "since": chosen.since,
        "until": chosen.until,
        "at": at,
        "after_id": after_id,
        "limit": limit,
    }
