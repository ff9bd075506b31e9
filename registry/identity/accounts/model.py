"""Accounts of people who sign in to the console: names, passwords, how long a session lasts, how slow
guessing is."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from registry.core.errors import BadInput
from registry.core.labels import label
from registry.identity.callers.model import Caller

LANGUAGES: Final = ("en", "es", "fr", "ar")
SHORTEST_PASSWORD: Final = 12
"""Characters. Length is what counts: NIST SP 800-63B-4, section 3.1.1.2, which also forbids rules of
composition."""
LONGEST_PASSWORD: Final = 256
LONGEST_NAME: Final = 120
INVITED: Final = timedelta(days=7)
"""How long an invitation is open."""
CEREMONY: Final = timedelta(minutes=10)
"""How long an authenticator or a provider may take."""
MOST_PASSKEYS: Final = 20
MOST_VIEWS: Final = 20
"""Of one list of the console, that an account keeps."""
FREE_FAILURES: Final = 5
"""Attempts that cost no wait."""
LONGEST_WAIT: Final = 900.0
"""Seconds: a name is never locked for longer, or strangers could lock people out."""
NETWORK_FREE: Final = 30
"""Likewise of a network, in which many people may sit."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in: the account, the session, and the caller as whom they act."""

    account_id: UUID
    session_id: UUID
    sign_in_name: str
    organization: str
    caller: Caller


def sign_in_name(text: str) -> str:
    """What is typed to sign in, as it is kept: NFKC, case folded, no spaces around. Raises `BadInput`
    (`bad_label`), also for one with a space or `/` in it: `ana@example.org`, `ana.ruiz`."""
    name = unicodedata.normalize("NFKC", label(text, "sign_in_name", longest=LONGEST_NAME)).casefold()
    if any(item.isspace() or item == "/" for item in name):
        raise BadInput("`sign_in_name` holds no spaces and no slashes.", code="bad_label")
    return name


def checked_password(password: str, name: str) -> str:
    """The password, NFC. Raises `BadInput` (`weak_password`) for one that is short, repeats one character or
    is the name; (`bad_password`) for one too long to be hashed, or with a NUL."""
    word = unicodedata.normalize("NFC", password)
    if len(word) > LONGEST_PASSWORD or "\0" in word:
        raise BadInput(f"A password has {LONGEST_PASSWORD} characters at most.", code="bad_password")
    known = name.partition("@")[0]
    if len(word) < SHORTEST_PASSWORD or len(set(word)) < 4 or word.casefold() in {name, known, known * 2}:
        raise BadInput(
            f"A password needs {SHORTEST_PASSWORD} characters or more, and is not the name.",
            code="weak_password",
            next_step="Take a few words that nobody would put together.",
        )
    return word


def normalised(password: str) -> str:
    """What is compared: as `checked_password` kept it, cut where nobody's goes on."""
    return unicodedata.normalize("NFC", password)[: LONGEST_PASSWORD + 1]


def wait_after(failures: int, *, free: int = FREE_FAILURES) -> float:
    """Seconds after the last of so many failures in which no further attempt is looked at: none for the first
    `free`, then 15, doubling, up to a quarter of an hour."""
    if failures < free:
        return 0.0
    return min(LONGEST_WAIT, 15.0 * 2.0 ** min(failures - free, 10))
