"""List disputes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.disputes import store as disputes
from registry.review.queue.service.show_review import dispute


def list_disputes(
    service: Service,
    caller: Caller,
    *,
    side: Literal["opener", "owner"] | None = None,
    is_open: bool | None = None,
    entry_id: UUID | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Disputes that the caller's organization is a party to and, for reviewers, those of every bank that they
    see; oldest first. Those of a private case are for reviewers, and for whoever disputes it. Raises
    `BadInput` (`bad_cursor`)."""
    with service.pool.transaction() as connection:
        rows = disputes.page(
            connection,
            caller.organization_id,
            reviews="review" in caller.roles,
            side=side,
            is_open=is_open,
            entry_id=entry_id,
            after=_decode(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1]["opened_at"].isoformat(), rows[-1]["dispute_id"]) if more else None
    return {"disputes": [dispute(row) for row in rows], "next": ends}


def _decode(given: str) -> tuple[datetime, UUID]:
    at, dispute_id = cursor.decode(given, words=2)
    try:
        return datetime.fromisoformat(at), UUID(dispute_id)
    except ValueError as error:
        raise cursor.refused() from error
