"""A contested entry: what a dispute may do to it, and when. Pure.

DESIGN, rule 6: an unreviewed entry is suspended at once, a reviewed one when a reviewer accepts the dispute,
one that stands by a court's order only by an order. At once is only for whoever is shown or made it, and so
often: an organization cannot silence another by disputing all that it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from registry.catalogue.entries.model.entry import Tier
from registry.core.errors import Conflict, Forbidden

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
Side = Literal["opener", "owner", "neither", "both"]

KINDS: Final[tuple[Kind, ...]] = ("satire", "own_consent", "mistaken", "authentic")
STANDINGS: Final[tuple[Standing, ...]] = ("depicted", "author", "platform", "other")
STATES: Final[tuple[State, ...]] = ("open", "answered", "closed")
WHYS: Final[tuple[Why, ...]] = (
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
)
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
"""Days that the owner has to answer before a dispute is decided against it."""
OPENED_A_DAY: Final = 20
"""Disputes that an organization opens in 24 hours."""
AT_ONCE_A_DAY: Final = 5
"""Of these, how many suspend an entry before anybody has looked."""
SUFFERED_A_DAY: Final = 20
"""Entries of one organization that are suspended so in 24 hours, whoever disputes them."""
LOST: Final = 3
"""Rejected disputes in `LOST_DAYS` after which an organization's suspend nothing at once."""
LOST_DAYS: Final = 30
AGAIN_DAYS: Final = 30
"""Days for which an organization does not dispute an entry again that it has disputed in vain."""
DIRECT: Final[frozenset[Standing]] = frozenset({"depicted", "author"})


@dataclass(frozen=True, slots=True)
class Past:
    """What was disputed before. `open`: the organization disputes this entry now; `lost_here`: it did, in
    vain, in the last `AGAIN_DAYS`. In the last 24 hours: `opened` by it, `at_once` by it with an entry
    suspended, `suffered` by the entry's owner. `lost`: its rejected ones in `LOST_DAYS`."""

    open: bool = False
    lost_here: bool = False
    opened: int = 0
    at_once: int = 0
    suffered: int = 0
    lost: int = 0


def require_new(past: Past) -> None:
    """Raise `Conflict` (`dispute_repeated`) for a dispute that is there, or that was decided lately."""
    if past.open or past.lost_here:
        said = "disputes this entry already" if past.open else "has disputed this entry in vain lately"
        raise Conflict(
            f"Your organization {said}.",
            code="dispute_repeated",
            next_step="`fakeprint dispute list` shows it."
            if past.open
            else f"It may be disputed again {AGAIN_DAYS} days after that decision.",
        )


def at_once(tier: Tier, standing: Standing, past: Past) -> bool:
    """Whether a dispute suspends the entry before a reviewer has looked. `tier`: the higher of the entry's
    two, as strangers see them."""
    if tier != "unreviewed" or standing not in DIRECT:
        return False
    return past.at_once < AT_ONCE_A_DAY and past.suffered < SUFFERED_A_DAY and past.lost < LOST


def after(state: State, act: Act) -> State:
    """The state that follows. Raises `Conflict` (`dispute_closed`, `wrong_state`)."""
    if state == "closed":
        raise Conflict("The dispute is closed.", code="dispute_closed")
    if (found := TRANSITIONS.get((state, act))) is None:
        raise Conflict(f"The dispute is {state}; {act} is not possible.", code="wrong_state")
    return found


def require_neutral(side: Side, *, opened: bool, voted: bool) -> None:
    """Raise `Forbidden` (`party_decides`) unless a reviewer may decide: of neither party, and nobody who
    `opened` it or `voted` for the entry. Where both parties are one organization, anybody else of it."""
    if side in {"opener", "owner"} or opened or voted:
        raise Forbidden(
            "Who is a party to a dispute, or has reviewed the entry, does not decide it.",
            code="party_decides",
            next_step="A reviewer of another organization decides it.",
        )


def require_order(tier: Tier, *, ordered: bool) -> None:
    """Raise `Conflict` (`needs_order`): only an order speaks against an order."""
    if tier == "court_order" and not ordered:
        raise Conflict(
            "The entry stands by a court's order; only an order suspends or withdraws it.",
            code="needs_order",
            next_step="Send `order`: court, docket, date and the SHA-256 of its document.",
        )


def require_heard(state: State, answer_due: datetime, now: datetime) -> None:
    """Raise `Conflict` (`not_heard`) while the owner may still answer."""
    if state == "open" and now < answer_due:
        raise Conflict(
            f"The entry's owner has not answered, and may until {answer_due.isoformat()}.",
            code="not_heard",
            next_step="Wait for the answer; `accept` suspends the entry until then.",
            extra={"answer_due": answer_due.isoformat()},
        )


def due(opened_at: datetime) -> datetime:
    """Until when the owner may answer."""
    return opened_at + timedelta(days=ANSWER_DAYS)
