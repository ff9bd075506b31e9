"""Close a dispute and restore the entry if nothing else suspends it."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue import entries
from registry.catalogue.entries.service.events import Withdrawal
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.review.disputes import store as disputes
from registry.review.disputes.model import Closing, StoredDispute
from registry.review.queue import model as review
from registry.review.queue import store as reviews


def settle_dispute(connection: Connection, caller: Caller, row: StoredDispute, closing: Closing) -> None:
    """Close a dispute, record the outcome for both parties, and restore the entry if no other dispute
    suspends it.

    `row`: of `find_dispute`, locked.
    """
    dispute_id, entry_id = row.dispute_id, row.entry_id
    disputes.close(connection, dispute_id, caller, closing)
    for party in {row.owner_id, row.organization_id}:
        record_event(
            connection,
            caller,
            "dispute.decided",
            organization_id=party,
            entry_id=entry_id,
            subject={"dispute_id": dispute_id},
            said={
                "outcome": closing.outcome,
                "remedy": closing.remedy,
                "reason_code": closing.reason_code,
                "order_sha256": closing.order_sha256,
                "statement": closing.statement,
                "by": caller.organization_id,
            },
        )
    suspends, still_open = disputes.standing(connection, entry_id)
    if not still_open:
        reviews.unqueue_reasons(connection, entry_id, "dispute")
    if closing.remedy != "withdrawn" and row.suspended_for == "dispute" and not suspends:
        entries.set_status(connection, entry_id, review.move(row.entry_status, "matchable"))
        owner = row.owner_id
        record_event(connection, caller, "entry.restored", organization_id=owner, entry_id=entry_id)


def follow_withdrawal(connection: Connection, withdrawal: Withdrawal) -> None:
    """Remove withdrawn entries from the review queue, and uphold their open disputes.

    If the service withdrew the entries, reviewers decide about the disputes.
    """
    reviews.unqueue(connection, list(withdrawal.owners))
    caller = withdrawal.caller
    if caller is None:
        return
    for dispute in disputes.settle_disputes(connection, caller.caller_id, list(withdrawal.owners)):
        record_event(
            connection,
            caller,
            "dispute.decided",
            organization_id=withdrawal.owners[dispute["entry_id"]],
            entry_id=dispute["entry_id"],
            subject={"dispute_id": dispute["dispute_id"]},
            said={"outcome": "upheld", "remedy": "withdrawn", "reason_code": "settled"},
        )


def withdraw_disputes(connection: Connection, caller: Caller, organization_id: UUID) -> None:
    """Withdraw the open disputes of an organization that is closed. The disputed entries answer again."""
    for dispute_id in disputes.opened_by(connection, organization_id):
        entry_id = disputes.entry_of(connection, dispute_id)
        if entry_id is not None:
            reviews.lock(connection, entry_id)
        row = disputes.get_dispute(connection, organization_id, dispute_id)
        if row is not None:
            settle_dispute(connection, caller, row, Closing("withdrawn", reason_code="settled"))
