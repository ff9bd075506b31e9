"""Rules of disputes: what a dispute may do to an entry, and when. Pure.

An unreviewed entry is suspended at once, a reviewed one when a reviewer accepts the dispute. An entry under a
court order is suspended only by another order. Only the depicted person or the author can suspend at once,
and only within daily limits, so that no organization can silence another by disputing all its entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args
from uuid import UUID

from registry.catalogue.entries.model.entry import Tier
from registry.core.errors import WrongState
from registry.review.disputes.errors import DisputeClosed, DisputeRepeated, NotHeard, PartyDecides
from registry.review.errors import StandsByOrder

Kind = Literal["satire", "own_consent", "mistaken", "authentic"]
Standing = Literal["depicted", "author", "platform", "other"]
State = Literal["open", "answered", "closed"]
Outcome = Literal["upheld", "rejected", "withdrawn"]
Remedy = Literal["withdrawn", "corrected"]
Act = Literal["answer", "accept", "uphold", "reject", "withdraw"]
Why = Literal[
    "shown_satire",
    "shown_consent",
    "shown_mistaken",
    "shown_authentic",
    "by_order",
    "not_shown",
    "no_standing",
    "abusive",
    "settled",
    "other",
]
EntryStatus = Literal["pending", "matchable", "failed", "suspended", "withdrawn"]
Side = Literal["opener", "owner", "neither", "both"]

KINDS: Final[tuple[Kind, ...]] = ("satire", "own_consent", "mistaken", "authentic")
STANDINGS: Final[tuple[Standing, ...]] = ("depicted", "author", "platform", "other")
STATES: Final[tuple[State, ...]] = ("open", "answered", "closed")
WHYS: Final[tuple[Why, ...]] = get_args(Why)
TRANSITIONS: Final[dict[tuple[State, Act], State]] = {
    ("open", "answer"): "answered",
    ("open", "accept"): "open",
    ("open", "uphold"): "closed",
    ("open", "reject"): "closed",
    ("open", "withdraw"): "closed",
    ("answered", "accept"): "answered",
    ("answered", "uphold"): "closed",
    ("answered", "reject"): "closed",
    ("answered", "withdraw"): "closed",
}
ANSWER_DAYS: Final = 7
"""Days that the owner has to answer before a dispute can be upheld."""
OPENED_A_DAY: Final = 20
"""Most disputes that an organization may open in 24 hours."""
AT_ONCE_A_DAY: Final = 5
"""Most of these that suspend an entry before a reviewer has looked."""
SUFFERED_A_DAY: Final = 20
"""Most entries of one organization that are suspended at once in 24 hours, whoever disputes them."""
LOST: Final = 3
"""Rejected disputes within `LOST_DAYS` after which an organization's disputes no longer suspend at once."""
LOST_DAYS: Final = 30
AGAIN_DAYS: Final = 30
"""Days for which an organization may not dispute an entry again after it lost."""
DIRECT: Final[frozenset[Standing]] = frozenset({"depicted", "author"})
"""Standings that may suspend an entry at once."""


@dataclass(frozen=True, slots=True, repr=False)
class StoredDispute:
    """A dispute with its entry and its parties. `sealed`, `answer_sealed`, `reasons_sealed`: encrypted texts.
    `sees`: the entry's bank answers the reader's organization. `now`: the database's clock."""

    dispute_id: UUID
    entry_id: UUID
    kind: Kind
    standing: Standing
    state: State
    suspends: bool
    outcome: Outcome | None
    remedy: Remedy | None
    reason_code: str | None
    opened_by: UUID
    organization_id: UUID
    organization: str
    owner_id: UUID
    owner: str
    opened_at: datetime
    answer_due: datetime
    answered_at: datetime | None
    accepted_at: datetime | None
    closed_at: datetime | None
    erased_at: datetime | None
    sealed: bytes | None
    answer_sealed: bytes | None
    reasons_sealed: bytes | None
    order_hex: str | None
    title: str
    entry_status: EntryStatus
    suspended_for: str | None
    bank: str
    private_case: bool
    sees: bool
    now: datetime


@dataclass(frozen=True, slots=True, repr=False)
class OpenedDispute:
    """A dispute to store. `sealed`: its encrypted statement and contact. `at_once`: it suspends the entry
    before a reviewer has looked."""

    dispute_id: UUID
    entry_id: UUID
    kind: Kind
    standing: Standing
    opened_by: UUID
    organization_id: UUID
    owner_id: UUID
    sealed: bytes
    at_once: bool


@dataclass(frozen=True, slots=True, repr=False)
class Closing:
    """How a dispute ends. `sealed`: the encrypted reasons. `statement`: their commitment in the log."""

    outcome: Outcome
    remedy: Remedy | None = None
    reason_code: Why = "other"
    order_sha256: str | None = None
    sealed: bytes | None = None
    statement: bytes | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier disputes that limit a new one.

    `open`: the organization disputes this entry now. `lost_here`: it lost a dispute of this entry within
    `AGAIN_DAYS`. Counts of the last 24 hours: `opened` by it; `at_once`, those of them that suspended an
    entry at once; `suffered`, entries of the owner that were suspended at once. `lost`: its rejected ones in
    `LOST_DAYS`.
    """

    open: bool = False
    lost_here: bool = False
    opened: int = 0
    at_once: int = 0
    suffered: int = 0
    lost: int = 0


def require_new(past: Past) -> None:
    """Raise `Conflict` (`dispute_repeated`) if the dispute is open already or was lost recently."""
    if past.open or past.lost_here:
        reason = "already disputes this entry" if past.open else "lost a dispute of this entry recently"
        raise DisputeRepeated(
            f"Your organization {reason}.",
            next_step="`fakeprint dispute list` shows it."
            if past.open
            else f"It may be disputed again {AGAIN_DAYS} days after that decision.",
        )


def at_once(tier: Tier, standing: Standing, past: Past) -> bool:
    """Return whether a dispute suspends the entry before a reviewer has looked.

    `tier`: the higher of the entry's two tiers for other organizations.
    """
    if tier != "unreviewed" or standing not in DIRECT:
        return False
    return past.at_once < AT_ONCE_A_DAY and past.suffered < SUFFERED_A_DAY and past.lost < LOST


def after(state: State, act: Act) -> State:
    """Return the state after an act. Raises `Conflict` (`dispute_closed`, `wrong_state`)."""
    if state == "closed":
        raise DisputeClosed("The dispute is closed.")
    if (next_state := TRANSITIONS.get((state, act))) is None:
        raise WrongState(f"The dispute is {state}; {act} is not possible.")
    return next_state


def require_neutral(side: Side, *, opened: bool, voted: bool) -> None:
    """Raise `Forbidden` (`party_decides`) unless the reviewer is neutral.

    A reviewer is neutral if of neither party and has neither `opened` the dispute nor `voted` on the entry.
    If one organization is both parties, any other of its reviewers may decide.
    """
    if side in {"opener", "owner"} or opened or voted:
        raise PartyDecides


def require_order(tier: Tier, *, ordered: bool) -> None:
    """Raise `Conflict` (`needs_order`) if the entry is under a court order and no order is given against
    it."""
    if tier == "court_order" and not ordered:
        raise StandsByOrder("The entry is under a court order. Only another order suspends or withdraws it.")


def require_heard(state: State, answer_due: datetime, now: datetime) -> None:
    """Raise `Conflict` (`not_heard`) while the owner may still answer."""
    if state == "open" and now < answer_due:
        raise NotHeard(
            f"The entry's owner has not answered yet, and may answer until {answer_due.isoformat()}.",
            extra={"answer_due": answer_due.isoformat()},
        )


def due(opened_at: datetime) -> datetime:
    """Return the time until which the owner may answer."""
    return opened_at + timedelta(days=ANSWER_DAYS)
