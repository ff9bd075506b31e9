"""Rules of review: tiers from votes, status changes, claims, queue priorities. Pure.

Two reviewers make a medium `reviewed`; neither may have registered it. If both are of the same organization,
only that organization sees the tier. For others the medium stays unreviewed until a reviewer of another
organization confirms it, so that nobody can raise their own entries with keys of their own. A court order is
entered by one reviewer and confirmed by another, one of them an administrator. Both name the same document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args
from uuid import UUID

from registry.catalogue.banks.model import Trust
from registry.catalogue.entries.model.entry import Tier, rank
from registry.core.errors import BadTime, SecondReviewer
from registry.core.labels import label
from registry.persons.model import checked_sha256
from registry.review.errors import WrongStatus

Status = Literal["pending", "matchable", "failed", "suspended", "withdrawn"]
Act = Literal["approve", "reject", "court_order", "restore", "withdraw"]
Reason = Literal["dispute", "role_conflict", "opinions", "added_media", "unreviewed"]
Why = Literal[
    "not_a_fake", "wrong_media", "wrong_claim", "insufficient_evidence", "forged", "out_of_scope", "other"
]
Withdrawn = Literal["mistaken", "duplicate", "request", "legal", "other"]

STATUSES: Final[tuple[Status, ...]] = ("pending", "matchable", "failed", "suspended", "withdrawn")
MOVES: Final[frozenset[tuple[Status, Status]]] = frozenset(
    {
        ("pending", "matchable"),
        ("pending", "failed"),
        ("pending", "withdrawn"),
        ("failed", "pending"),
        ("failed", "matchable"),
        ("failed", "withdrawn"),
        ("matchable", "suspended"),
        ("matchable", "withdrawn"),
        ("suspended", "matchable"),
        ("suspended", "withdrawn"),
        ("withdrawn", "matchable"),
        ("withdrawn", "pending"),
    }
)
"""Allowed changes of an entry's status. The database refuses all others (`entry_may_become`)."""
REASONS: Final[tuple[Reason, ...]] = ("dispute", "role_conflict", "opinions", "added_media", "unreviewed")
PRIORITY: Final[Mapping[Reason, int]] = {reason: place for place, reason in enumerate(REASONS, start=1)}
"""Priority of each reason; 1 comes first. Reasons that remove an answer come first, then possible errors,
then new entries.

A private intake case has priority 0 for any reason, set by the database (`put_cases_first`).
"""
ACTS: Final[tuple[Act, ...]] = ("approve", "reject", "court_order", "restore")
WHYS: Final[tuple[Why, ...]] = get_args(Why)
WITHDRAWALS: Final[tuple[Withdrawn, ...]] = ("mistaken", "duplicate", "request", "legal", "other")
LEASE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=4)
"""Longest time for which a reviewer can keep a claim by renewing it."""
PAUSE: Final = timedelta(hours=1)
"""Time after that during which only others may claim the entry."""
MOST_CLAIMS: Final = 20
"""Most entries that one reviewer may claim at the same time."""
DOUBTS: Final = 3
"""Opinions that deny a match, from at least `DOUBTING` organizations, that queue an entry for a reviewer."""
DOUBTING: Final = 2


@dataclass(frozen=True, slots=True)
class ReviewedEntry:
    """An entry that a reviewer may see, with its bank. `own`: it belongs to the reader's organization.
    `standing`, `intimate`: of a private intake case."""

    entry_id: UUID
    bank_id: UUID
    bank: str
    owner_id: UUID
    organization: str
    own: bool
    policy: Mapping[str, Any]
    visibility: str
    title: str
    claim: str | None
    language: str | None
    manipulation: str | None
    references: Sequence[Mapping[str, Any]]
    status: Status
    suspended_for: str | None
    tier: Tier
    original_tier: Tier
    own_tier: Tier
    own_original_tier: Tier
    created_by: UUID
    created_at: datetime
    standing: str | None
    intimate: bool | None


@dataclass(frozen=True, slots=True)
class Claim:
    """The last claim of an entry. `media`: the media that were there. `holds`: the lease has not ended."""

    caller_id: UUID
    media: Sequence[UUID]
    first_at: datetime
    lease_until: datetime
    holds: bool


@dataclass(frozen=True, slots=True, repr=False)
class NewReview:
    """A decision to store. `administers`: the reviewer has the role admin. `sealed`: the encrypted reason.
    `covers`: assets and the roles in which they were reviewed."""

    review_id: UUID
    entry_id: UUID
    caller_id: UUID
    organization_id: UUID
    decision: Act
    administers: bool = False
    reason_code: str | None = None
    order_sha256: str | None = None
    sealed: bytes | None = None
    covers: Sequence[tuple[UUID, str]] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """A reviewer's decision on a medium.

    `order`: SHA-256 of the court's document, as hex. `administers`: the reviewer had the role admin.
    """

    caller_id: UUID
    organization_id: UUID
    act: Act
    order: str | None = None
    administers: bool = False


def trust(
    votes: Iterable[Vote], *, owner: UUID, registrars: AbstractSet[UUID], strict: bool = False
) -> Trust:
    """Return the tiers of one medium that follow from the votes, one vote a caller.

    `registrars`: callers who registered the medium; their votes do not count. Approval needs two callers.
    Rejections count once an organization, and more organizations must approve than reject for `reviewed`. For
    `own`, only a rejection by the owner counts unless `strict`. `others` needs an approving caller outside
    the `owner`'s organization. `strict` (the bank's policy `review_by_another_organization`) requires the
    same for `own`.
    """
    counted = [vote for vote in votes if vote.caller_id not in registrars]
    approving = [vote for vote in counted if vote.act in {"approve", "court_order"}]
    against = {vote.organization_id for vote in counted if vote.act == "reject"}
    sides = (
        (_by_order(counted, owner, foreign=strict), _by_order(counted, owner, foreign=True)),
        (
            not _missing(approving, against if strict else against & {owner}, owner, foreign=strict),
            not _missing(approving, against, owner, foreign=True),
        ),
    )
    own, others = (
        "court_order" if order else "reviewed" if approved else "unreviewed"
        for order, approved in zip(*sides, strict=True)
    )
    return Trust(own=_tier(own), others=_tier(others))


@dataclass(frozen=True, slots=True)
class MissingApprovals:
    """What a medium lacks for `reviewed`.

    `count`: further approvals for the owner's tier, each by another caller of another organization.
    `foreign`: for the tier of others, one must come from outside the owner's organization.
    """

    count: int
    foreign: bool


def missing_for_tier(
    votes: Iterable[Vote], *, owner: UUID, registrars: AbstractSet[UUID], strict: bool = False
) -> MissingApprovals:
    """Return the approvals that a medium lacks for `reviewed`. Parameters as in `trust`."""
    counted = [vote for vote in votes if vote.caller_id not in registrars]
    approving = [vote for vote in counted if vote.act in {"approve", "court_order"}]
    against = {vote.organization_id for vote in counted if vote.act == "reject"}
    ordered = _by_order(counted, owner, foreign=strict)
    against = against if strict else against & {owner}
    return MissingApprovals(
        count=0 if ordered else _missing(approving, against, owner, foreign=strict),
        foreign=all(vote.organization_id == owner for vote in approving),
    )


def sourced(
    tiers: Trust, votes: Iterable[Vote], *, owner: UUID, source: bool, role: str, policy: Tier
) -> Trust:
    """Raise the owner's tier of an original that a trusted `source` has signed as recorded.

    The owner's tier becomes at least the bank's `policy`, unless a reviewer of the owner has rejected it.
    Other organizations still need two reviewers.
    """
    against = any(vote.act == "reject" and vote.organization_id == owner for vote in votes)
    if not source or role != "original" or against:
        return tiers
    return Trust(own=max(tiers.own, policy, key=rank), others=tiers.others)


def rejected(votes: Iterable[Vote], *, owner: UUID, registrars: AbstractSet[UUID], tier: Tier) -> bool:
    """Return whether rejections suspend an entry.

    It is suspended if a reviewer of its own organization rejects it, or if at least two organizations do and
    more reject than approve. An entry that is `reviewed` or under a court order can only be disputed.
    """
    if tier != "unreviewed":
        return False
    counted = [vote for vote in votes if vote.caller_id not in registrars]
    against = {vote.organization_id for vote in counted if vote.act == "reject"}
    approving = {vote.organization_id for vote in counted if vote.act in {"approve", "court_order"}}
    return owner in against or len(against) >= max(2, len(approving) + 1)


def restored(votes: Iterable[Vote], *, owner: UUID, withdrawn_by: UUID | None, rejected: bool) -> bool:
    """Return whether votes restore a withdrawn or rejected entry.

    It needs two reviewers, neither of whom withdrew it, and one of them of its own organization. If it was
    `rejected`, it also needs one of another organization.
    """
    restoring = [vote for vote in votes if vote.act == "restore" and vote.caller_id != withdrawn_by]
    callers = {vote.caller_id for vote in restoring}
    organizations = {vote.organization_id for vote in restoring}
    return len(callers) >= 2 and owner in organizations and (not rejected or len(organizations) >= 2)


def move(before: Status, after: Status) -> Status:
    """Return `after` if the status may change to it. Raises `Conflict` (`wrong_status`)."""
    if (before, after) not in MOVES:
        raise WrongStatus(
            f"The entry is {before}, and cannot become {after}.", extra={"entry_status": before}
        )
    return after


def require_votes(caller_id: UUID, registrars: AbstractSet[UUID]) -> None:
    """Raise `Forbidden` (`second_reviewer`) if the caller registered what is to be reviewed."""
    if caller_id in registrars:
        raise SecondReviewer(
            "Callers who registered an entry or a medium of it cannot review it.",
            next_step="Another person has to review it, with their own key.",
        )


def lease(first_at: datetime, now: datetime, duration: timedelta) -> datetime | None:
    """Return the end of a claim that its caller has had since `first_at`. None if `LONGEST` has passed."""
    end = min(now + duration, first_at + LONGEST)
    return end if end > now else None


def doubted(denials: Sequence[UUID]) -> bool:
    """Return whether opinions alone queue an entry for a reviewer. They never change a tier.

    `denials`: the organization of each opinion that denies a match.
    """
    return len(denials) >= DOUBTS and len(set(denials)) >= DOUBTING


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """A court order. `court`, `docket` (case number) and `date` may be personal data and are stored
    encrypted.

    `document_sha256`: hex digest of the document, which the reviewers keep.
    """

    court: str
    docket: str
    date: str
    document_sha256: str

    def record(self) -> dict[str, str]:
        """Return the personal part as JSON, to be encrypted."""
        return {"court": self.court, "docket": self.docket, "date": self.date}


def order(*, court: str, docket: str, date: str, document_sha256: str, now: datetime) -> Order:
    """Check an order. Raises `BadInput`: `bad_label`, `bad_time`, `bad_sha256`."""
    try:
        day = datetime.strptime(date, "%Y-%m-%d").date()  # noqa: DTZ007 - a date without a time
    except ValueError:
        raise BadTime("`date` of an order is a day such as 2026-11-25.") from None
    if day > (now + timedelta(hours=14)).date():
        raise BadTime("The date of the order is in the future.")
    return Order(
        court=label(court, "court"),
        docket=label(docket, "docket", longest=100),
        date=day.isoformat(),
        document_sha256=checked_sha256(document_sha256, "document_sha256"),
    )


def _missing(approving: Sequence[Vote], against: AbstractSet[UUID], owner: UUID, *, foreign: bool) -> int:
    """Return how many approvals are missing if each comes from another caller of another organization."""
    organizations = {vote.organization_id for vote in approving}
    callers = {vote.caller_id for vote in approving}
    abroad = foreign and not organizations - {owner}
    return max(2 - len(callers), len(against) + 1 - len(organizations), int(abroad), 0)


def _by_order(votes: Sequence[Vote], owner: UUID, *, foreign: bool) -> bool:
    for document in {vote.order for vote in votes if vote.act == "court_order"}:
        naming = [vote for vote in votes if vote.act == "court_order" and vote.order == document]
        two = len({vote.caller_id for vote in naming}) >= 2
        abroad = any(vote.organization_id != owner for vote in naming)
        if two and any(vote.administers for vote in naming) and (abroad or not foreign):
            return True
    return False


def _tier(name: str) -> Tier:
    tiers: dict[str, Tier] = {"court_order": "court_order", "reviewed": "reviewed"}
    return tiers.get(name, "unreviewed")
