"""Decide on entries, and withdraw them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue import entries
from registry.catalogue.entries.errors import RoleConflict
from registry.catalogue.entries.schemas.registration import Entry
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.status import settle_entries
from registry.catalogue.entries.service.visibility import own_entry
from registry.catalogue.errors import EntryWithdrawn
from registry.catalogue.media.model import Role
from registry.core.audit import service as statements
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.model import prose
from registry.review.disputes import store as disputes
from registry.review.disputes.model import Closing
from registry.review.errors import NeedsOrder, NeedsReason, WrongStatus
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.errors import ForgedFingerprint, NothingToReview, PicturesUnseen, Unverified
from registry.review.queue.model import Act, NewReview, Order, ReviewedEntry, Withdrawn
from registry.review.queue.schemas import EntryReview
from registry.review.queue.service.queue import find_review, get_review, require_claim
from registry.review.queue.service.tiers import RecomputedTiers, recompute_tiers


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    """A reviewer's decision.

    `covers`: fakes, originals or both. `reason`: personal, stored encrypted. `unseen_ok`: accept an approval
    although the caller never saw clear pictures of the media that it covers. The log records these media; the
    console asks first.
    """

    act: Act
    covers: tuple[Role, ...] = ("fake", "original")
    reason_code: str | None = None
    reason: str | None = None
    order: Mapping[str, str] | None = None
    unseen_ok: bool = True


RESTORABLE: Final[list[Callable[[Connection, UUID], None]]] = []
"""Checks of rooms above before an entry is restored. `registry/app/wiring.py` fills the table."""


def decide_entry(service: Service, caller: Caller, entry_id: UUID, decision: Decision) -> EntryReview:
    """Decide on an entry, end the claim, and return the entry as `get_review` does. Needs `review` and a
    claim.

    An approval takes effect together with another caller's (`review.queue.model.trust`).

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`second_reviewer`), `Conflict` (`not_claimed`,
    `claimed_by_another`, `wrong_status`, `unverified`, `forged_fingerprint`, `role_conflict`,
    `nothing_to_review`, `pictures_unseen`), `BadInput` (`bad_label`, `bad_time`, `bad_sha256`,
    `needs_reason`, `needs_order`).
    """
    caller.require("review")
    order = _order(decision)
    reason = prose(decision.reason, "reason") if decision.reason else None
    review_id = uuid4()
    with statements.keys(service).making(review_id) as key, service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id, lock=True)
        claim = require_claim(connection, caller, entry_id)
        covered = _covered(connection, caller, row, decision, claim.media)
        unseen = _unseen(connection, caller, entry_id, decision, covered)
        text = {"reason": reason, "order": order.record() if order else None}
        sealed, commitment = statements.pack(key, text, statements.REASONS)
        new = NewReview(
            review_id=review_id,
            entry_id=entry_id,
            caller_id=caller.caller_id,
            organization_id=caller.organization_id,
            decision=decision.act,
            administers="admin" in caller.roles,
            reason_code=decision.reason_code,
            order_sha256=order.document_sha256 if order else None,
            sealed=sealed,
            covers=[(medium["asset_id"], medium["role"]) for medium in covered],
        )
        reviews.decide(connection, new)
        facts = _facts(caller, decision, order, covered) | {"statement": commitment.digest, "unseen": unseen}
        _record(connection, caller, row, review_id, facts)
        _apply(connection, caller, row, decision.act)
        reviews.end_claim(connection, entry_id, caller.caller_id)
    return get_review(service, caller, entry_id)


def _facts(
    caller: Caller, decision: Decision, order: Order | None, covered: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the recorded facts of a decision: codes, ids and digests."""
    return {
        "decision": decision.act,
        "reason_code": decision.reason_code,
        "order_sha256": order.document_sha256 if order else None,
        "media": [row["asset_id"] for row in covered],
        "by": caller.organization_id,
    }


def _record(
    connection: Connection, caller: Caller, row: ReviewedEntry, review_id: UUID, facts: Mapping[str, Any]
) -> None:
    record_event(
        connection,
        caller,
        "review.decided",
        organization_id=row.owner_id,
        entry_id=row.entry_id,
        subject={"review_id": review_id},
        said=facts,
    )


def _unseen(
    connection: Connection,
    caller: Caller,
    entry_id: UUID,
    decision: Decision,
    covered: Sequence[Mapping[str, Any]],
) -> list[UUID]:
    """Return the approved media of which the caller never saw a clear picture.

    Raises `Conflict` (`pictures_unseen`) if the caller did not accept that.
    """
    if decision.act != "approve":
        return []
    viewed = reviews.looked_at(connection, entry_id, caller.caller_id)
    unseen = sorted({row["asset_id"] for row in covered} - viewed)
    if unseen and not decision.unseen_ok:
        raise PicturesUnseen(
            f"You were not shown pictures of {len(unseen)} of the files that you approve.",
            extra={"asset_ids": [str(asset_id) for asset_id in unseen]},
        )
    return unseen


def _order(decision: Decision) -> Order | None:
    if decision.act == "reject" and decision.reason_code is None:
        raise NeedsReason(
            "A rejection needs a `reason_code`.",
            next_step=f"Send it, or give --code: one of {', '.join(review.WHYS)}.",
        )
    if (decision.act == "court_order") != (decision.order is not None):
        raise NeedsOrder("An `order` comes with the decision `court_order`, and with no other.")
    return review.order(**decision.order, now=datetime.now(UTC)) if decision.order is not None else None


def _covered(
    connection: Connection, caller: Caller, row: ReviewedEntry, decision: Decision, claimed: Sequence[UUID]
) -> list[dict[str, Any]]:
    """Return the media that the decision covers: those of the claim that are still there."""
    media = [
        medium
        for medium in reviews.media(connection, row.entry_id)
        if medium["asset_id"] in set(claimed) and medium["role"] in decision.covers
    ]
    review.require_votes(caller.caller_id, {row.created_by, *(medium["added_by"] for medium in media)})
    if decision.act == "restore":
        if row.status not in {"suspended", "withdrawn"} or row.suspended_for == "dispute":
            raise WrongStatus("The entry is neither withdrawn nor rejected.")
        for require in RESTORABLE:
            require(connection, row.entry_id)
        _no_forgery(media)
        return []
    if row.status != "matchable":
        raise WrongStatus(f"The entry is {row.status}.", extra={"entry_status": row.status})
    if decision.act == "reject":
        return []
    if not media:
        raise NothingToReview("There is no such medium that you have claimed.")
    _no_forgery(media)
    unproved = [medium for medium in media if not medium["recomputed"]]
    if unproved:
        raise Unverified(
            f"{len(unproved)} of {len(media)} media are known by a document alone, which anybody can write.",
            next_step=f"Send the file: `fakeprint review verify {row.entry_id} FILE`.",
            extra={"asset_ids": [str(medium["asset_id"]) for medium in unproved]},
        )
    _no_conflict(connection, caller, row, media)
    return media


def _no_forgery(media: Sequence[Mapping[str, Any]]) -> None:
    forged = [str(medium["asset_id"]) for medium in media if "forged_fingerprint" in medium["notes"]]
    if forged:
        raise ForgedFingerprint(extra={"asset_ids": forged})


def _no_conflict(
    connection: Connection, caller: Caller, row: ReviewedEntry, media: Sequence[Mapping[str, Any]]
) -> None:
    """Raise `Conflict` (`role_conflict`) if the same file is reviewed in the other role elsewhere.

    A file that reviewers found to be a fake cannot become authentic in another entry, and vice versa.
    An unreviewed entry is no obstacle, since anybody can register one.
    """
    covered = {(medium["asset_id"], medium["role"]) for medium in media}
    against = [
        conflict
        for conflict in reviews.conflicts(connection, caller.organization_id, row.entry_id)
        if conflict["tier"] != "unreviewed" and (conflict["asset_id"], conflict["role"]) in covered
    ]
    if against:
        raise RoleConflict(
            "The same file is reviewed in the other role elsewhere: one of the two is wrong.",
            next_step="Dispute the other entry, or reject this one.",
            extra={"entry_ids": sorted({str(conflict["entry_id"]) for conflict in against})},
        )


def _apply(connection: Connection, caller: Caller, row: ReviewedEntry, act: Act) -> None:
    """Recompute the tiers, and suspend or restore the entry."""
    entry_id, owner = row.entry_id, row.owner_id
    if act == "restore":
        _restore(connection, caller, row)
        return
    recomputed = recompute_tiers(connection, row)
    if recomputed.changed:
        tiers = {
            name: getattr(recomputed, name)
            for name in ("tier", "original_tier", "own_tier", "own_original_tier")
        }
        record_event(
            connection, caller, "entry.reviewed", organization_id=owner, entry_id=entry_id, said=tiers
        )
    reviews.unqueue_reasons(connection, entry_id, "opinions", "role_conflict")
    if recomputed.complete:
        reviews.unqueue_reasons(connection, entry_id, "unreviewed", "added_media")
    elif row.tier != "unreviewed" and recomputed.tier == "unreviewed":
        reviews.enqueue_entry(connection, entry_id, "unreviewed")
    if act == "reject" and _rejected(row, recomputed):
        entries.set_status(connection, entry_id, review.move(row.status, "suspended"), "rejected")
        reviews.unqueue_reasons(connection, entry_id, "unreviewed", "added_media")
        record_event(
            connection,
            caller,
            "entry.suspended",
            organization_id=owner,
            entry_id=entry_id,
            said={"reason_code": "rejected"},
        )


def _rejected(row: ReviewedEntry, recomputed: RecomputedTiers) -> bool:
    return review.rejected(
        recomputed.votes, owner=row.owner_id, registrars={row.created_by}, tier=recomputed.tier
    )


def _restore(connection: Connection, caller: Caller, row: ReviewedEntry) -> None:
    entry_id = row.entry_id
    ending = reviews.ending(connection, entry_id)
    votes = recompute_tiers(connection, row).votes
    if not review.restored(
        votes, owner=row.owner_id, withdrawn_by=ending.by_owner, rejected=ending.against_owner
    ):
        return
    answered, asset_id = reviews.answered_before(connection, entry_id)
    after: review.Status = "matchable" if answered else "pending"
    entries.set_status(connection, entry_id, review.move(row.status, after))
    reviews.supersede(connection, entry_id, ("restore", "withdraw", "reject"))
    if not answered and asset_id is not None:
        settle_entries(connection, caller, asset_id)
    recompute_tiers(connection, row)
    record_event(connection, caller, "entry.restored", organization_id=row.owner_id, entry_id=entry_id)


def withdraw_entry(
    service: Service, caller: Caller, entry_id: UUID, *, reason_code: Withdrawn, reason: str | None = None
) -> Entry:
    """Withdraw an entry: it answers no lookup after this commit, and its disputes are settled. Needs
    `register`.

    Only reviewers can restore it. `reason` is stored encrypted.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Conflict` (`entry_withdrawn`),
    `BadInput` (`bad_label`).
    """
    caller.require("register")
    reason_text = prose(reason, "reason") if reason else None
    review_id = uuid4()
    with statements.keys(service).making(review_id) as key, service.pool.transaction() as connection:
        own_entry(connection, caller, entry_id)
        row = find_review(connection, caller, entry_id, lock=True)
        if row.status == "withdrawn":
            raise EntryWithdrawn
        sealed, commitment = statements.pack(key, {"reason": reason_text}, statements.REASONS)
        new = NewReview(
            review_id=review_id,
            entry_id=entry_id,
            caller_id=caller.caller_id,
            organization_id=caller.organization_id,
            decision="withdraw",
            reason_code=reason_code,
            sealed=sealed,
        )
        reviews.decide(connection, new)
        entries.set_status(connection, entry_id, review.move(row.status, "withdrawn"))
        _settle(connection, caller, entry_id)
        reviews.unqueue_reasons(connection, entry_id, *review.REASONS)
        record_event(
            connection,
            caller,
            "entry.withdrawn",
            entry_id=entry_id,
            subject={"review_id": review_id},
            said={"reason_code": reason_code, "statement": commitment.digest},
        )
    return show_entry(service, caller, entry_id)


def _settle(connection: Connection, caller: Caller, entry_id: UUID) -> None:
    """Close the entry's open disputes as upheld, since withdrawal is the remedy."""
    for dispute in disputes.of_entry(connection, entry_id):
        closing = Closing("upheld", "withdrawn", "settled")
        disputes.close(connection, dispute["dispute_id"], caller, closing)
        for party in {caller.organization_id, dispute["organization_id"]}:
            record_event(
                connection,
                caller,
                "dispute.decided",
                organization_id=party,
                entry_id=entry_id,
                subject={"dispute_id": dispute["dispute_id"]},
                said={"outcome": "upheld", "remedy": "withdrawn", "reason_code": "settled"},
            )
