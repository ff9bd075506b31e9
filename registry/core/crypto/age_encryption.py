"""age encryption of files (age-encryption.org/v1, by `pyrage`) with X25519 keys, or with a password that
protects such a key.

Files are encrypted to keys only, in a stream of any length. For a password, a new key is generated and
encrypted with the password (scrypt). It is stored beside the files. `age` itself opens both: `age -d -i
identity.age medium.age`.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

import pyrage

from registry.core.errors.crypto import BadIdentity, BadRecipient, NotDeciphered, WeakPassword

MOST_RECIPIENTS: Final = 10
LARGEST_IDENTITY: Final = 4_096
"""Bytes of an encrypted key."""
SHORTEST_PASSWORD: Final = 12


@dataclass(frozen=True, slots=True)
class Ciphered:
    """The plaintext's SHA-256 (hex) and size in bytes."""

    sha256: str
    size: int


class _Counting(io.RawIOBase):
    """Hashes and counts the bytes that are read from, or written to, it."""

    def __init__(self, source: BinaryIO | None) -> None:
        self._other = source
        self.digest = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._other.read(size) if self._other is not None else b""
        self._count(data)
        return data

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._count(bytes(data))
        return len(data)

    def _count(self, data: bytes) -> None:
        self.digest.update(data)
        self.size += len(data)


def recipients(texts: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    """Parse the public keys (`age1…`) of the recipients. Raises `BadInput` (`bad_recipient`)."""
    if not 1 <= len(texts) <= MOST_RECIPIENTS:
        raise BadRecipient(f"Give 1 to {MOST_RECIPIENTS} recipients.")
    keys = []
    for text in texts:
        try:
            keys.append(pyrage.x25519.Recipient.from_str(text))
        except pyrage.RecipientError as error:
            raise BadRecipient(
                f"{text[:80]!r} is no public key of age.",
                next_step="Make one: age-keygen. The line that begins with age1 is the recipient.",
            ) from error
    return keys


def cipher(source: BinaryIO, into: BinaryIO, to: Sequence[pyrage.x25519.Recipient]) -> Ciphered:
    """Encrypt a file as a stream. Return digest and size of the plaintext."""
    counted = _Counting(source)
    pyrage.encrypt_io(counted, into, list(to))
    return Ciphered(counted.digest.hexdigest(), counted.size)


def decipher(source: BinaryIO, identities: Sequence[pyrage.x25519.Identity]) -> Ciphered:
    """Decrypt a file without storing the plaintext. Return its digest and size. Raises `BadInput`
    (`not_deciphered`)."""
    counted = _Counting(None)
    decipher_into(source, counted, identities)
    return Ciphered(counted.digest.hexdigest(), counted.size)


def decipher_into(
    source: BinaryIO, into: BinaryIO | io.RawIOBase, identities: Sequence[pyrage.x25519.Identity]
) -> None:
    """Decrypt a file into another, as a stream. Raises `BadInput` (`not_deciphered`)."""
    try:
        pyrage.decrypt_io(source, into, list(identities))
    except (pyrage.DecryptError, OSError, ValueError) as error:
        raise NotDeciphered("It does not open with that key.") from error


def new_locked(password: str) -> tuple[str, bytes]:
    """Generate a key. Return its public part and the key encrypted with the password. Raises `BadInput`
    (`weak_password`)."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(f"A password has at least {SHORTEST_PASSWORD} characters.")
    identity = pyrage.x25519.Identity.generate()
    return str(identity.to_public()), bytes(pyrage.passphrase.encrypt(f"{identity}\n".encode(), password))


def unlocked(locked: bytes, password: str) -> list[pyrage.x25519.Identity]:
    """Decrypt a key with its password. Raises `BadInput` (`not_deciphered`, `bad_identity`)."""
    try:
        text = bytes(pyrage.passphrase.decrypt(locked, password))
    except (pyrage.DecryptError, ValueError) as error:
        raise NotDeciphered("The password is not the one.") from error
    return identities(text.decode(errors="replace"))


def identities(text: str) -> list[pyrage.x25519.Identity]:
    """Parse the keys in a file of `age-keygen`. Raises `BadInput` (`bad_identity`)."""
    lines = [line.strip() for line in text.splitlines()]
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as error:
        raise BadIdentity from error
    if not keys:
        raise BadIdentity
    return keys
