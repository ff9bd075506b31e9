"""Accounts of people who sign in to the console: names, passwords, session lifetimes, delays after failed
attempts."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from registry.core.errors import BadLabel
from registry.core.errors.crypto import WeakPassword
from registry.core.labels import label
from registry.identity.accounts.errors import BadPassword
from registry.identity.callers.model import Caller

LANGUAGES: Final = ("en", "es", "fr", "ar")
SHORTEST_PASSWORD: Final = 12
"""Characters. NIST SP 800-63B-4, section 3.1.1.2, requires length and forbids composition rules."""
LONGEST_PASSWORD: Final = 256
LONGEST_NAME: Final = 120
INVITED: Final = timedelta(days=7)
"""Lifetime of an invitation."""
CEREMONY: Final = timedelta(minutes=10)
"""Time that an authenticator or a provider may take."""
MOST_PASSKEYS: Final = 20
MOST_VIEWS: Final = 20
"""Saved views of an account for one list of the console."""
FREE_FAILURES: Final = 5
"""Failed attempts before a delay applies."""
LONGEST_WAIT: Final = 900.0
"""Longest delay in seconds. A longer one would let strangers lock people out."""
NETWORK_FREE: Final = 30
"""The same for a network, which many people may share."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed-in person: the account, the session, and the caller as whom they act."""

    account_id: UUID
    session_id: UUID
    sign_in_name: str
    organization: str
    caller: Caller


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open invitation: the name to sign in with, the person's name and roles, the organization, and the
    name of who invites. `inviter` None: not on record."""

    sign_in_name: str
    name: str
    roles: tuple[str, ...]
    organization: str
    inviter: str | None


def sign_in_name(text: str) -> str:
    """Return the sign-in name as it is stored: NFKC, case folded, trimmed, such as `ana@example.org` or
    `ana.ruiz`. Raises `BadInput` (`bad_label`), also if it contains a space or `/`."""
    name = unicodedata.normalize("NFKC", label(text, "sign_in_name", longest=LONGEST_NAME)).casefold()
    if any(character.isspace() or character == "/" for character in name):
        raise BadLabel("`sign_in_name` holds no spaces and no slashes.")
    return name


def checked_password(password: str, name: str) -> str:
    """Return the password in NFC. Raises `BadInput`: `weak_password` if it is short, has fewer than four
    distinct characters or is the name; `bad_password` if it is too long to be hashed or contains NUL."""
    word = unicodedata.normalize("NFC", password)
    if len(word) > LONGEST_PASSWORD or "\0" in word:
        raise BadPassword(f"A password has {LONGEST_PASSWORD} characters at most.")
    local_part = name.partition("@")[0]
    if (
        len(word) < SHORTEST_PASSWORD
        or len(set(word)) < 4
        or word.casefold() in {name, local_part, local_part * 2}
    ):
        raise WeakPassword(
            f"A password needs {SHORTEST_PASSWORD} characters or more, and is not the name.",
            next_step="Take a few words that nobody would put together.",
        )
    return word


def normalised(password: str) -> str:
    """Return the password as it is compared: NFC like `checked_password`, cut beyond the longest valid
    length."""
    return unicodedata.normalize("NFC", password)[: LONGEST_PASSWORD + 1]


def wait_after(failures: int, *, free: int = FREE_FAILURES) -> float:
    """Return the seconds after the last of so many failures during which attempts are refused: none for the
    first `free`, then 15, doubling up to 15 minutes."""
    if failures < free:
        return 0.0
    return min(LONGEST_WAIT, 15.0 * 2.0 ** min(failures - free, 10))
