"""Encryption of blobs at rest with age (age-encryption.org/v1: X25519, ChaCha20-Poly1305 in chunks of 64
KiB).

An encrypted blob is an age file, which `age --decrypt` opens too. Its name holds the key's id, so keys can
rotate: the first of FAKEPRINT_BLOBS_KEYS encrypts, and all of them decrypt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import pyrage
from pyrage import x25519

from registry.core.errors.blobs import BadBlobsKey

_ID_DIGITS: Final = 16
_SECRET: Final = "AGE-SECRET-KEY-1"  # noqa: S105 - prefix of secret keys


class Unopened(Exception):
    """The encrypted data is damaged."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The keys of a deployment: `seals` is the id of the first, `openers` the decrypting keys by id."""

    seals: str = ""
    recipient: Any = None
    openers: Mapping[str, Any] = field(default_factory=dict)

    def seal(self, plain: BinaryIO, out: BinaryIO) -> None:
        """Encrypt a stream. Errors of reading or writing are raised unchanged."""
        source, target = _Watched(plain), _Watched(out)
        try:
            pyrage.encrypt_io(source, target, [self.recipient])
        except (pyrage.EncryptError, OSError):
            source.raise_caught()
            target.raise_caught()
            raise

    def open(self, key_id: str, sealed: BinaryIO, out: BinaryIO) -> None:
        """Decrypt a stream that the key with this id encrypted. Raises `Unopened` if it is damaged; part of
        it may have been written by then. Errors of reading or writing are raised unchanged."""
        source, target = _Watched(sealed), _Watched(out)
        try:
            pyrage.decrypt_io(source, target, [self.openers[key_id]])
        except (pyrage.DecryptError, OSError) as error:
            source.raise_caught()
            target.raise_caught()
            raise Unopened(str(error)) from error


NO_KEYS: Final = Keys()


def read_keys(text: str) -> Keys:
    """Parse FAKEPRINT_BLOBS_KEYS: keys separated by spaces or line breaks. A public key (`age1…`) encrypts
    but does not decrypt. Raises `BadInput` (`bad_blobs_key`) without showing a key."""
    words = [word for word in text.split() if word]
    if not words:
        return NO_KEYS
    recipients, openers = [], {}
    for number, word in enumerate(words, 1):
        try:
            if word.startswith(_SECRET):
                identity = x25519.Identity.from_str(word)
                recipients.append(identity.to_public())
                openers[key_id(recipients[-1])] = identity
            else:
                recipients.append(x25519.Recipient.from_str(word))
        except (pyrage.IdentityError, pyrage.RecipientError):
            raise BadBlobsKey(
                f"Key {number} of FAKEPRINT_BLOBS_KEYS is none.",
                next_step="Make one with `fakeprint blobs new-key`.",
            ) from None
    return Keys(key_id(recipients[0]), recipients[0], openers)


def new_key() -> str:
    """Generate a secret key for FAKEPRINT_BLOBS_KEYS."""
    return str(x25519.Identity.generate())


def public_half(key: str) -> str:
    """Return the public key of a secret key."""
    return str(x25519.Identity.from_str(key).to_public())


def key_id(recipient: object) -> str:
    """Return the id of a key: the first 16 hex digits of the SHA-256 of its public key."""
    return hashlib.sha256(str(recipient).encode()).hexdigest()[:_ID_DIGITS]


class _Watched:
    """A stream that remembers the error it raised, because pyrage turns errors into strings."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._caught: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except BaseException as error:
            self._caught = error
            raise

    def write(self, data: bytes) -> int:
        try:
            return self._stream.write(data)
        except BaseException as error:
            self._caught = error
            raise

    def flush(self) -> None:
        self._stream.flush()

    def raise_caught(self) -> None:
        if self._caught is not None:
            raise self._caught
