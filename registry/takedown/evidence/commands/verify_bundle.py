"""Verify a bundle of evidence offline."""

from __future__ import annotations

import io
import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Final

from cryptography.x509 import Certificate

from registry.core.crypto import age_encryption, secret
from registry.core.documents import plain_zip
from registry.core.errors import BadInput
from registry.core.errors.crypto import NotDeciphered
from registry.core.errors.terminal import Unreadable
from registry.core.terminal.text import printable
from registry.takedown.evidence.model import bundle
from registry.takedown.evidence.model.bundle_contents import Opened, Unopened
from registry.transparency.ledger.errors import BadExport
from registry.transparency.ledger.model.note import VerifierKey
from registry.transparency.ledger.model.verification import Report
from registry.transparency.timestamps.errors import BadTsa
from registry.transparency.timestamps.model import rfc3161
from registry.transparency.timestamps.model.rfc3161 import BadStamp
from registry.transparency.timestamps.service import authority

MOST_BYTES: Final = plain_zip.MOST_STREAMED + (1 << 25)
"""Maximum size of a bundle, including the structures of the archive."""
MOST_PIPED: Final = plain_zip.MOST_BYTES + (1 << 25)
"""Maximum size of a bundle that comes through a pipe and is held in memory."""
_IDENTITY: Final = "media/identity.age"


@dataclass(frozen=True, slots=True)
class UserKeys:
    """Keys that the user provides: certificates of authorities, age keys, a password."""

    trusted: tuple[Certificate, ...]
    identities: tuple[Any, ...]
    password: str | None


def read_user_keys(
    authorities: Sequence[Path], identity_files: Sequence[Path], password: secret.Password
) -> UserKeys:
    """Read the certificates and age keys. Raises `BadInput` (`bad_tsa`, `bad_identity`, `unreadable`)."""
    trusted = [certificate for path in authorities for certificate in _certificates(path)]
    identities = [identity for path in identity_files for identity in _identities(path)]
    return UserKeys(tuple(trusted), tuple(identities), password.ask())


def check(
    file: BinaryIO, begin: bytes, keys: Sequence[VerifierKey], notes: Sequence[str], user_keys: UserKeys
) -> Report:
    """Return the report. A file is mapped, not read into memory.

    `begin`: its bytes that were read already. Raises `BadInput` (`bad_export`).
    """
    try:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # a pipe, or a file without bytes
        raw = begin + file.read(MOST_PIPED + 1 - len(begin))
        return _checked(memoryview(raw), MOST_PIPED, keys, notes, user_keys)
    return _checked(memoryview(mapped), MOST_BYTES, keys, notes, user_keys)


def _checked(
    raw: memoryview, most: int, keys: Sequence[VerifierKey], notes: Sequence[str], user_keys: UserKeys
) -> Report:
    if len(raw) > most:
        raise BadExport("The file is larger than any bundle.")
    opened = _opener(raw, user_keys) if user_keys.identities or user_keys.password is not None else None
    return bundle.check(raw, keys, notes, trusted=user_keys.trusted, opened=opened)


def _opener(raw: memoryview, user_keys: UserKeys) -> Opened:
    """Return a function that decrypts files of this bundle. The password is applied once."""

    @cache
    def identities() -> tuple[Any, ...]:
        own = user_keys.identities
        if user_keys.password is None:
            return own
        locked = next((data for name, data in plain_zip.unpack(raw) if name == _IDENTITY), None)
        if locked is None:
            raise NotDeciphered("The media are encrypted for keys, not with a password.")
        return (
            *own,
            *age_encryption.unlocked(bytes(locked[: age_encryption.LARGEST_IDENTITY]), user_keys.password),
        )

    def decrypt(data: memoryview) -> tuple[str, int]:
        try:
            plaintext = age_encryption.decipher(io.BufferedReader(_Reading(data)), identities())
        except BadInput as error:
            raise Unopened(str(error).rstrip(".")) from error
        return plaintext.sha256, plaintext.size

    return decrypt


class _Reading(io.RawIOBase):
    """Read a view without copying all of it."""

    def __init__(self, data: memoryview) -> None:
        self._data, self._place = data, 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        piece = self._data[self._place : self._place + len(into)]
        into[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)


def _certificates(path: Path) -> list[Certificate]:
    try:
        return rfc3161.authorities(authority.read_certificates(path))
    except OSError as error:
        raise _unreadable(path, error.strerror) from None
    except BadStamp as error:
        raise BadTsa(f"--tsa-roots {printable(str(path))}: {error}.") from None


def _identities(path: Path) -> list[Any]:
    try:
        with path.open(encoding="utf-8") as file:
            return age_encryption.identities(file.read(1 << 16))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise _unreadable(path, reason) from None


def _unreadable(path: Path, reason: str | None) -> BadInput:
    return Unreadable(f"{printable(str(path))} cannot be read: {reason}.")
