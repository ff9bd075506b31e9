"""A reviewer lets an entry go."""

from __future__ import annotations

from uuid import UUID

from registry.actions.find_review import find_review
from registry.actions.record_event import record_event
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.store import reviews


def release_entry(service: Service, caller: Caller, entry_id: UUID) -> bool:
    """Whether the caller had claimed it. Needs `review`. Raises `NotFound` (`unknown_entry`)."""
    caller.require("review")
    with service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id, lock=True)
        ended = reviews.end_claim(connection, entry_id, caller.caller_id)
        if ended:
            owner_id = row["owner_id"]
            record_event(connection, caller, "review.released", organization_id=owner_id, entry_id=entry_id)
    return ended
