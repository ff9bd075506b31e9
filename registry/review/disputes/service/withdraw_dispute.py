"""Whoever has opened a dispute takes it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.errors import Forbidden
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.disputes import model as dispute
from registry.review.disputes.service.find_dispute import find_dispute, side_of
from registry.review.disputes.service.settle_dispute import settle_dispute
from registry.review.disputes.service.show_dispute import show_dispute


def withdraw_dispute(service: Service, caller: Caller, dispute_id: UUID) -> dict[str, Any]:
    """The dispute, withdrawn by a caller of the organization that opened it; the entry answers again. The
    same entry is not disputed anew for a while, as after a rejection. Any role.

    Raises `NotFound` (`unknown_dispute`), `Forbidden` (`not_opener`), `Conflict` (`dispute_closed`).
    """
    with service.pool.transaction() as connection:
        row = find_dispute(connection, caller, dispute_id, lock=True)
        if side_of(row, caller) not in {"opener", "both"}:
            raise Forbidden("Another organization has opened the dispute.", code="not_opener")
        dispute.after(row["state"], "withdraw")
        settle_dispute(connection, caller, row, outcome="withdrawn", reason_code="settled")
    return show_dispute(service, caller, dispute_id)
