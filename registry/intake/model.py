"""An intake case: entries that a person without an account registers on the private page, by fingerprints
only. Pure.

The number is nine characters of Crockford's base 32 and a check character. Over GF(32), with x^5 + x^2 + 1,
the sum of characters times powers of x is zero. So any wrong character or exchange of two is detected before
the database is asked. The PIN has eight digits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from registry.catalogue.banks.model import policy as checked_policy
from registry.intake.errors import BadCaseNumber
from registry.persons.erasure.model import ALPHABET, letters

Standing = Literal["depicted", "authorized"]
State = Literal["waiting", "confirmed", "contested", "declined", "withdrawn", "ended"]

STANDINGS: Final[tuple[Standing, ...]] = ("depicted", "authorized")
STATES: Final[tuple[State, ...]] = get_args(State)
TITLE: Final = "Private case"
"""Title that others see with a match. It does not reveal whom the case shows."""
LETTERS: Final = 9
GROUP: Final = 5
NUMBERS: Final = 1 << 5 * LETTERS
"""How many numbers exist."""
PIN_DIGITS: Final = 8
PINS: Final = 10**PIN_DIGITS
MOST_FILES: Final = 20
"""Fingerprint documents of one case."""
MOST_PLACES: Final = 50
LONGEST_NOTE: Final = 2000
NETWORK_FREE: Final = 10
"""Cases that a network may open in a day before it has to wait between them (`wait_after` in
`registry.identity.accounts.model`)."""
_MODULUS: Final = 0b100101


def number(secret: int) -> str:
    """Return the number of a random integer below `NUMBERS`, as stored: ten characters."""
    text = "".join(ALPHABET[secret >> 5 * place & 31] for place in reversed(range(LETTERS)))
    return text + check(text)


def check(text: str) -> str:
    """Return the check character of a number."""
    remainder = 0
    for letter in text:
        remainder = (remainder ^ ALPHABET.index(letter)) << 1
        remainder ^= _MODULUS if remainder & 32 else 0
    return ALPHABET[remainder]


def in_halves(number: str) -> str:
    """Format a number in two halves, as people read it out: `7QK4M-1XRDF`."""
    return f"{number[:GROUP]}-{number[GROUP:]}"


def case_number(text: str) -> str:
    """Return the typed number as it is stored. Case, spaces and dashes are ignored; O is read as 0, I or L as
    1, U as V. Raises `BadInput` (`bad_case_number`) for an invalid number, which reveals nothing about
    existing ones."""
    number_ = letters(
        "".join(character for character in text[:100] if unicodedata.category(character) != "Cf")
    )
    if (
        len(number_) != LETTERS + 1
        or set(number_) - set(ALPHABET)
        or check(number_[:LETTERS]) != number_[LETTERS]
    ):
        raise BadCaseNumber("That is not a case number, or it was mistyped.")
    return number_


def pin(secret: int) -> str:
    """Return the PIN of a random integer below `PINS`."""
    return f"{secret:0{PIN_DIGITS}d}"


def typed_pin(text: str) -> str:
    """Return the digits typed as a PIN, in any script. Without exactly eight digits it matches no case."""
    figures = (unicodedata.decimal(character, None) for character in text[:100])
    return "".join(str(figure) for figure in figures if figure is not None)[: PIN_DIGITS + 1]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What decides the state of a case: when its person withdrew it, its entry's state, its bank's
    `visibility`."""

    withdrawn_at: datetime | None
    status: str
    suspended_for: str | None
    tier: str
    own_tier: str
    visibility: str


def state(case: CaseFacts) -> State:
    """Return the state of a case.

    waiting: not confirmed yet; confirmed: by reviewers, for all callers of the bank; contested: disputed and
    suspended; declined: rejected by reviewers; withdrawn: by the person who opened it; ended: the entry was
    withdrawn otherwise.
    """
    if case.withdrawn_at is not None:
        return "withdrawn"
    if case.status == "withdrawn":
        return "ended"
    if case.status == "suspended":
        return "contested" if case.suspended_for == "dispute" else "declined"
    tier = case.own_tier if case.visibility == "private" else case.tier
    return "waiting" if tier == "unreviewed" else "confirmed"


def unfit(kind: str, visibility: str, policy: Mapping[str, Any]) -> list[str]:
    """Return the settings that keep a bank from accepting intake cases, each with its required value. Cases
    must not be public, and no unreviewed case may answer `known_fake`."""
    settings = checked_policy(policy)
    requirements = {
        "kind=fakes": kind == "fakes",
        "visibility=private or shared": visibility != "public",
        "known_tier=reviewed": settings.known_tier != "unreviewed",
        "public_tier=null": settings.public_tier is None,
        "published=false": not settings.published,
        "subscribers_list=false": not settings.subscribers_list,
    }
    return [name for name, fits in requirements.items() if not fits]
