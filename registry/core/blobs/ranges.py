"""Read parts of blobs, encrypted ones too, without decrypting what lies before.

An age file (age-encryption.org/v1) holds a file key, encrypted for each recipient, and then chunks of 64 KiB.
Each chunk is encrypted and authenticated by itself, with its number as nonce. So any chunk can be decrypted
alone. pyrage only decrypts whole files.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.core.blobs.age_keys import Unopened

_CHUNK: Final = 64 * 1024
_TAG: Final = 16
_SEALED: Final = _CHUNK + _TAG
_NONCE: Final = 16
_VERSION: Final = b"age-encryption.org/v1\n"
_INFO: Final = b"age-encryption.org/v1/X25519"
_MOST_LINES: Final = 64
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_CHECKSUM: Final = 6


class Ranged(Protocol):
    """A blob that is read in parts."""

    @property
    def size(self) -> int:
        """Bytes of its content."""

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`. Raises `Unopened` if they are damaged."""


class PlainRange:
    """A blob that is not encrypted. Its content is not compared with its digest."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self.size = size

    def read(self, start: int, end: int) -> Iterator[bytes]:
        self._stream.seek(start)
        left = min(end, self.size) - start
        while left > 0 and (data := self._stream.read(min(left, _CHUNK))):
            left -= len(data)
            yield data


class AgeRange:
    """A blob that is an age file. `identity`: the text of its X25519 key, `AGE-SECRET-KEY-1…`."""

    def __init__(self, stream: BinaryIO, sealed_size: int, identity: str) -> None:
        self._stream = stream
        stream.seek(0)
        file_key, header = _file_key(stream, X25519PrivateKey.from_private_bytes(_scalar(identity)))
        nonce = stream.read(_NONCE)
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._begin = header + _NONCE
        payload = sealed_size - self._begin
        self._chunks = -(-payload // _SEALED)
        self.size = payload - self._chunks * _TAG

    def read(self, start: int, end: int) -> Iterator[bytes]:
        end = min(end, self.size)
        for place in range(start // _CHUNK, -(-end // _CHUNK)):
            first = place * _CHUNK
            yield self._chunk(place)[max(0, start - first) : end - first]

    def _chunk(self, place: int) -> bytes:
        self._stream.seek(self._begin + place * _SEALED)
        nonce = place.to_bytes(11, "big") + bytes([place == self._chunks - 1])
        try:
            return self._cipher.decrypt(nonce, self._stream.read(_SEALED), None)
        except InvalidTag as error:
            raise Unopened("a chunk is damaged") from error


def _file_key(stream: BinaryIO, private: X25519PrivateKey) -> tuple[bytes, int]:
    """Return the file key and the length of the header. Raises `Unopened`."""
    lines = [stream.readline()]
    while lines[-1] and not lines[-1].startswith(b"---") and len(lines) < _MOST_LINES:
        lines.append(stream.readline())
    if lines[0] != _VERSION or not lines[-1].startswith(b"--- "):
        raise Unopened("not an age file")
    for place, line in enumerate(lines):
        words = line.split()
        if words[:2] == [b"->", b"X25519"] and (key := _unwrapped(private, words[2], lines[place + 1])):
            signed = b"".join(lines[:-1]) + b"---"
            mac = hmac.digest(_derived(key, b"", b"header"), signed, hashlib.sha256)
            if hmac.compare_digest(mac, _decoded(lines[-1].split()[1])):
                return key, sum(map(len, lines))
    raise Unopened("no key of this file, or its header is damaged")


def _unwrapped(private: X25519PrivateKey, share: bytes, body: bytes) -> bytes | None:
    """Return the file key of a recipient's lines, None if they are for another key."""
    ephemeral = _decoded(share)
    own = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        key = _derived(shared, ephemeral + own, _INFO)
        return ChaCha20Poly1305(key).decrypt(bytes(12), _decoded(body.strip()), None)
    except (InvalidTag, ValueError):
        return None


def _derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key)


def _decoded(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def _scalar(identity: str) -> bytes:
    """Return the 32 bytes of an age identity (Bech32, BIP 173). It was checked when it was read."""
    digits = identity.lower().rpartition("1")[2][:-_CHECKSUM]
    bits = 0
    for digit in digits:
        bits = bits << 5 | _BECH32.index(digit)
    return (bits >> (5 * len(digits) - 256)).to_bytes(32, "big")
