"""A private case: what a person without an account registers from the private page, by fingerprints
alone. Pure.

The number is nine letters and digits of Crockford's base 32 and one that checks them: over GF(32), of x^5
+ x^2 + 1, the sum of letters times powers of x is nothing, so that one letter mistaken, or any two
exchanged, is told from a number of somebody else's before anybody is asked. The PIN is eight digits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Final, Literal

from registry.catalogue.banks.model import policy as checked_policy
from registry.core.errors import BadInput
from registry.persons.erasure.model import ALPHABET, letters

Standing = Literal["depicted", "authorized"]
State = Literal["waiting", "confirmed", "contested", "declined", "withdrawn", "ended"]

STANDINGS: Final[tuple[Standing, ...]] = ("depicted", "authorized")
STATES: Final[tuple[State, ...]] = (
    "waiting",
    "confirmed",
    "contested",
    "declined",
    "withdrawn",
    "ended",
)
TITLE: Final = "Private case"
"""What strangers read with a match: nothing of whom it shows."""
LETTERS: Final = 9
GROUP: Final = 5
NUMBERS: Final = 1 << 5 * LETTERS
"""So many numbers there are."""
PIN_DIGITS: Final = 8
PINS: Final = 10**PIN_DIGITS
MOST_FILES: Final = 20
"""Fingerprint documents of one case."""
MOST_PLACES: Final = 50
LONGEST_NOTE: Final = 2000
NETWORK_FREE: Final = 10
"""Cases that a network opens in a day before it has to wait between them (`account.wait_after`)."""
_MODULUS: Final = 0b100101


def number(secret: int) -> str:
    """The number of a random integer below `NUMBERS`, as it is kept: ten letters and digits."""
    said = "".join(ALPHABET[secret >> 5 * place & 31] for place in reversed(range(LETTERS)))
    return said + check(said)


def check(said: str) -> str:
    """The last letter of a number, made of the others."""
    found = 0
    for letter in said:
        found = (found ^ ALPHABET.index(letter)) << 1
        found ^= _MODULUS if found & 32 else 0
    return ALPHABET[found]


def shown(kept: str) -> str:
    """`7QK4M-1XRDF`: in two halves, as people read it out."""
    return f"{kept[:GROUP]}-{kept[GROUP:]}"


def case_number(text: str) -> str:
    """The number that was typed, as it is kept. Case, spaces and dashes do not matter, nor does O for 0,
    I or L for 1, U for V. Raises `BadInput` (`bad_case_number`) for what can be none, which tells nothing
    of those that are somebody's."""
    said = letters("".join(item for item in text[:100] if unicodedata.category(item) != "Cf"))
    if len(said) != LETTERS + 1 or set(said) - set(ALPHABET) or check(said[:LETTERS]) != said[LETTERS]:
        raise BadInput(
            "That is not a case number, or it was mistyped.",
            code="bad_case_number",
            next_step="It has ten letters and digits, as in 7QK4M-1XRDF; copy it once more.",
        )
    return said


def pin(secret: int) -> str:
    """The PIN of a random integer below `PINS`."""
    return f"{secret:0{PIN_DIGITS}d}"


def typed_pin(text: str) -> str:
    """The digits of what was typed as a PIN, of any script; what has not eight of them is nobody's."""
    figures = (unicodedata.decimal(item, None) for item in text[:100])
    return "".join(str(figure) for figure in figures if figure is not None)[: PIN_DIGITS + 1]


def state(row: Mapping[str, Any]) -> State:
    """What became of a case, of `status`, `suspended_for`, `tier`, `own_tier` of its entry, the
    `visibility` of its bank, and `withdrawn_at`.

    waiting: nobody has confirmed it; confirmed: reviewers have, for everybody who asks the bank;
    contested: it is disputed and suspended; declined: reviewers rejected it; withdrawn: by whoever opened
    it; ended: the entry was withdrawn otherwise.
    """
    if row["withdrawn_at"] is not None:
        return "withdrawn"
    if row["status"] == "withdrawn":
        return "ended"
    if row["status"] == "suspended":
        return "contested" if row["suspended_for"] == "dispute" else "declined"
    tier = row["own_tier"] if row["visibility"] == "private" else row["tier"]
    return "waiting" if tier == "unreviewed" else "confirmed"


def unfit(kind: str, visibility: str, policy: Mapping[str, Any]) -> list[str]:
    """What keeps a bank from taking private cases: each a setting and what it has to be. None of them may be
    everybody's to see, and nothing answers `known_fake` before it is reviewed."""
    said = checked_policy(policy)
    asked = {
        "kind=fakes": kind == "fakes",
        "visibility=private or shared": visibility != "public",
        "known_tier=reviewed": said.known_tier != "unreviewed",
        "public_tier=null": said.public_tier is None,
        "published=false": not said.published,
        "subscribers_list=false": not said.subscribers_list,
    }
    return [name for name, fits in asked.items() if not fits]
