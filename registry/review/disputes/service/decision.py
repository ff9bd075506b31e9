"""Decide disputes, and apply the decision to the entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from registry.catalogue import entries
from registry.core.audit import service as statements
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import WrongState
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.model import prose
from registry.review.disputes import model as dispute
from registry.review.disputes import store as disputes
from registry.review.disputes.errors import NeedsRemedy, NoSuchMedium
from registry.review.disputes.model import Closing, Remedy, StoredDispute, Why
from registry.review.disputes.service.disputes import find_dispute, get_dispute, highest, side_of, suspend
from registry.review.disputes.service.settlement import settle_dispute
from registry.review.errors import NeedsReason
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.model import Order, ReviewedEntry
from registry.review.queue.schemas import Dispute
from registry.review.queue.service.queue import find_review, require_claim
from registry.review.queue.service.tiers import recompute_tiers


@dataclass(frozen=True, slots=True, repr=False)
class Ruling:
    """A reviewer's decision on a dispute.

    `remedy`, for an upheld dispute: `withdrawn` withdraws the entry, `corrected` turns its fakes `assets`
    into originals. `order`: a court order, required against an entry under a court order.
    """

    act: Literal["accept", "uphold", "reject"]
    reason_code: Why | None = None
    reason: str | None = None
    remedy: Remedy | None = None
    assets: Sequence[UUID] = ()
    order: Mapping[str, str] | None = None


def decide_dispute(service: Service, caller: Caller, dispute_id: UUID, ruling: Ruling) -> Dispute:
    """Decide a dispute, and withdraw, correct or restore the entry in the same commit.

    Needs `review` and a claim of the entry. The caller must be of neither party and must not have reviewed
    the entry.

    Raises `NotFound` (`unknown_dispute`), `Forbidden` (`party_decides`), `Conflict` (`not_claimed`,
    `claimed_by_another`, `dispute_closed`, `not_heard`, `needs_order`, `wrong_state`), `BadInput`
    (`needs_reason`, `needs_remedy`, `no_such_medium`, `bad_label`, `bad_time`, `bad_sha256`).
    """
    caller.require("review")
    _check(ruling)
    order = review.order(**ruling.order, now=datetime.now(UTC)) if ruling.order is not None else None
    reason = prose(ruling.reason, "reason") if ruling.reason else None
    with service.pool.transaction() as connection:
        row = find_dispute(connection, caller, dispute_id, lock=True)
        _require_neutral(connection, caller, row)
        dispute.after(row.state, ruling.act)
        require_claim(connection, caller, row.entry_id)
        entry = find_review(connection, caller, row.entry_id)
        if ruling.act != "reject":
            dispute.require_order(highest(entry), ordered=order is not None)
        if ruling.act == "accept":
            _accept(connection, caller, row, entry, order)
        else:
            if ruling.act == "uphold":
                dispute.require_heard(row.state, row.answer_due, row.now)
            if ruling.remedy == "corrected":
                _correct(connection, caller, entry, ruling.assets)
            settle_dispute(connection, caller, row, _closing(service, dispute_id, ruling, order, reason))
            if ruling.remedy == "withdrawn":
                _withdraw(connection, caller, row, entry, ruling)
        reviews.end_claim(connection, row.entry_id, caller.caller_id)
    return get_dispute(service, caller, dispute_id)


def _check(ruling: Ruling) -> None:
    if ruling.act != "accept" and ruling.reason_code is None:
        raise NeedsReason(
            "A decision needs a `reason_code`.",
            next_step=f"Send it, or give --code: one of {', '.join(dispute.WHYS)}.",
        )
    corrected = ruling.remedy == "corrected"
    if (ruling.act == "uphold") != (ruling.remedy is not None) or corrected != bool(ruling.assets):
        raise NeedsRemedy(
            "An upheld dispute needs a remedy, and `corrected` needs assets. Other decisions take neither."
        )


def _require_neutral(connection: Connection, caller: Caller, row: StoredDispute) -> None:
    votes = reviews.votes(connection, row.entry_id)
    dispute.require_neutral(
        side_of(row, caller),
        opened=row.opened_by == caller.caller_id,
        voted=any(vote["caller_id"] == caller.caller_id for vote in votes),
    )


def _accept(
    connection: Connection, caller: Caller, row: StoredDispute, entry: ReviewedEntry, order: Order | None
) -> None:
    if row.accepted_at is not None:
        raise WrongState("The dispute was already accepted.")
    disputes.accept(connection, row.dispute_id, caller.caller_id, order.document_sha256 if order else None)
    if entry.status == "matchable":
        suspend(connection, caller, entry, row.dispute_id)


def _closing(
    service: Service, dispute_id: UUID, ruling: Ruling, order: Order | None, reason: str | None
) -> Closing:
    key = statements.keys(service).find(dispute_id)
    text = {"reason": reason, "order": order.record() if order else None}
    sealed, commitment = statements.pack(key, text, statements.REASONS) if key else (None, None)
    return Closing(
        "upheld" if ruling.act == "uphold" else "rejected",
        ruling.remedy,
        ruling.reason_code or "other",
        order_sha256=order.document_sha256 if order else None,
        sealed=sealed,
        statement=commitment.digest if commitment else None,
    )


def _withdraw(
    connection: Connection, caller: Caller, row: StoredDispute, entry: ReviewedEntry, ruling: Ruling
) -> None:
    for open_dispute in disputes.of_entry(connection, entry.entry_id):
        closing = Closing("withdrawn", reason_code="settled")
        disputes.close(connection, open_dispute["dispute_id"], caller, closing)
    if entry.status != "withdrawn":
        entries.set_status(connection, entry.entry_id, review.move(entry.status, "withdrawn"))
    reviews.unqueue_reasons(connection, entry.entry_id, *review.REASONS)
    record_event(
        connection,
        caller,
        "entry.withdrawn",
        organization_id=row.owner_id,
        entry_id=entry.entry_id,
        subject={"dispute_id": row.dispute_id},
        said={"reason_code": ruling.reason_code},
    )


def _correct(connection: Connection, caller: Caller, entry: ReviewedEntry, assets: Sequence[UUID]) -> None:
    """Turn fakes of the entry into unreviewed originals. The tiers of its other media follow from their
    reviews."""
    corrected = entries.make_originals(connection, entry.entry_id, assets)
    if set(corrected) != set(assets):
        missing = sorted(str(asset) for asset in set(assets) - set(corrected))
        raise NoSuchMedium(f"These are not fakes of the entry: {', '.join(missing)[:200]}.")
    recompute_tiers(connection, entry)
    record_event(
        connection,
        caller,
        "entry.changed",
        organization_id=entry.owner_id,
        entry_id=entry.entry_id,
        said={"corrected_to_original": list(corrected)},
    )
