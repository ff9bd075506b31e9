"""Close a dispute and restore the entry if nothing else suspends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.catalogue.entries.store import entries
from registry.core.audit.model.ledger import Commitment
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.review.disputes import store as disputes
from registry.review.disputes.model import Outcome, Remedy, Why
from registry.review.queue import model as review
from registry.review.queue import store as reviews


def settle_dispute(
    connection: Connection,
    caller: Caller,
    row: Mapping[str, Any],
    *,
    outcome: Outcome,
    remedy: Remedy | None = None,
    reason_code: Why = "other",
    order_sha256: str | None = None,
    sealed: bytes | None = None,
    bound: Commitment | None = None,
) -> None:
    """Close a dispute, record the outcome for both parties, and restore the entry if no other dispute
    suspends it.

    `row`: of `find_dispute`, locked.
    """
    dispute_id, entry_id = row["dispute_id"], row["entry_id"]
    disputes.close(
        connection,
        dispute_id,
        caller_id=caller.caller_id,
        organization_id=caller.organization_id,
        outcome=outcome,
        remedy=remedy,
        reason_code=reason_code,
        order_sha256=order_sha256,
        sealed=sealed,
    )
    for party in {row["owner_id"], row["organization_id"]}:
        record_event(
            connection,
            caller,
            "dispute.decided",
            organization_id=party,
            entry_id=entry_id,
            subject={"dispute_id": dispute_id},
            said={
                "outcome": outcome,
                "remedy": remedy,
                "reason_code": reason_code,
                "order_sha256": order_sha256,
                "statement": bound.digest if bound else None,
                "by": caller.organization_id,
            },
        )
    suspends, still_open = disputes.standing(connection, entry_id)
    if not still_open:
        reviews.done(connection, entry_id, "dispute")
    if remedy != "withdrawn" and row["suspended_for"] == "dispute" and not suspends:
        entries.become(connection, entry_id, review.move(row["entry_status"], "matchable"))
        owner = row["owner_id"]
        record_event(connection, caller, "entry.restored", organization_id=owner, entry_id=entry_id)
