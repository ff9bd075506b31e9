"""List the persons that an organization has enrolled."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import store as persons
from registry.persons.service.show_person import summary


def list_persons(
    service: Service, caller: Caller, *, state: str | None = None, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """The caller's organization's persons, newest first; `next` continues where this page ends.

    Needs `faces`. Raises `BadInput` (`bad_cursor`).
    """
    caller.require("faces")
    with service.pool.transaction() as connection:
        rows = persons.page(
            connection,
            caller.organization_id,
            state=state,
            after=_decode(after) if after else None,
            limit=limit + 1,
        )
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1] if rows else None
    return {
        "persons": [summary(service, row) for row in rows],
        "next": cursor.encode(last["proposed_at"].isoformat(), last["person_id"]) if more and last else None,
    }


def _decode(given: str) -> tuple[datetime, UUID]:
    at, person_id = cursor.decode(given, words=2)
    try:
        return datetime.fromisoformat(at), UUID(person_id)
    except ValueError as error:
        raise cursor.refused() from error
