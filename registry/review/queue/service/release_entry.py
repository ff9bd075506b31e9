"""A reviewer lets an entry go."""

from __future__ import annotations

from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.queue import store as reviews
from registry.review.queue.service.find_review import find_review


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
