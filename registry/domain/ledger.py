"""The record: what stands in it for a free text."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Commitment:
    """What binds an event to a text without telling it: SHA-256 of the salt (32 random bytes) and the text in
    UTF-8. Salt and text stand in an erasable row; without the salt nobody can try texts against the digest.
    """

    salt: bytes
    digest: bytes


def commit(text: str, *, salt: bytes | None = None) -> Commitment:
    """The commitment to a text, under a new salt unless one is given."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    return Commitment(salt, _digest(salt, text))


def opens(text: str, salt: bytes, digest: bytes) -> bool:
    """Whether that text, with that salt, is what was committed to."""
    return len(salt) == SALT_BYTES and hmac.compare_digest(_digest(salt, text), digest)


def _digest(salt: bytes, text: str) -> bytes:
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + text.encode()).digest()
