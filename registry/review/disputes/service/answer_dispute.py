"""The owner of a contested entry answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.audit import service as statements
from registry.core.audit.service import record_event
from registry.core.errors import Conflict, Forbidden
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.model import prose
from registry.review.disputes import model as dispute
from registry.review.disputes import store as disputes
from registry.review.disputes.service.find_dispute import find_dispute, side_of
from registry.review.disputes.service.show_dispute import show_dispute


def answer_dispute(service: Service, caller: Caller, dispute_id: UUID, *, statement: str) -> dict[str, Any]:
    """The dispute, answered; it may be decided from now on. Needs `register`, in the organization that owns
    the entry. Once.

    Raises `NotFound` (`unknown_dispute`), `Forbidden` (`foreign_bank`), `Conflict` (`dispute_closed`,
    `wrong_state`, `statement_erased`), `BadInput` (`bad_label`).
    """
    caller.require("register")
    said = prose(statement, "statement")
    with service.pool.transaction() as connection:
        row = find_dispute(connection, caller, dispute_id, lock=True)
        if side_of(row, caller) not in {"owner", "both"}:
            raise Forbidden("The entry belongs to another organization.", code="foreign_bank")
        dispute.after(row["state"], "answer")
        key = statements.keys(service).find(dispute_id)
        if key is None:
            raise Conflict("What was said in the dispute was erased.", code="statement_erased")
        sealed, bound = statements.pack(key, {"statement": said}, statements.ANSWER)
        disputes.answer(connection, dispute_id, caller.caller_id, sealed)
        for party in {row["owner_id"], row["organization_id"]}:
            record_event(
                connection,
                caller,
                "dispute.answered",
                organization_id=party,
                entry_id=row["entry_id"],
                subject={"dispute_id": dispute_id},
                said={"statement": bound.digest},
            )
    return show_dispute(service, caller, dispute_id)
