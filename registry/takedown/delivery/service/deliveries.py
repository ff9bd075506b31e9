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
from registry.takedown.campaigns.service import takedown
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.delivery.errors import ProofNeeded, TimeNeeded
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.model.delivery import Status, Way
from registry.takedown.delivery.schemas import Decision
from registry.takedown.delivery.service.dispatch import run_clock
from registry.takedown.delivery.service.sending import WRITTEN
from registry.takedown.notices.store import notices


def list_notice_deliveries(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    status: Status | None = None,
    channel: Way | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of a campaign's deliveries, oldest first. Needs `takedown`.

    Deliveries with channel `paper` and status `waiting` have to be printed. Raises `NotFound`
    (`unknown_campaign`), `BadInput` (`bad_cursor`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id)
        rows = notice_deliveries.page(
            connection,
            caller.organization_id,
            campaign_id,
            status=status,
            channel=channel,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more = len(rows) > limit
    rows = rows[:limit]
    ends = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["delivery_id"]) if more else None
    return {"deliveries": [shown(row) for row in rows], "next": ends}


def show_notice_delivery(service: Service, caller: Caller, delivery_id: UUID) -> dict[str, Any]:
    """Return a delivery of the caller's organization with its attempts. Needs `takedown`.

    Raises `NotFound` (`unknown_delivery`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = notice_deliveries.show(connection, caller.organization_id, delivery_id)
        attempts = notice_deliveries.attempts(connection, delivery_id) if row else []
    if row is None:
        raise UnknownDelivery(f"There is no delivery {delivery_id} of your organization.")
    return shown(row) | {"made": [attempt(item) for item in attempts]}


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a delivery as it is shown."""
    tried_again = row["status"] == "waiting" and row["channel"] != "paper"
    return {
        "delivery_id": str(row["delivery_id"]),
        "notice_id": str(row["notice_id"]),
        "campaign_id": str(row["campaign_id"]),
        "kind": row["kind"],
        "platform": row["platform"],
        "regime": row["regime"],
        "channel": row["channel"],
        "address": row["address"],
        "language": row["language"],
        "reference": f"FP-{row['token']}",
        "status": row["status"],
        "attempts": row["attempts"],
        "outcome": row["outcome"],
        "response_code": row["response_code"],
        "next_at": _text(row["next_at"]) if tried_again else None,
        "created_at": _text(row["created_at"]),
        "handed_at": _text(row["handed_at"]),
        "delivered_at": _text(row["delivered_at"]),
        "decided_at": _text(row["decided_at"]),
        "decided_by": row["decider"],
        "proof_sha256": row["proof_sha256"].hex() if row["proof_sha256"] else None,
        "receipt_by": row["receipt_giver"],
        "receipt_sha256": row["receipt_sha256"].hex() if row["receipt_sha256"] else None,
        "content_sha256": row["content_sha256"].hex(),
    }


def attempt(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an attempt as it is shown."""
    meaning = delivery.OUTCOMES.get(row["outcome"]) if row["outcome"] else None
    times = {"at": _text(row["at"]), "ended_at": _text(row["ended_at"])}
    said = {"outcome": row["outcome"], "meaning": meaning, "response_code": row["response_code"]}
    return {"attempt": row["attempt_no"], **times, **said}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


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
) -> dict[str, Any]:
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
    _require_said(decision, at, proof)
    with service.pool.transaction() as connection:
        row = _locked(connection, caller, delivery_id)
        if not _possible(row, decision):
            raise WrongState(
                f"The delivery is {row['status']}, by {row['channel']}; {decision} is not possible.",
                extra={"status": row["status"], "channel": row["channel"]},
            )
        if decision == "delivered" and at and proof:
            _receive(connection, caller, row, at, proof)
        else:
            _decide(service, connection, caller, row, decision, at, proof)
        found = notice_deliveries.show(connection, caller.organization_id, delivery_id)
    if decision == "send_again":
        wake_workers(service)
    return shown(found or row)


def _require_said(decision: Decision, at: datetime | None, proof: bytes | None) -> None:
    if decision in {"handed_over", "delivered"} and at is None:
        raise TimeNeeded(f"Say when it was {decision.replace('_', ' ')}, as `at`.")
    if decision == "delivered" and proof is None:
        raise ProofNeeded("That it was delivered is said by a receipt.")


def _decide(
    service: Service,
    connection: Connection,
    caller: Caller,
    row: Mapping[str, Any],
    decision: Decision,
    at: datetime | None,
    proof: bytes | None,
) -> None:
    handed_at = (
        _moment(connection, row["created_at"], at) if decision == "handed_over" and at is not None else None
    )
    notice_deliveries.decide(
        connection,
        row["delivery_id"],
        status="waiting" if handed_at is None else "handed_over",
        channel="paper" if decision == "print" else row["channel"],
        handed_at=handed_at,
        proof=proof if handed_at else None,
        caller_id=caller.caller_id,
    )
    if handed_at is not None:
        key = takedown.key_of(service, row["client_id"])
        written = takedown.open_sealed(key, row["sealed"], WRITTEN) or {}
        values = written.get("values", {})
        run_clock(service, connection, row, handed_at, values, caller_id=caller.caller_id)
    elif decision == "send_again":
        jobs.enqueue(connection, "deliver_notice", row["delivery_id"])


def _receive(
    connection: Connection, caller: Caller, row: Mapping[str, Any], at: datetime, receipt: bytes
) -> None:
    delivered_at = _moment(connection, row["handed_at"], at)
    notice_deliveries.receive(
        connection, row["delivery_id"], at=delivered_at, receipt=receipt, caller_id=caller.caller_id
    )
    subject = {"notice_id": row["notice_id"], "campaign_id": row["campaign_id"]}
    said = {"delivery_id": row["delivery_id"], "sha256": receipt, "channel": row["channel"]}
    record_event(connection, caller, "notice.delivered", entry_id=row["entry_id"], subject=subject, said=said)


def _possible(row: Mapping[str, Any], decision: Decision) -> bool:
    """Return whether the decision is possible.

    Only a person hands over a letter on paper. A machine's delivery can be declared `handed_over` only if it
    is unsure or dead: then the platform may confirm that it has it.
    """
    if row["status"] not in _FROM[decision]:
        return False
    if decision == "delivered":
        return row["kind"] == "notice" and row["delivered_at"] is None
    if row["channel"] == "paper":
        return decision == "handed_over"
    return decision != "handed_over" or row["status"] != "waiting"


def _locked(connection: Connection, caller: Caller, delivery_id: UUID) -> dict[str, Any]:
    where = notice_deliveries.where(connection, delivery_id)
    if where is None or where[0] != caller.organization_id:
        raise UnknownDelivery(f"There is no delivery {delivery_id} of your organization.")
    notices.lock(connection, caller.organization_id, [where[1]])
    return notice_deliveries.lock(connection, delivery_id)


def _moment(connection: Connection, after: datetime, at: datetime) -> datetime:
    if at.tzinfo is None or not after <= at <= notice_deliveries.now(connection):
        raise BadTime(
            "`at` has its offset, and lies between what was before (`after`) and now.",
            extra={"after": after.isoformat()},
        )
    return at
