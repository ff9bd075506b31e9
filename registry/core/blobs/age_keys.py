"""Blobs encrypted at rest, with age (age-encryption.org/v1: X25519, ChaCha20-Poly1305 in chunks of 64 KiB).

What is sealed is an age file, which `age --decrypt` opens too. Its name says by which key, so that keys
rotate: the first of FAKEPRINT_BLOBS_KEYS seals, and all of them open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import pyrage
from pyrage import x25519

from registry.core.errors import BadInput

_ID_DIGITS: Final = 16
_SECRET: Final = "AGE-SECRET-KEY-1"  # noqa: S105 - how such keys begin


class Unopened(Exception):
    """What a key sealed is damaged."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The keys of a deployment: `seals` names the first, `openers` those that open, by id."""

    seals: str = ""
    recipient: Any = None
    openers: Mapping[str, Any] = field(default_factory=dict)

    def seal(self, plain: BinaryIO, out: BinaryIO) -> None:
        """Encrypt a stream. What reading or writing raises comes out as it is."""
        source, target = _Watched(plain), _Watched(out)
        try:
            pyrage.encrypt_io(source, target, [self.recipient])
        except (pyrage.EncryptError, OSError):
            source.raise_caught()
            target.raise_caught()
            raise

    def open(self, key_id: str, sealed: BinaryIO, out: BinaryIO) -> None:
        """Decrypt a stream that the key of this id sealed. Raises `Unopened` where it is damaged; part of it
        may have been written then. What reading or writing raises comes out as it is."""
        source, target = _Watched(sealed), _Watched(out)
        try:
            pyrage.decrypt_io(source, target, [self.openers[key_id]])
        except (pyrage.DecryptError, OSError) as error:
            source.raise_caught()
            target.raise_caught()
            raise Unopened(str(error)) from error


NO_KEYS: Final = Keys()


def read_keys(said: str) -> Keys:
    """The keys of FAKEPRINT_BLOBS_KEYS, with spaces or line breaks between them; `age1…` seals and does not
    open. Raises `BadInput` (`bad_blobs_key`), which shows none of them."""
    words = [word for word in said.split() if word]
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
            raise BadInput(
                f"Key {number} of FAKEPRINT_BLOBS_KEYS is none.",
                code="bad_blobs_key",
                next_step="Make one with `fakeprint blobs new-key`.",
            ) from None
    return Keys(key_id(recipients[0]), recipients[0], openers)


def new_key() -> str:
    """A key for FAKEPRINT_BLOBS_KEYS."""
    return str(x25519.Identity.generate())


def public_half(key: str) -> str:
    """What seals for a key."""
    return str(x25519.Identity.from_str(key).to_public())


def key_id(recipient: object) -> str:
    """By which a key is told from others: of the SHA-256 of its public half, 16 digits."""
    return hashlib.sha256(str(recipient).encode()).hexdigest()[:_ID_DIGITS]


class _Watched:
    """A stream that remembers what it raised: pyrage makes a string of it."""

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
