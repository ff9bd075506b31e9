"""Destroy what was written in a dispute, or as the reason of a decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.audit import service as statements
from registry.core.audit.service import record_event
from registry.core.errors import Forbidden, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.disputes import store as disputes
from registry.review.disputes.service.find_dispute import find_dispute, side_of
from registry.review.disputes.service.show_dispute import show_dispute
from registry.review.queue import store as reviews


def erase_dispute(service: Service, caller: Caller, dispute_id: UUID) -> dict[str, Any]:
    """The dispute without its texts: statement, contact, answer and reasons. The key is destroyed, and with
    it what backups hold; that there was a dispute, and how it ended, stays. For who opened it.

    Raises `NotFound` (`unknown_dispute`), `Forbidden` (`not_opener`).
    """
    with service.pool.transaction() as connection:
        row = find_dispute(connection, caller, dispute_id, lock=True)
        if side_of(row, caller) not in {"opener", "both"}:
            raise Forbidden("Another organization has opened the dispute.", code="not_opener")
        disputes.erase(connection, dispute_id)
        record_event(
            connection,
            caller,
            "dispute.erased",
            organization_id=row["owner_id"],
            entry_id=row["entry_id"],
            subject={"dispute_id": dispute_id},
        )
        # Before the commit: should that fail, the texts are gone all the same, as was asked.
        statements.keys(service).destroy(dispute_id)
    return show_dispute(service, caller, dispute_id)


def erase_review(service: Service, caller: Caller, review_id: UUID) -> dict[str, Any]:
    """Destroy the words of a decision, and its order's court and docket; codes and digests stay. For the
    organization of whoever decided. Needs `review` or `admin`.

    Raises `NotFound` (`unknown_review`).
    """
    caller.require_any("review", "admin")
    with service.pool.transaction() as connection:
        row = reviews.one(connection, review_id)
        if row is None or row["organization_id"] != caller.organization_id:
            raise NotFound(f"There is no decision {review_id} of your organization.", code="unknown_review")
        reviews.erase(connection, review_id)
        record_event(
            connection,
            caller,
            "review.erased",
            entry_id=row["entry_id"],
            subject={"review_id": review_id},
        )
        statements.keys(service).destroy(review_id)
    return {"review_id": str(review_id), "erased": True}
