"""The review queue: waiting entries, each claimed by one reviewer at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, Literal
from uuid import UUID

from registry import lineage
from registry.catalogue.banks.model import Tier
from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.entries.errors import UnknownEntry
from registry.catalogue.entries.model.stored_entry import StoredEntry
from registry.catalogue.entries.service.details import Row, opened, sift_depicted
from registry.catalogue.entries.service.entries import words
from registry.core import cursor
from registry.core.audit import service as statements
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadTime, Conflict
from registry.core.identifiers import as_id
from registry.core.service import Service
from registry.core.tally import Tally
from registry.core.weeks import WeekValue, last_weeks
from registry.identity.callers.model import Caller
from registry.review.disputes import store as disputes
from registry.review.disputes.store import DisputeQuery
from registry.review.opinions import store as opinions
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.errors import ClaimedByAnother, ClaimSpent, NotClaimed, TooManyClaims
from registry.review.queue.model import Claim, Reason, ReviewedEntry
from registry.review.queue.schemas import (
    Claimed,
    Derived,
    DerivedSpan,
    EntryReview,
    KeptDecision,
    OpinionSummary,
    ReviewItem,
    ReviewPage,
    ReviewSummary,
)
from registry.review.queue.store import QueueQuery


def summarize_review(connection: Connection, caller: Caller, entry: StoredEntry) -> ReviewSummary | None:
    """Return what an entry's own organization sees of its review. None for another organization's entry."""
    if not entry.own:
        return None
    row = reviews.find(connection, caller.organization_id, entry.entry_id)
    if row is None:
        return None
    summary = OpinionSummary.model_validate(opinions.summary(connection, entry.entry_id))
    return ReviewSummary(
        own_tier=row.own_tier,
        own_original_tier=row.own_original_tier,
        suspended_for=row.suspended_for,
        opinions=summary,
    )


def find_review(
    connection: Connection, caller: Caller, entry_id: UUID, *, lock: bool = False
) -> ReviewedEntry:
    """Return an entry that the caller may see, including one that does not answer now.

    `lock`: the entry does not change until the transaction ends. Raises `NotFound` (`unknown_entry`).
    """
    if lock:
        reviews.lock(connection, entry_id)
    row = reviews.find(connection, caller.organization_id, entry_id)
    if row is None:
        raise UnknownEntry(
            f"There is no entry {entry_id} that this key may see.",
            next_step="`fakeprint review list` shows what waits; `fakeprint entries` lists yours.",
        )
    return row


def require_claim(connection: Connection, caller: Caller, entry_id: UUID) -> Claim:
    """Return the caller's claim of an entry, locked. Raises `Conflict` (`claimed_by_another`,
    `not_claimed`)."""
    claim = reviews.claim_of(connection, entry_id)
    if claim is None or not claim.holds:
        raise NotClaimed(next_step=f"Look at it and claim it: `fakeprint review claim {entry_id}`.")
    if claim.caller_id != caller.caller_id:
        raise claimed_by_another(claim)
    return claim


def claimed_by_another(claim: Claim) -> Conflict:
    """Return the error for an entry that another reviewer has claimed."""
    until = claim.lease_until.isoformat()
    return ClaimedByAnother(
        f"Another reviewer has claimed the entry until {until}.", extra={"lease_until": until}
    )


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which waiting entries to list.

    `bank`: name or id. `text`: words that must all occur in the title or the claim. `since`, `until`: bounds
    of the registration time; `until` is exclusive. `person`: as in `EntryFilter`. Of another organization's
    entry only public names count, and none if it is suspended.
    """

    bank: str | None = None
    reason: Reason | None = None
    claimed: Literal["mine", "others", "none"] | None = None
    unverified: bool | None = None
    text: str | None = None
    tier: Tier | None = None
    since: datetime | None = None
    until: datetime | None = None
    person: str | None = None


def list_reviews(
    service: Service,
    caller: Caller,
    wanted: ReviewFilter = ReviewFilter(),
    *,
    limit: int = 50,
    after: str | None = None,
) -> ReviewPage:
    """List waiting entries in the banks that the caller sees, most urgent first, then oldest. Needs `review`.

    Entries that the caller has reviewed and that wait for another reviewer are left out.

    Raises `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`), `BadInput` (`bad_cursor`), `Forbidden`
    for an enrolled person without the scope `faces`, `Unavailable` (`keys_unavailable`).
    """
    caller.require("review")
    person_id = as_id(wanted.person) if wanted.person else None
    if person_id:
        caller.require("faces")
    named = None if person_id else wanted.person
    place = _decode(after) if after else None
    with service.pool.transaction() as connection:
        bank = find_bank(connection, caller, wanted.bank)
        query = _query(caller, wanted, bank.bank_id if bank else None)

        def read(last: Row | None, most: int) -> list[Row]:
            since = (last["priority"], last["since"], last["entry_id"]) if last else place
            return reviews.queue(connection, query, after=since, limit=most)

        if not named:
            rows = read(None, limit + 1)
            rows, ends = rows[:limit], rows[limit - 1] if len(rows) > limit else None
        else:
            rows, ends = sift_depicted(
                service, connection, named, read, is_own=lambda row: bool(row["own"]), limit=limit
            )
    return ReviewPage(items=[_item(row) for row in rows], next=_encode(ends) if ends else None)


def count_unclaimed(service: Service, caller: Caller) -> Tally:
    """Count the entries of `list_reviews` that nobody has claimed. Needs `review`."""
    caller.require("review")
    with service.pool.transaction() as connection:
        return reviews.count_unclaimed(connection, caller)


def count_own_claims(service: Service, caller: Caller) -> Tally:
    """Count the entries that the caller has claimed. Due: when the first claim ends. Needs `review`."""
    caller.require("review")
    with service.pool.transaction() as connection:
        return reviews.count_own_claims(connection, caller)


MOST_COUNTED: Final = 50_000
"""Decisions that are read for statistics."""


def weekly_reviews(service: Service, caller: Caller, zone: tzinfo = UTC) -> list[WeekValue]:
    """Return the decisions of the organization's reviewers in the last weeks, and how long entries waited.

    `decisions`: their number. `hours`: from the registration to the first decision, the median. Needs
    `review`.
    """
    caller.require("review")
    last = last_weeks(datetime.now(UTC), zone)
    with service.pool.transaction() as connection:
        return reviews.weeks(connection, caller.organization_id, last, limit=MOST_COUNTED)


def _query(caller: Caller, wanted: ReviewFilter, bank_id: UUID | None) -> QueueQuery:
    person_id = as_id(wanted.person) if wanted.person else None
    return QueueQuery(
        organization_id=caller.organization_id,
        caller_id=caller.caller_id,
        bank_id=bank_id,
        reason=wanted.reason,
        claimed=wanted.claimed,
        unverified=wanted.unverified,
        words=words(wanted.text),
        tier=wanted.tier,
        registered_from=wanted.since,
        registered_before=wanted.until,
        person_id=person_id,
        detailed=bool(wanted.person) and person_id is None,
    )


def _encode(row: Row) -> str:
    return cursor.encode(row["priority"], row["since"].isoformat(), row["entry_id"])


def _item(row: Row) -> ReviewItem:
    claimed = None
    if row["lease_until"] is not None:
        claimed = {"by": "you" if row["mine"] else "another", "lease_until": row["lease_until"]}
    return ReviewItem.model_validate(row | {"claimed": claimed})


def _decode(given: str) -> tuple[int, datetime, UUID]:
    priority, since, entry_id = cursor.decode(given, words=3)
    try:
        return int(priority) % 10, datetime.fromisoformat(since), UUID(entry_id)
    except ValueError as error:
        raise cursor.refused() from error


def get_review(service: Service, caller: Caller, entry_id: UUID) -> EntryReview:
    """Return an entry with all that a reviewer needs. Needs `review`.

    The answer holds its details, its media with those that the caller has seen, the alignment of its fakes
    with its originals, decisions, disputes, opinions, and files that other entries hold in the other role.
    Places and evidence are shown only to reviewers of its own organization. Reviewers are shown by
    organization; those of the caller's own organization by id and name.

    Raises `NotFound` (`unknown_entry`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("review")
    with service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id)
        details = opened(service, connection, entry_id, row.language).shown(own=row.own)
        viewed = reviews.looked_at(connection, entry_id, caller.caller_id)
        query = DisputeQuery(reviews=True, entry_id=entry_id)
        open_disputes = disputes.page(connection, caller.organization_id, query, after=None, limit=100)
        claim = reviews.claim_of(connection, entry_id)
        return EntryReview.model_validate(
            {
                **asdict(row),
                **details,
                "own_tier": row.own_tier if row.own else None,
                "own_original_tier": row.own_original_tier if row.own else None,
                "private_case": asdict(row) if row.own and row.standing else None,
                "registered_by_you": row.created_by == caller.caller_id,
                "media": [
                    medium
                    | {
                        "added_by_you": medium["added_by"] == caller.caller_id,
                        "seen_by_you": medium["asset_id"] in viewed,
                    }
                    for medium in reviews.media(connection, entry_id)
                ],
                "derived": [_derived(row) for row in lineage.derivations(connection, entry_id)],
                "decisions": [
                    _decision(service, caller, row) for row in reviews.history(connection, entry_id)
                ],
                "conflicts": reviews.conflicts(connection, caller.organization_id, entry_id),
                "disputes": open_disputes,
                "opinions": opinions.summary(connection, entry_id),
                "claimed": _claimed(claim, caller),
            }
        )


def _derived(row: Mapping[str, Any]) -> Derived:
    spans = [
        DerivedSpan(fake=span.query, original=span.asset, speed=span.speed, mirrored=span.mirrored)
        for span in row["spans"]
    ]
    return Derived.model_validate({**row, "spans": spans})


def _decision(service: Service, caller: Caller, row: Mapping[str, Any]) -> KeptDecision:
    key = statements.keys(service).find(row["review_id"]) if row["sealed"] is not None else None
    texts = statements.unpack(key, row["sealed"], statements.REASONS) or {}
    own = row["organization_id"] == caller.organization_id
    order = None
    if row["order_sha256"] is not None:
        text = {"court": None, "docket": None, "date": None} | (texts.get("order") or {})
        order = text | {"document_sha256": row["order_sha256"]}
    return KeptDecision.model_validate(
        {
            **row,
            "caller_id": row["caller_id"] if own else None,
            "caller": row["caller"] if own else None,
            "reason": texts.get("reason"),
            "order": order,
            "stands": row["superseded_at"] is None,
        }
    )


def _claimed(claim: Claim | None, caller: Caller) -> Claimed | None:
    if claim is None or not claim.holds:
        return None
    by: Literal["you", "another"] = "you" if claim.caller_id == caller.caller_id else "another"
    return Claimed(by=by, lease_until=claim.lease_until.isoformat())


def claim_entry(
    service: Service, caller: Caller, entry_id: UUID, *, minutes: float | None = None
) -> EntryReview:
    """Claim an entry and return it as `get_review` does. Claiming it again extends the lease. Needs
    `review`.

    A decision covers the media that are there at the time of the claim.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`second_reviewer`), `Conflict` (`claimed_by_another`,
    `claim_spent`, `too_many_claims`), `BadInput` (`bad_time`).
    """
    caller.require("review")
    lease = _lease(minutes)
    with service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id, lock=True)
        review.require_votes(caller.caller_id, {row.created_by})
        media = [medium["asset_id"] for medium in reviews.media(connection, entry_id)]
        previous = reviews.claim_of(connection, entry_id)
        held = previous is not None and previous.holds and previous.caller_id == caller.caller_id
        if reviews.claims(connection, caller.caller_id) >= review.MOST_CLAIMS and not held:
            raise TooManyClaims(f"You have {review.MOST_CLAIMS} entries before you.")
        until = reviews.claim(
            connection, entry_id=entry_id, caller_id=caller.caller_id, media=media, lease=lease
        )
        if until is None:
            raise _refused(caller, previous)
        record_event(
            connection,
            caller,
            "review.claimed",
            organization_id=row.owner_id,
            entry_id=entry_id,
            said={"lease_until": until.astimezone(UTC).isoformat()},
        )
    return get_review(service, caller, entry_id)


def _lease(minutes: float | None) -> timedelta:
    most = review.LONGEST.total_seconds() / 60
    if minutes is None:
        return review.LEASE
    if not 1 <= minutes <= most:
        raise BadTime(f"A claim is for 1 to {most:g} minutes.")
    return timedelta(minutes=minutes)


def _refused(caller: Caller, previous: Claim | None) -> Conflict:
    if previous is not None and previous.caller_id != caller.caller_id:
        return claimed_by_another(previous)
    again_at = (previous.lease_until if previous else datetime.now(UTC)) + review.PAUSE
    return ClaimSpent(
        "You have had the entry for as long as a claim lasts.",
        next_step=f"Others may claim it now; you may again at {again_at.isoformat()}.",
        extra={"again_at": again_at.isoformat()},
    )


def release_entry(service: Service, caller: Caller, entry_id: UUID) -> bool:
    """End the caller's claim. False if there was none. Needs `review`. Raises `NotFound`
    (`unknown_entry`)."""
    caller.require("review")
    with service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id, lock=True)
        ended = reviews.end_claim(connection, entry_id, caller.caller_id)
        if ended:
            owner_id = row.owner_id
            record_event(connection, caller, "review.released", organization_id=owner_id, entry_id=entry_id)
    return ended
