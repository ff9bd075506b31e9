"""Show a dispute, with what both sides say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.audit import service as statements
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.disputes.service.find_dispute import find_dispute, side_of
from registry.review.queue.service.show_review import dispute


def show_dispute(service: Service, caller: Caller, dispute_id: UUID) -> dict[str, Any]:
    """A dispute as its parties and its reviewers see it. The contact is for whoever opened it and for those
    who decide, not for the other side. Texts that were erased are null.

    Raises `NotFound` (`unknown_dispute`).
    """
    with service.pool.transaction() as connection:
        row = find_dispute(connection, caller, dispute_id)
    key = statements.keys(service).find(dispute_id)
    stated = statements.unpack(key, row["sealed"], statements.STATEMENT) or {}
    answered = statements.unpack(key, row["answer_sealed"], statements.ANSWER) or {}
    decided = statements.unpack(key, row["reasons_sealed"], statements.REASONS) or {}
    side = side_of(row, caller)
    return {
        **dispute(row),
        "side": side,
        "statement": stated.get("statement"),
        "contact": None if side == "owner" else stated.get("contact"),
        "answer": answered.get("statement"),
        "answered_at": row["answered_at"].isoformat() if row["answered_at"] else None,
        "accepted_at": row["accepted_at"].isoformat() if row["accepted_at"] else None,
        "reason_code": row["reason_code"],
        "reasons": decided.get("reason"),
        "order_sha256": row["order_hex"],
        "erased_at": row["erased_at"].isoformat() if row["erased_at"] else None,
    }
