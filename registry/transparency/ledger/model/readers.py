"""Marks by which an organization recognizes its leaves, even after their texts are gone.

Each leaf has two marks of 16 bytes: of the organization that owns the event, and of the organization whose
caller caused it. A mark is HMAC-SHA-256 of the leaf's hash under the organization's reader key, cut to 16
bytes. A mark of nobody is random. Without the key nobody can tell a mark from random bytes, so others learn
nothing from them (HMAC is a pseudorandom function: RFC 2104; Bellare, CRYPTO 2006).

The marks are covered by the signature. Each leaf has the hash of all marks up to it: SHA-256 of 0x02, the
hash before it, and its marks. The checkpoint states the last of these hashes in a line of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from registry.transparency.ledger.model.merkle import HASH_BYTES

MARK_BYTES: Final = 16
MARKS_BYTES: Final = 2 * MARK_BYTES
NONE: Final = bytes(HASH_BYTES)
"""Hash of the marks of no leaf."""
_PURPOSE: Final = b"fakeprint ledger reader\0"


def mark(key: bytes, leaf_hash: bytes) -> bytes:
    """Return the mark of an organization on a leaf: 16 bytes. `key`: the organization's reader key."""
    return hmac.digest(key, _PURPOSE + leaf_hash, "sha256")[:MARK_BYTES]


def marks(owner: bytes | None, actor: bytes | None, leaf_hash: bytes) -> bytes:
    """Return both marks of a leaf: 32 bytes. `owner`, `actor`: reader keys; None: nobody."""
    return b"".join(
        mark(key, leaf_hash) if key else secrets.token_bytes(MARK_BYTES) for key in (owner, actor)
    )


def is_marked(marks_: bytes, key: bytes, leaf_hash: bytes) -> bool:
    """Return whether one of the marks is of the organization with this reader key."""
    own = mark(key, leaf_hash)
    return own in {marks_[:MARK_BYTES], marks_[MARK_BYTES:]}


def chained(before: bytes, marks_: Iterable[bytes]) -> list[bytes]:
    """Return the hash of all marks after each further leaf. `before`: the hash so far; first `NONE`."""
    hashes = []
    for each in marks_:
        before = hashlib.sha256(b"\x02" + before + each).digest()
        hashes.append(before)
    return hashes
