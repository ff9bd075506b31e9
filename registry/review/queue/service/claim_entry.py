"""A reviewer takes an entry, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.errors import BadInput, Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.service.find_review import claimed_by_another, find_review
from registry.review.queue.service.show_review import show_review


def claim_entry(
    service: Service, caller: Caller, entry_id: UUID, *, minutes: float | None = None
) -> dict[str, Any]:
    """What `show_review` shows, claimed: a decision covers the media that are there now. Claimed again, the
    lease is longer. Needs `review`.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`second_reviewer`), `Conflict` (`claimed_by_another`,
    `claim_spent`, `too_many_claims`),
    `BadInput` (`bad_time`).
    """
    caller.require("review")
    lease = _lease(minutes)
    with service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id, lock=True)
        review.require_votes(caller.caller_id, {row["created_by"]})
        media = [one["asset_id"] for one in reviews.media(connection, entry_id)]
        before = reviews.claim_of(connection, entry_id)
        mine = before is not None and before["holds"] and before["caller_id"] == caller.caller_id
        if reviews.claims(connection, caller.caller_id) >= review.MOST_CLAIMS and not mine:
            raise Conflict(
                f"You have {review.MOST_CLAIMS} entries before you.",
                code="too_many_claims",
                next_step="Decide on some, or release them: `fakeprint review list --claimed mine`.",
            )
        claim = reviews.claim(
            connection,
            entry_id=entry_id,
            caller_id=caller.caller_id,
            media=media,
            lease=lease,
            longest=review.LONGEST,
            pause=review.PAUSE,
        )
        if claim is None:
            raise _refused(caller, before)
        record_event(
            connection,
            caller,
            "review.claimed",
            organization_id=row["owner_id"],
            entry_id=entry_id,
            said={"lease_until": claim["lease_until"].astimezone(UTC).isoformat()},
        )
    return show_review(service, caller, entry_id)


def _lease(minutes: float | None) -> timedelta:
    most = review.LONGEST.total_seconds() / 60
    if minutes is None:
        return review.LEASE
    if not 1 <= minutes <= most:
        raise BadInput(f"A claim is for 1 to {most:g} minutes.", code="bad_time")
    return timedelta(minutes=minutes)


def _refused(caller: Caller, before: dict[str, Any] | None) -> Conflict:
    if before is not None and before["caller_id"] != caller.caller_id:
        return claimed_by_another(before)
    again = (before["lease_until"] if before else datetime.now(UTC)) + review.PAUSE
    return Conflict(
        "You have had the entry for as long as a claim lasts.",
        code="claim_spent",
        next_step=f"Others may claim it now; you may again at {again.isoformat()}.",
        extra={"again_at": again.isoformat()},
    )
