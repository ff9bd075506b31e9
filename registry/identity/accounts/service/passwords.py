"""Passwords, hashed with Argon2id: pwdlib's recommended costs, 64 MiB a time, of which few run at once."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore
from typing import Final

from pwdlib import PasswordHash

_AT_ONCE: Final = BoundedSemaphore(2)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    return hashed("a word that is nobody's")


def hashed(password: str) -> str:
    """What is kept of it."""
    with _AT_ONCE:
        return _hasher().hash(password)


def verified(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether it is the word, and what to keep instead where costs have risen since. Takes as long where
    nothing is kept: whether a name exists is not told by the time."""
    nobodys = _nobodys()  # also where it is not needed: the first that is made costs as much as a password
    against = kept or nobodys
    with _AT_ONCE:
        right, anew = _hasher().verify_and_update(password, against)
    return (right and kept is not None), (anew if kept else None)
