"""The code by which a person withdraws a consent without an account. Pure.

25 letters and digits of Crockford's base 32, five at a time: 120 bits that nobody guesses, and one letter by
which a slip of the pen is told from an unknown code before anybody is asked.
"""

from __future__ import annotations

import hashlib
from typing import Final

from registry.core.errors import BadInput

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS: Final = 24
GROUP: Final = 5
SECRET_BYTES: Final = 15
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_BETWEEN: Final = str.maketrans("", "", " -–—._\t\r\n\u00a0")


def code(secret: bytes) -> str:
    """The code of 15 or more secret bytes, as it is shown: `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`."""
    number = int.from_bytes(secret[:SECRET_BYTES])
    said = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LETTERS)))
    whole = said + check(said)
    return "-".join(whole[start : start + GROUP] for start in range(0, len(whole), GROUP))


def digest(text: str) -> bytes:
    """What a code is known by: SHA-256 of its letters. Case, spaces and dashes do not matter, nor does O for
    0, I or L for 1, U for V. Raises `BadInput` (`bad_code`) for what can be no code."""
    said = letters(text)
    whole = said[:LETTERS]
    if len(said) != LETTERS + 1 or set(said) - set(ALPHABET) or said != whole + check(whole):
        raise BadInput(
            "That is not a revocation code, or it was mistyped.",
            code="bad_code",
            next_step="It has 25 letters and digits, five at a time; copy it once more.",
        )
    return hashlib.sha256(said.encode()).digest()


def letters(text: str) -> str:
    """What was typed, without what stands between, and with what is read as something else put right."""
    return text.upper().translate(_BETWEEN).translate(_READ_AS)


def check(said: str) -> str:
    """The last letter of a code, made of the others."""
    return ALPHABET[hashlib.sha256(said.encode()).digest()[0] & 31]
