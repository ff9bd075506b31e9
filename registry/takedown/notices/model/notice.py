"""The state machine of a takedown notice, and the hindrances that block its sending. Pure.

draft -> ready -> sent -> acknowledged -> removed | refused | expired -> appealed -> closed. A removed notice
is reopened when the fake is found at that address again. Pause and resume do not change the state. The
database enforces the same moves (`notice_may_move`) and the same hindrances (`notice_hindrances`) itself.

`sent` means that the letter is fixed, not that the platform has it. People are never shown that state. They
see a `Stand`: the function `notice_stands` splits `sent` into prepared, handed over or delivered, according
to the delivery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast, get_args

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.model.verdict import Verdict
from registry.core.errors import Conflict, WrongState
from registry.review.queue.model import Status
from registry.takedown.notices.errors import NoticeHindered, NoticePaused

State = Literal[
    "draft",
    "ready",
    "sent",
    "acknowledged",
    "removed",
    "refused",
    "expired",
    "appealed",
    "closed",
    "reopened",
]
Stand = Literal[
    "draft",
    "ready",
    "prepared",
    "handed_over",
    "delivered",
    "acknowledged",
    "removed",
    "refused",
    "expired",
    "appealed",
    "closed",
    "reopened",
]
Act = Literal[
    "add",
    "prepare",
    "revise",
    "send",
    "acknowledge",
    "remove",
    "refuse",
    "expire",
    "appeal",
    "reopen",
    "close",
    "pause",
    "resume",
]
Done = Literal["acknowledge", "remove", "refuse", "appeal", "close", "revise", "hold", "resume"]
"""Acts that a person may perform on a notice."""
Order = Literal["oldest", "due"]
Ground = Literal["match", "seen"]
Pause = Literal["entry", "counter_notice", "held"]
GrantedBy = Literal["self", "representative", "guardian"]

STATES: Final[tuple[State, ...]] = get_args(State)
ACTS: Final[tuple[Act, ...]] = get_args(Act)
STANDS: Final[tuple[Stand, ...]] = get_args(Stand)
LEFT: Final[frozenset[Stand]] = frozenset({"prepared", "handed_over", "delivered"})
"""The stands of a notice whose state is `sent`.

prepared: the letter is fixed, and nobody has handed it over. handed_over: the mail server accepted it, or a
person reported that it was posted. delivered: the platform certainly received it, according to its API's
answer or a receipt.
"""
UNSENT: Final[frozenset[State]] = frozenset({"draft", "ready", "reopened"})
"""States in which the platform has not been asked, or not been asked again."""
WAITING: Final[frozenset[State]] = frozenset({"sent", "acknowledged"})
"""States in which a deadline runs."""
EDITABLE: Final[frozenset[State]] = frozenset({"draft", "ready", "reopened"})
"""States in which the content of a notice may change."""
_ENDS: Final[Mapping[Act, tuple[State, frozenset[State]]]] = {
    "prepare": ("ready", frozenset({"draft", "reopened"})),
    "revise": ("draft", frozenset({"ready"})),
    "send": ("sent", frozenset({"ready"})),
    "acknowledge": ("acknowledged", frozenset({"sent"})),
    "remove": ("removed", frozenset({"sent", "acknowledged", "refused", "expired", "appealed", "reopened"})),
    "refuse": ("refused", frozenset({"sent", "acknowledged", "expired", "appealed"})),
    "expire": ("expired", frozenset({"sent", "acknowledged"})),
    "appeal": ("appealed", frozenset({"refused", "expired"})),
    "reopen": ("reopened", frozenset({"removed", "closed"})),
    "close": ("closed", frozenset(STATES) - {"closed"}),
}
WAITS: Final[frozenset[Act]] = frozenset({"send", "expire", "appeal"})
"""Acts that are refused while a notice is paused."""

HINDRANCES: Final[Mapping[str, str]] = {
    "not_ready": "it is not ready, or its letter is prepared already",
    "paused": "it is paused",
    "campaign_closed": "its campaign is closed",
    "client_erased": "the personal data of its client were erased",
    "entry_withdrawn": "its entry was withdrawn",
    "entry_suspended": "its entry is suspended, or not matchable yet",
    "entry_unseen": "your organization cannot see its entry's bank",
    "entry_unreviewed": "its entry is not at tier reviewed or court_order",
    "entry_harmless": "its entry is on an allowlist",
    "mandate_revoked": "the mandate was revoked",
    "mandate_not_begun": "the mandate is not valid yet",
    "mandate_expired": "the mandate has expired",
    "no_signatory": "it has no signatory",
    "elements_missing": "an element of its regime is missing",
    "authentic_original": "the content there is the authentic original",
    "no_match": "the content there does not match the entry",
    "ground_unconfirmed": "no person has confirmed the match, or that they saw the fake there",
    "address_unconfirmed": "its address is marked (shortener, look-alike), and no person has confirmed it",
    "medium_unreviewed": "the matched medium is not a reviewed fake of the entry",
    "dispute_accepted": "a dispute of its entry was accepted",
    "entry_disputed": "its entry is disputed, and nobody has decided to continue",
    "scope_unasked": "its regime's questions of scope and exceptions were not answered",
    "out_of_scope": "its regime does not cover it",
    "excepted": "an exception of its regime applies",
}
"""Why a notice cannot be sent, by code, in the order in which they are reported."""
_TRUSTED: Final[frozenset[Tier]] = frozenset({"reviewed", "court_order"})


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """Which notices of a campaign to list.

    Order `due`: only notices whose term runs or has passed, earliest term first.
    """

    state: Stand | None = None
    platform: str | None = None
    regime: str | None = None
    order: Order = "oldest"


@dataclass(frozen=True, slots=True, repr=False)
class PersonMove:
    """An act of a person on a notice. `words`: why; stored encrypted."""

    act: Done
    reason_code: str = "by_person"
    words: str | None = None


def state_of(stand: Stand) -> State:
    """Return the state that corresponds to a stand."""
    return "sent" if stand in LEFT else cast("State", stand)


def stand_of(state: State) -> Stand:
    """Return the least advanced stand of a state, without looking at the delivery."""
    return "prepared" if state == "sent" else state


def move(state: State, act: Act) -> State:
    """Return the state after an act. Pause and resume keep the state.

    Raises `Conflict` (`wrong_state`) if the act is not possible in that state.
    """
    if act in {"pause", "resume"} and state != "closed":
        return state
    after, before = _ENDS.get(act, ("draft", frozenset()))
    if state not in before:
        raise WrongState(
            f"The notice is {stand_of(state)}: {act} is not possible.", extra={"state": stand_of(state)}
        )
    return after


@dataclass(frozen=True, slots=True)
class Facts:
    """The current facts that decide whether a notice may be sent.

    - `entry_tier`: the tier that other organizations see.
    - `medium_tier`: the tier of the matched medium as a fake of the entry. None: no medium was matched, or
      the medium is no longer a fake of the entry.
    - `matched`: a medium was matched.
    - `dispute_accepted`: a dispute of the entry was accepted for a hearing, or was upheld after the ground
      was confirmed.
    - `disputed`: a dispute is open that nobody has accepted or rejected yet, and since then no person has
      decided to go on.
    - `address_marked`: a person has to check the address (`url_list.LOOKED_AT`).
    - `in_scope` and `excepted`: None if the questions were not answered.
    """

    now: datetime
    state: State
    paused_for: Sequence[Pause]
    campaign_open: bool
    client_erased: bool
    entry_status: Status
    entry_seen: bool
    entry_tier: Tier
    entry_harmless: bool
    valid_from: datetime
    valid_until: datetime
    revoked: bool
    signed: bool
    complete: bool
    verdict: Verdict | None
    ground: Ground | None
    address_marked: bool
    address_confirmed: bool
    matched: bool
    medium_tier: Tier | None
    dispute_accepted: bool
    disputed: bool
    in_scope: bool | None
    excepted: bool | None


def hindrances(facts: Facts) -> list[str]:
    """Return the codes of `HINDRANCES` that block sending now; empty if the notice can be sent.

    Each code of `HINDRANCES` has to be checked here.
    """
    checks = {
        "not_ready": facts.state != "ready",
        "paused": bool(facts.paused_for),
        "campaign_closed": not facts.campaign_open,
        "client_erased": facts.client_erased,
        "entry_withdrawn": facts.entry_status == "withdrawn",
        "entry_suspended": facts.entry_status not in {"matchable", "withdrawn"},
        "entry_unseen": not facts.entry_seen,
        "entry_unreviewed": facts.entry_tier not in _TRUSTED,
        "entry_harmless": facts.entry_harmless,
        "mandate_revoked": facts.revoked,
        "mandate_not_begun": facts.now < facts.valid_from,
        "mandate_expired": facts.now >= facts.valid_until,
        "no_signatory": not facts.signed,
        "elements_missing": not facts.complete,
        "authentic_original": facts.verdict == "authentic_original",
        "no_match": facts.verdict == "no_match",
        "ground_unconfirmed": facts.ground is None,
        "address_unconfirmed": facts.address_marked and not facts.address_confirmed,
        "medium_unreviewed": facts.matched and facts.medium_tier not in _TRUSTED,
        "dispute_accepted": facts.dispute_accepted,
        "entry_disputed": facts.disputed,
        "scope_unasked": facts.in_scope is None,
        "out_of_scope": facts.in_scope is False,
        "excepted": facts.excepted is True,
    }
    return [code for code in HINDRANCES if checks[code]]


def require_sendable(facts: Facts) -> None:
    """Raise `Conflict` (`notice_hindered`) with all hindrances, if there are any."""
    if codes := hindrances(facts):
        raise hindered(codes)


def hindered(codes: Sequence[str]) -> Conflict:
    """Return the error for a notice that cannot be sent."""
    reasons = "; ".join(HINDRANCES.get(code, code) for code in codes)
    return NoticeHindered(
        f"The notice cannot be sent: {reasons}." if codes else "The notice cannot be sent.",
        extra={"hindrances": list(codes)},
    )


def require_running(act: Act, paused_for: Sequence[Pause]) -> None:
    """Raise `Conflict` (`notice_paused`) if the act has to wait and the notice is paused."""
    if act in WAITS and paused_for:
        raise NoticePaused(
            f"The notice is paused for {', '.join(paused_for)}; {act} waits.",
            extra={"paused_for": list(paused_for)},
        )


def may_stand(verdict: Verdict | None, ground: Ground) -> bool:
    """Return whether a person may confirm this ground after a lookup with this verdict on the entry.

    `verdict` None: there was no lookup. A person's own sighting does not outweigh a lookup that found
    something else.
    """
    if ground == "match":
        return verdict in {"known_fake", "related"}
    return verdict not in {"authentic_original", "no_match"}
