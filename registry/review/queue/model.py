"""Who may trust an entry, and why it waits for a person. Pure.

Two reviewers make a medium `reviewed`, neither of whom registered it. If both are of one organization, this
organization alone goes by it: to strangers the medium is unreviewed until a reviewer of another one has
confirmed it, so that nobody raises their own entries by giving themselves keys. A court order is entered by
one reviewer and confirmed by another, one of whom administers; both name the same document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from registry.catalogue.banks.model import Trust
from registry.catalogue.entries.model.entry import Tier, rank
from registry.core.errors import BadInput, Conflict, Forbidden
from registry.core.labels import label
from registry.persons.model import checked_sha256

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
"""What an entry's status may become; the database refuses the rest (`entry_may_become`)."""
REASONS: Final[tuple[Reason, ...]] = ("dispute", "role_conflict", "opinions", "added_media", "unreviewed")
PRIORITY: Final[Mapping[Reason, int]] = {reason: place for place, reason in enumerate(REASONS, start=1)}
"""1 comes first: what takes an answer from people, then what may be wrong, then what is merely new.
Whatever a private case waits for has 0: the database says so (`put_cases_first`)."""
ACTS: Final[tuple[Act, ...]] = ("approve", "reject", "court_order", "restore")
WHYS: Final[tuple[Why, ...]] = (
    "not_a_fake",
    "wrong_media",
    "wrong_claim",
    "insufficient_evidence",
    "forged",
    "out_of_scope",
    "other",
)
WITHDRAWALS: Final[tuple[Withdrawn, ...]] = ("mistaken", "duplicate", "request", "legal", "other")
LEASE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=4)
"""For so long a reviewer keeps an entry by renewing the claim."""
PAUSE: Final = timedelta(hours=1)
"""After that, for so long others alone may claim it."""
MOST_CLAIMS: Final = 20
"""Entries that one reviewer claims at once."""
DOUBTS: Final = 3
"""Opinions that a match is wrong, of `DOUBTING` organizations, from which an entry waits for a reviewer."""
DOUBTING: Final = 2


@dataclass(frozen=True, slots=True)
class Vote:
    """What a reviewer has decided of a medium. `order`: SHA-256 of the court's document, as hex.
    `administers`: whether they had the role admin."""

    caller_id: UUID
    organization_id: UUID
    act: Act
    order: str | None = None
    administers: bool = False


def trust(
    votes: Iterable[Vote], *, owner: UUID, registrars: AbstractSet[UUID], strict: bool = False
) -> Trust:
    """The tiers that follow from what reviewers have decided of one medium, one vote a caller.

    `registrars`: callers who registered it, whose votes do not count. Of approvals two callers are needed; of
    rejections organizations are counted, one each, and as many as approve keep it from being `reviewed`; what
    strangers reject its owner may trust all the same. For `others` one of the callers is of another
    organization than the `owner`; `strict` (the bank's policy `review_by_another_organization`) asks the same
    for `own`.
    """
    counted = [vote for vote in votes if vote.caller_id not in registrars]
    approving = [vote for vote in counted if vote.act in {"approve", "court_order"}]
    against = {vote.organization_id for vote in counted if vote.act == "reject"}
    sides = (
        (_by_order(counted, owner, foreign=strict), _by_order(counted, owner, foreign=True)),
        (
            _by_four_eyes(approving, against if strict else against & {owner}, owner, foreign=strict),
            _by_four_eyes(approving, against, owner, foreign=True),
        ),
    )
    own, others = (
        "court_order" if order else "reviewed" if seen else "unreviewed"
        for order, seen in zip(*sides, strict=True)
    )
    return Trust(own=_tier(own), others=_tier(others))


def sourced(
    found: Trust, votes: Iterable[Vote], *, owner: UUID, source: bool, role: str, policy: Tier
) -> Trust:
    """The trust in a medium of which reviewers think so much, where a `source` that the deployment believes
    has signed it as recorded: an original is at least what the bank's `policy` says, to its owner alone, and
    while none of the owner's reviewers has rejected it. To strangers two reviewers count, as always."""
    against = any(vote.act == "reject" and vote.organization_id == owner for vote in votes)
    if not source or role != "original" or against:
        return found
    return Trust(own=max(found.own, policy, key=rank), others=found.others)


def rejected(votes: Iterable[Vote], *, owner: UUID, registrars: AbstractSet[UUID], tier: Tier) -> bool:
    """Whether an entry stops answering: a reviewer of its own organization rejects it, or two organizations
    do, and more than approve it. What is `reviewed` or stands by an order takes a dispute."""
    if tier != "unreviewed":
        return False
    counted = [vote for vote in votes if vote.caller_id not in registrars]
    against = {vote.organization_id for vote in counted if vote.act == "reject"}
    approving = {vote.organization_id for vote in counted if vote.act in {"approve", "court_order"}}
    return owner in against or len(against) >= max(2, len(approving) + 1)


def restored(votes: Iterable[Vote], *, owner: UUID, withdrawn_by: UUID | None, rejected: bool) -> bool:
    """Whether a withdrawn or rejected entry answers again: two reviewers say so, neither of whom withdrew it,
    one of its own organization; and where it was `rejected`, one of another."""
    wanting = [vote for vote in votes if vote.act == "restore" and vote.caller_id != withdrawn_by]
    callers = {vote.caller_id for vote in wanting}
    organizations = {vote.organization_id for vote in wanting}
    return len(callers) >= 2 and owner in organizations and (not rejected or len(organizations) >= 2)


def move(before: Status, after: Status) -> Status:
    """`after`, where an entry may become it. Raises `Conflict` (`wrong_status`)."""
    if (before, after) not in MOVES:
        raise Conflict(
            f"The entry is {before}, and cannot become {after}.",
            code="wrong_status",
            extra={"status": before},
        )
    return after


def require_votes(caller_id: UUID, registrars: AbstractSet[UUID]) -> None:
    """Raise `Forbidden` (`second_reviewer`) for a caller who registered what is to be reviewed."""
    if caller_id in registrars:
        raise Forbidden(
            "Whoever registers an entry, or a medium of it, does not review it.",
            code="second_reviewer",
            next_step="Somebody else reviews it, with a key of their own.",
        )


def lease(first_at: datetime, now: datetime, wanted: timedelta) -> datetime | None:
    """Until when a claim holds that its caller has had since `first_at`; None where that has been for too
    long already."""
    ends = min(now + wanted, first_at + LONGEST)
    return ends if ends > now else None


def doubted(denials: Sequence[UUID]) -> bool:
    """Whether opinions alone send an entry to a reviewer: `denials` are the organizations of those that say
    the match is wrong, one an opinion. They never change a tier."""
    return len(denials) >= DOUBTS and len(set(denials)) >= DOUBTING


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """A court's order: `court`, `docket` (the case's number) and `date` may be personal, and are kept sealed.
    `document_sha256`: hex, of the document, which the reviewers keep."""

    court: str
    docket: str
    date: str
    document_sha256: str

    def record(self) -> dict[str, str]:
        """As JSON, to be sealed."""
        return {"court": self.court, "docket": self.docket, "date": self.date}


def order(*, court: str, docket: str, date: str, document_sha256: str, now: datetime) -> Order:
    """An order, checked. Raises `BadInput`: `bad_label`, `bad_time`, `bad_sha256`."""
    try:
        day = datetime.strptime(date, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, whose hour nobody asks for
    except ValueError:
        raise BadInput("`date` of an order is a day, as 2026-11-25.", code="bad_time") from None
    if day > (now + timedelta(hours=14)).date():
        raise BadInput("The order is dated later than today.", code="bad_time")
    return Order(
        court=label(court, "court"),
        docket=label(docket, "docket", longest=100),
        date=day.isoformat(),
        document_sha256=checked_sha256(document_sha256, "document_sha256"),
    )


def _by_four_eyes(
    approving: Sequence[Vote], against: AbstractSet[UUID], owner: UUID, *, foreign: bool
) -> bool:
    organizations = {vote.organization_id for vote in approving}
    two = len({vote.caller_id for vote in approving}) >= 2
    return two and (not foreign or bool(organizations - {owner})) and len(organizations) > len(against)


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
