"""An entry's owner takes it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.visibility import own_entry
from registry.core.audit import service as statements
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.model import prose
from registry.review.disputes import store as disputes
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.model import Withdrawn
from registry.review.queue.service.find_review import find_review


def withdraw_entry(
    service: Service, caller: Caller, entry_id: UUID, *, reason_code: Withdrawn, reason: str | None = None
) -> dict[str, Any]:
    """The entry, withdrawn: it answers no lookup from this commit on, and its disputes are settled. Only
    reviewers restore it. `reason` is kept sealed. Needs `register`.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Conflict` (`entry_withdrawn`),
    `BadInput` (`bad_label`).
    """
    caller.require("register")
    said = prose(reason, "reason") if reason else None
    review_id = uuid4()
    with statements.keys(service).making(review_id) as key, service.pool.transaction() as connection:
        own_entry(connection, caller, entry_id)
        row = find_review(connection, caller, entry_id, lock=True)
        if row["status"] == "withdrawn":
            raise Conflict("The entry was withdrawn.", code="entry_withdrawn")
        sealed, bound = statements.pack(key, {"reason": said}, statements.REASONS)
        reviews.decide(
            connection,
            review_id=review_id,
            entry_id=entry_id,
            caller_id=caller.caller_id,
            organization_id=caller.organization_id,
            decision="withdraw",
            administers=False,
            reason_code=reason_code,
            order_sha256=None,
            sealed=sealed,
        )
        reviews.become(connection, entry_id, review.move(row["status"], "withdrawn"))
        _settle(connection, caller, entry_id)
        reviews.done(connection, entry_id, *review.REASONS)
        record_event(
            connection,
            caller,
            "entry.withdrawn",
            entry_id=entry_id,
            subject={"review_id": review_id},
            said={"reason_code": reason_code, "statement": bound.digest},
        )
    return show_entry(service, caller, entry_id)


def _settle(connection: Connection, caller: Caller, entry_id: UUID) -> None:
    """Whoever disputes the entry has what they asked for."""
    for one in disputes.of_entry(connection, entry_id):
        disputes.close(
            connection,
            one["dispute_id"],
            caller_id=caller.caller_id,
            organization_id=caller.organization_id,
            outcome="upheld",
            remedy="withdrawn",
            reason_code="settled",
        )
        for party in {caller.organization_id, one["organization_id"]}:
            record_event(
                connection,
                caller,
                "dispute.decided",
                organization_id=party,
                entry_id=entry_id,
                subject={"dispute_id": one["dispute_id"]},
                said={"outcome": "upheld", "remedy": "withdrawn", "reason_code": "settled"},
            )
