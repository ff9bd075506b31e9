"""Who is it that calls?"""

from __future__ import annotations

import hashlib

from registry.core.database.replicas import Source
from registry.core.errors import Unauthenticated
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.store import callers


def authenticate(service: Service, key: str) -> Caller:
    """The caller of an API key. Raises `Unauthenticated` for one that is unknown, expired or revoked.

    The key is 256 random bits, so an unsalted SHA-256 of it is not worth guessing, and looking a digest
    up by index tells nothing of the key by its timing. The primary is asked; while it is away, a replica.
    """

    def found(source: Source) -> Caller:
        with source.transaction() as connection:
            caller = callers.by_key(connection, known)
        if caller is None:
            raise unknown_key()
        return caller

    known = digest(key)
    return service.read(found, None)


def digest(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).digest()


def unknown_key() -> Unauthenticated:
    """The error of a key that is nobody's."""
    return Unauthenticated(
        "The API key is not known, has expired or was revoked.",
        next_step="Check FAKEPRINT_KEY; `fakeprint up` writes its first key to DATA/admin.key.",
    )
