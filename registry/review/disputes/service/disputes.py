"""Open, answer, list, withdraw and erase disputes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID, uuid4

from registry.catalogue import entries
from registry.catalogue.entries.errors import UnknownEntry
from registry.catalogue.entries.model.entry import Tier, rank
from registry.catalogue.errors import ForeignBank
from registry.core import cursor
from registry.core.audit import service as statements
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import FakeprintError
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.model import prose
from registry.review.disputes import model as disputes_dispute
from registry.review.disputes import store as disputes
from registry.review.disputes.errors import (
    NotOpener,
    StatementErased,
    TooManyDisputes,
    UnknownDispute,
    UnknownReview,
)
from registry.review.disputes.model import Closing, Kind, OpenedDispute, Past, Side, Standing, StoredDispute
from registry.review.disputes.service.settlement import settle_dispute
from registry.review.disputes.store import DisputeQuery
from registry.review.errors import WrongStatus
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.model import ReviewedEntry
from registry.review.queue.schemas import Dispute, DisputePage, DisputeSummary, ErasedReview
from registry.review.queue.service.queue import find_review


def find_dispute(
    connection: Connection, caller: Caller, dispute_id: UUID, *, lock: bool = False
) -> StoredDispute:
    """Return a dispute that the caller may see.

    Its parties may see it, and reviewers who see its entry. A dispute of a private intake case is visible
    only to the party that opened it and to reviewers. `lock`: the dispute and its entry do not change until
    the transaction ends.

    Raises `NotFound` (`unknown_dispute`).
    """
    entry_id = disputes.entry_of(connection, dispute_id)
    if lock and entry_id is not None:
        reviews.lock(connection, entry_id)
    row = disputes.get_dispute(connection, caller.organization_id, dispute_id)
    if row is None or not _sees(row, caller):
        raise UnknownDispute(f"This key may see no dispute {dispute_id}.")
    return row


def _sees(row: StoredDispute, caller: Caller) -> bool:
    """In the owner's organization only reviewers see disputes of a private intake case.

    The texts may reveal whom the case is about.
    """
    side, reviews = side_of(row, caller), "review" in caller.roles
    if side in {"opener", "both"}:
        return True
    return (reviews or not row.private_case) if side == "owner" else (reviews and bool(row.sees))


def side_of(row: StoredDispute, caller: Caller) -> Side:
    """Return the caller's side. `both` if an organization disputes its own entry."""
    opener = row.organization_id == caller.organization_id
    owner = row.owner_id == caller.organization_id
    if opener and owner:
        return "both"
    return "opener" if opener else "owner" if owner else "neither"


def get_dispute(service: Service, caller: Caller, dispute_id: UUID) -> Dispute:
    """Return a dispute as its parties and its reviewers see it. Erased texts are null.

    The contact is shown to the opener and to those who decide, not to the entry's owner.

    Raises `NotFound` (`unknown_dispute`).
    """
    with service.pool.transaction() as connection:
        row = find_dispute(connection, caller, dispute_id)
    key = statements.keys(service).find(dispute_id)
    stated = statements.unpack(key, row.sealed, statements.STATEMENT) or {}
    answered = statements.unpack(key, row.answer_sealed, statements.ANSWER) or {}
    decided = statements.unpack(key, row.reasons_sealed, statements.REASONS) or {}
    side = side_of(row, caller)
    return Dispute.model_validate(
        {
            **asdict(row),
            "side": side,
            "statement": stated.get("statement"),
            "contact": None if side == "owner" else stated.get("contact"),
            "answer": answered.get("statement"),
            "reasons": decided.get("reason"),
            "order_sha256": row.order_hex,
        }
    )


Task = Literal["answer", "decide"]


@dataclass(frozen=True, slots=True)
class DisputeFilter:
    """Which disputes to list. `side`: the caller's organization opened them, or owns the entry. `task`: what
    waits for the caller: an answer of the owner, or a decision of a neutral reviewer."""

    side: Literal["opener", "owner"] | None = None
    is_open: bool | None = None
    entry_id: UUID | None = None
    task: Task | None = None


def list_disputes(
    service: Service,
    caller: Caller,
    filter_: DisputeFilter = DisputeFilter(),
    *,
    limit: int = 50,
    after: str | None = None,
) -> DisputePage:
    """List disputes, oldest first.

    Includes disputes with the caller's organization as a party and, for reviewers, those of every bank that
    they see. Disputes of a private intake case are listed only for reviewers and for the opener.

    Raises `BadInput` (`bad_cursor`).
    """
    with service.pool.transaction() as connection:
        query = DisputeQuery(
            "review" in caller.roles,
            filter_.side,
            filter_.is_open,
            filter_.entry_id,
            filter_.task,
            caller.caller_id,
        )
        position = _decode(after) if after else None
        rows = disputes.page(connection, caller.organization_id, query, after=position, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    next_cursor = cursor.encode(rows[-1]["opened_at"].isoformat(), rows[-1]["dispute_id"]) if more else None
    return DisputePage(disputes=[DisputeSummary.model_validate(row) for row in rows], next=next_cursor)


def _decode(text: str) -> tuple[datetime, UUID]:
    at, dispute_id = cursor.decode(text, words=2)
    try:
        return datetime.fromisoformat(at), UUID(dispute_id)
    except ValueError as error:
        raise cursor.refused() from error


DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, repr=False)
class Contest:
    """A dispute to be opened. `statement` and `contact` are stored encrypted."""

    kind: Kind
    standing: Standing
    statement: str
    contact: str | None = None


def open_dispute(service: Service, caller: Caller, entry_id: UUID, contest: Contest) -> Dispute:
    """Open a dispute. Any role may do so.

    An unreviewed entry is suspended in the same commit, within limits (`review.disputes.model.at_once`). Any
    other entry is suspended when a reviewer accepts the dispute.

    Raises `NotFound` (`unknown_entry`), `Conflict` (`dispute_repeated`, `wrong_status`), `TooMany`
    (`too_many_disputes`), `BadInput` (`bad_label`).
    """
    statement = prose(contest.statement, "statement")
    contact = label(contest.contact, "contact") if contest.contact else None
    dispute_id = uuid4()
    with statements.keys(service).making(dispute_id) as key, service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id, lock=True)
        if row.status not in {"matchable", "suspended"}:
            raise _gone(row, entry_id)
        past = _past(connection, caller, row)
        at_once = row.status == "matchable" and disputes_dispute.at_once(highest(row), contest.standing, past)
        sealed, commitment = statements.pack(
            key, {"statement": statement, "contact": contact}, statements.STATEMENT
        )
        new = OpenedDispute(
            dispute_id=dispute_id,
            entry_id=entry_id,
            kind=contest.kind,
            standing=contest.standing,
            opened_by=caller.caller_id,
            organization_id=caller.organization_id,
            owner_id=row.owner_id,
            sealed=sealed,
            at_once=at_once,
        )
        disputes.insert(connection, new)
        _record_opening(connection, caller, new, commitment.digest)
        if at_once:
            suspend(connection, caller, row, dispute_id)
        reviews.enqueue_entry(connection, entry_id, "dispute")
    return get_dispute(service, caller, dispute_id)


def _record_opening(connection: Connection, caller: Caller, new: OpenedDispute, statement: bytes) -> None:
    """Record that the dispute was opened. `statement`: the commitment to its texts."""
    record_event(
        connection,
        caller,
        "dispute.opened",
        organization_id=new.owner_id,
        entry_id=new.entry_id,
        subject={"dispute_id": new.dispute_id},
        said={
            "kind": new.kind,
            "standing": new.standing,
            "statement": statement,
            "at_once": new.at_once,
        },
    )


def suspend(connection: Connection, caller: Caller, row: ReviewedEntry, dispute_id: UUID) -> None:
    """Suspend the entry. It answers no lookup after this commit."""
    entries.set_status(connection, row.entry_id, review.move(row.status, "suspended"), "dispute")
    record_event(
        connection,
        caller,
        "entry.suspended",
        organization_id=row.owner_id,
        entry_id=row.entry_id,
        subject={"dispute_id": dispute_id},
        said={"reason_code": "dispute"},
    )


def highest(row: ReviewedEntry) -> Tier:
    """Return the higher of the entry's two tiers for other organizations."""
    tiers: list[Tier] = [row.tier, row.original_tier]
    return max(tiers, key=rank)


def _gone(row: ReviewedEntry, entry_id: UUID) -> FakeprintError:
    """Return the error for an entry that does not answer. Other organizations learn only that it is not
    there."""
    if row.own:
        return WrongStatus(f"The entry is {row.status}.")
    return UnknownEntry(f"There is no entry {entry_id} that this key may see.")


def _past(connection: Connection, caller: Caller, row: ReviewedEntry) -> Past:
    """Return the organization's earlier disputes. Raises `Conflict` or `TooMany` if it may not open
    another."""
    past = disputes.count_past(
        connection,
        entry_id=row.entry_id,
        organization_id=caller.organization_id,
        owner_id=row.owner_id,
    )
    disputes_dispute.require_new(past)
    if past.opened >= disputes_dispute.OPENED_A_DAY:
        raise TooManyDisputes(
            f"Your organization has opened {past.opened} disputes in 24 hours.",
            retry_after=DAY / disputes_dispute.OPENED_A_DAY,
        )
    return past


def answer_dispute(service: Service, caller: Caller, dispute_id: UUID, *, statement: str) -> Dispute:
    """Record the owner's answer. The dispute may be decided from now on. Only once. Needs `register`.

    The caller's organization must own the entry.

    Raises `NotFound` (`unknown_dispute`), `Forbidden` (`foreign_bank`), `Conflict` (`dispute_closed`,
    `wrong_state`, `statement_erased`), `BadInput` (`bad_label`).
    """
    caller.require("register")
    answer = prose(statement, "statement")
    with service.pool.transaction() as connection:
        row = find_dispute(connection, caller, dispute_id, lock=True)
        if side_of(row, caller) not in {"owner", "both"}:
            raise ForeignBank
        disputes_dispute.after(row.state, "answer")
        key = statements.keys(service).find(dispute_id)
        if key is None:
            raise StatementErased
        sealed, commitment = statements.pack(key, {"statement": answer}, statements.ANSWER)
        disputes.answer(connection, dispute_id, caller.caller_id, sealed)
        for party in {row.owner_id, row.organization_id}:
            record_event(
                connection,
                caller,
                "dispute.answered",
                organization_id=party,
                entry_id=row.entry_id,
                subject={"dispute_id": dispute_id},
                said={"statement": commitment.digest},
            )
    return get_dispute(service, caller, dispute_id)


def withdraw_dispute(service: Service, caller: Caller, dispute_id: UUID) -> Dispute:
    """Withdraw a dispute that the caller's organization opened. The entry answers again. Any role may do so.

    The organization cannot dispute the entry again for `AGAIN_DAYS`, as after a rejection.

    Raises `NotFound` (`unknown_dispute`), `Forbidden` (`not_opener`), `Conflict` (`dispute_closed`).
    """
    with service.pool.transaction() as connection:
        row = find_dispute(connection, caller, dispute_id, lock=True)
        if side_of(row, caller) not in {"opener", "both"}:
            raise NotOpener
        disputes_dispute.after(row.state, "withdraw")
        settle_dispute(connection, caller, row, Closing("withdrawn", reason_code="settled"))
    return get_dispute(service, caller, dispute_id)


def erase_dispute(service: Service, caller: Caller, dispute_id: UUID) -> Dispute:
    """Erase the texts of a dispute: statement, contact, answer and reasons. For the opener's organization.

    The key is destroyed, which makes the texts in backups unreadable too. The dispute itself and its outcome
    stay on record.

    Raises `NotFound` (`unknown_dispute`), `Forbidden` (`not_opener`).
    """
    with service.pool.transaction() as connection:
        row = find_dispute(connection, caller, dispute_id, lock=True)
        if side_of(row, caller) not in {"opener", "both"}:
            raise NotOpener
        disputes.erase(connection, dispute_id)
        record_event(
            connection,
            caller,
            "dispute.erased",
            organization_id=row.owner_id,
            entry_id=row.entry_id,
            subject={"dispute_id": dispute_id},
        )
        # Destroy the key before the commit. If the commit fails, the texts are erased anyway, as requested.
        statements.keys(service).destroy(dispute_id)
    return get_dispute(service, caller, dispute_id)


def erase_review(service: Service, caller: Caller, review_id: UUID) -> ErasedReview:
    """Erase the text of a decision, and the court and docket of its order. Codes and digests stay.

    For the organization of the reviewer who decided. Needs `review` or `admin`.

    Raises `NotFound` (`unknown_review`).
    """
    caller.require_any("review", "admin")
    with service.pool.transaction() as connection:
        row = reviews.one(connection, review_id)
        if row is None or row["organization_id"] != caller.organization_id:
            raise UnknownReview(f"Your organization has no decision {review_id}.")
        reviews.erase(connection, review_id)
        record_event(
            connection,
            caller,
            "review.erased",
            entry_id=row["entry_id"],
            subject={"review_id": review_id},
        )
        statements.keys(service).destroy(review_id)
    return ErasedReview(review_id=str(review_id), erased=True)
