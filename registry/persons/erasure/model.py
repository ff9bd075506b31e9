"""Revocation codes, by which a person withdraws a consent without an account. Pure.

A code has 25 characters of Crockford's base 32, in groups of five: 120 random bits and one check character.
The check character reveals typing errors before the database is asked.
"""

from __future__ import annotations

import hashlib
from typing import Final

from registry.persons.erasure.errors import BadCode

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS: Final = 24
GROUP: Final = 5
SECRET_BYTES: Final = 15
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_BETWEEN: Final = str.maketrans("", "", " -–—._\t\r\n\u00a0")


def code(secret: bytes) -> str:
    """Return the code of 15 or more secret bytes: `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`."""
    number = int.from_bytes(secret[:SECRET_BYTES])
    characters = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LETTERS)))
    checked = characters + check(characters)
    return "-".join(checked[start : start + GROUP] for start in range(0, len(checked), GROUP))


def digest(text: str) -> bytes:
    """Return the SHA-256 of a code's characters, by which it is looked up. Case, spaces and dashes are
    ignored; O is read as 0, I or L as 1, U as V. Raises `BadInput` (`bad_code`) for an invalid code."""
    characters = letters(text)
    secret = characters[:LETTERS]
    if (
        len(characters) != LETTERS + 1
        or set(characters) - set(ALPHABET)
        or characters != secret + check(secret)
    ):
        raise BadCode("That is not a revocation code, or it was mistyped.")
    return hashlib.sha256(characters.encode()).digest()


def letters(text: str) -> str:
    """Return the typed characters without separators, with look-alikes replaced."""
    return text.upper().translate(_BETWEEN).translate(_READ_AS)


def check(characters: str) -> str:
    """Return the check character of a code."""
    return ALPHABET[hashlib.sha256(characters.encode()).digest()[0] & 31]
