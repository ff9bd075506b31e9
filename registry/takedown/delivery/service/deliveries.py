"""List deliveries, and record decisions of people on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry import jobs
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadTime, UnknownDelivery, WrongState
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.persons.model import checked_sha256
from registry.takedown.campaigns.service import access
from registry.takedown.delivery import store as delivery_store
from registry.takedown.delivery.errors import ProofNeeded, TimeNeeded
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.model.delivery import DeliveryFilter
from registry.takedown.delivery.schemas import (
    Decision,
    DeliveryAttempt,
    NoticeDelivery,
    NoticeDeliveryPage,
    NoticeDeliveryWithAttempts,
)
from registry.takedown.delivery.service.dispatch import record_hand_over
from registry.takedown.delivery.service.sending import LETTER
from registry.takedown.delivery.store import (
    DeliveryChange,
    ListedDelivery,
    LockedDelivery,
)
from registry.takedown.notices.store import notices

EVERY_DELIVERY: Final = DeliveryFilter()


def list_notice_deliveries(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    filter_: DeliveryFilter = EVERY_DELIVERY,
    *,
    limit: int = 50,
    after: str | None = None,
) -> NoticeDeliveryPage:
    """Return a page of a campaign's deliveries, oldest first. Needs `takedown`.

    Deliveries with channel `paper` and status `waiting` have to be printed. Raises `NotFound`
    (`unknown_campaign`), `BadInput` (`bad_cursor`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id)
        rows = delivery_store.page(
            connection,
            caller.organization_id,
            campaign_id,
            filter_,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1].created_at.isoformat(), rows[-1].delivery_id) if more else None
    return NoticeDeliveryPage(deliveries=[shown(row) for row in rows], next=ends)


def show_notice_delivery(service: Service, caller: Caller, delivery_id: UUID) -> NoticeDeliveryWithAttempts:
    """Return a delivery of the caller's organization with its attempts. Needs `takedown`.

    Raises `NotFound` (`unknown_delivery`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = delivery_store.find(connection, caller.organization_id, delivery_id)
        attempts = delivery_store.attempts(connection, delivery_id) if row else []
    if row is None:
        raise UnknownDelivery(f"There is no delivery {delivery_id} of your organization.")
    return NoticeDeliveryWithAttempts.from_row(shown(row), made=[attempt(made) for made in attempts])


def shown(row: ListedDelivery) -> NoticeDelivery:
    """Return a delivery as it is shown."""
    tried_again = row.status == "waiting" and row.channel != "paper"
    return NoticeDelivery.from_row(
        row,
        reference=f"FP-{row.token}",
        next_at=row.next_at if tried_again else None,
        decided_by=row.decider,
        proof_sha256=row.proof_sha256.hex() if row.proof_sha256 else None,
        receipt_by=row.receipt_giver,
        receipt_sha256=row.receipt_sha256.hex() if row.receipt_sha256 else None,
        content_sha256=row.content_sha256.hex(),
    )


def attempt(row: Mapping[str, Any]) -> DeliveryAttempt:
    """Return an attempt as it is shown."""
    meaning = delivery.OUTCOMES.get(row["outcome"]) if row["outcome"] else None
    return DeliveryAttempt.from_row(row, attempt=row["attempt_no"], meaning=meaning)


_FROM: Final[Mapping[Decision, frozenset[str]]] = {
    "handed_over": frozenset({"waiting", "unsure", "dead"}),
    "delivered": frozenset({"handed_over"}),
    "send_again": frozenset({"unsure", "dead"}),
    "print": frozenset({"waiting", "unsure", "dead"}),
}


def decide_delivery(
    service: Service,
    caller: Caller,
    delivery_id: UUID,
    decision: Decision,
    *,
    at: datetime | None = None,
    proof_sha256: str | None = None,
) -> NoticeDelivery:
    """Record a person's decision on a delivery and return the delivery. Needs `takedown`.

    - `handed_over`: it was handed over `at` that time, and the platform's term starts then. `proof_sha256` is
      the SHA-256 of a proof, such as a posting receipt or a screenshot of a form's answer. Without it, the
      caller's word counts.
    - `delivered`: the platform received it `at` that time, according to a receipt with SHA-256
      `proof_sha256`.
    - `send_again`: a worker sends it again under the same id.
    - `print`: a person will hand it over.

    Raises `NotFound` (`unknown_delivery`), `Conflict` (`wrong_state`, `client_erased`), `BadInput`
    (`bad_time`, `bad_sha256`, `time_needed`, `proof_needed`).
    """
    caller.require("takedown")
    proof = bytes.fromhex(checked_sha256(proof_sha256, "proof_sha256")) if proof_sha256 else None
    _require_proof(decision, at, proof)
    with service.pool.transaction() as connection:
        row = _locked(connection, caller, delivery_id)
        if not _possible(row, decision):
            raise WrongState(
                f"The delivery is {row.status}, by {row.channel}: {decision} is not possible.",
                extra={"delivery_status": row.status, "channel": row.channel},
            )
        if decision == "delivered" and at and proof:
            _receive(connection, caller, row, at, proof)
        else:
            handed_at = _moment(connection, row.created_at, at) if decision == "handed_over" and at else None
            change = DeliveryChange(
                status="handed_over" if handed_at else "waiting",
                channel="paper" if decision == "print" else row.channel,
                handed_at=handed_at,
                proof=proof if handed_at else None,
                caller_id=caller.caller_id,
            )
            _decide(service, connection, row, change, again=decision == "send_again")
    if decision == "send_again":
        wake_workers(service)
    return NoticeDelivery.from_row(show_notice_delivery(service, caller, delivery_id))


def _require_proof(decision: Decision, at: datetime | None, proof: bytes | None) -> None:
    if decision in {"handed_over", "delivered"} and at is None:
        raise TimeNeeded(f"`at` is missing: when was it {decision.replace('_', ' ')}?")
    if decision == "delivered" and proof is None:
        raise ProofNeeded("A delivery is proved by a receipt.")


def _decide(
    service: Service, connection: Connection, row: LockedDelivery, change: DeliveryChange, *, again: bool
) -> None:
    delivery_store.decide(connection, row.delivery_id, change)
    if change.handed_at is not None:
        written = LETTER.decrypt(access.key_of(service, row.client_id), row.sealed)
        values = written.values if written else {}
        record_hand_over(service, connection, row, change.handed_at, values, caller_id=change.caller_id)
    elif again:
        jobs.enqueue(connection, "deliver_notice", row.delivery_id)


def _receive(
    connection: Connection, caller: Caller, row: LockedDelivery, at: datetime, receipt: bytes
) -> None:
    delivered_at = _moment(connection, row.handed_at or row.created_at, at)
    delivery_store.receive(
        connection, row.delivery_id, at=delivered_at, receipt=receipt, caller_id=caller.caller_id
    )
    subject = {"notice_id": row.notice_id, "campaign_id": row.campaign_id}
    details = {"delivery_id": row.delivery_id, "sha256": receipt, "channel": row.channel}
    record_event(connection, caller, "notice.delivered", entry_id=row.entry_id, subject=subject, said=details)


def _possible(row: LockedDelivery, decision: Decision) -> bool:
    """Return whether the decision is possible.

    Only a person hands over a letter on paper. A machine's delivery can be declared `handed_over` only if it
    is unsure or dead: then the platform may confirm that it has it.
    """
    if row.status not in _FROM[decision]:
        return False
    if decision == "delivered":
        return row.kind == "notice" and row.delivered_at is None
    if row.channel == "paper":
        return decision == "handed_over"
    return decision != "handed_over" or row.status != "waiting"


def _locked(connection: Connection, caller: Caller, delivery_id: UUID) -> LockedDelivery:
    owner = delivery_store.owner_of(connection, delivery_id)
    if owner is None or owner[0] != caller.organization_id:
        raise UnknownDelivery(f"There is no delivery {delivery_id} of your organization.")
    notices.lock(connection, caller.organization_id, [owner[1]])
    return delivery_store.lock(connection, delivery_id)


def _moment(connection: Connection, after: datetime, at: datetime) -> datetime:
    if at.tzinfo is None or not after <= at <= delivery_store.now(connection):
        raise BadTime(
            "`at` has an offset, and is between the previous event (`after`) and now.",
            extra={"after": after.isoformat()},
        )
    return at
