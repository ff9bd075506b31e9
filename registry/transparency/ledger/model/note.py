"""Signed notes and checkpoints of the ledger (C2SP signed-note, tlog-checkpoint and tlog-proof), with
Ed25519.

A note is text, an empty line, and one line for each signature: `— NAME BASE64`, with four bytes of key id
before the signature. A checkpoint's text has three lines: the ledger's origin, its size and its root hash. A
fourth line, an extension of this registry, is `readers` and the hash of the marks on its leaves (`readers`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from registry.transparency.ledger.model.merkle import HASH_BYTES

ED25519: Final = b"\x01"
MOST_SIGNATURES: Final = 64
LONGEST: Final = 1_000_000
"""Most characters of a note."""
LARGEST: Final = 2**63 - 1
"""Most leaves of a ledger: the database's largest integer."""
PROOF_HEAD: Final = "c2sp.org/tlog-proof@v1"
READERS: Final = "readers"
"""Word of the extension line."""

_NAME: Final = re.compile(r"[^\s+]+\Z")
_SIZE: Final = re.compile(r"(0|[1-9][0-9]{0,18})\Z")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\Z")


class BadNote(ValueError):
    """The text is not a signed note, or lacks a required signature."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and its name. Its text form is `NAME+ID+BASE64`."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return four bytes that distinguish keys with the same name."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_b64(ED25519 + self.public)}"


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key and its name. It must never be shown, logged or put into an error."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note: its text with the last newline, and key name, key id and signature of each line."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed checkpoint: the ledger's name, its number of leaves and its root hash.

    `readers`: the hash of all marks on its leaves; None: the checkpoint does not state it.
    """

    origin: str
    size: int
    root: bytes
    readers: bytes | None = None

    @property
    def text(self) -> str:
        """Return the note's text."""
        extension = "" if self.readers is None else f"{READERS} {_b64(self.readers)}\n"
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n{extension}"

    def contradicts(self, other: Checkpoint) -> bool:
        """Return whether both are of the same size and state different leaves or marks."""
        differ = self.readers != other.readers and None not in {self.readers, other.readers}
        return self.size == other.size and (self.root != other.root or differ)


def verifier_key(text: str) -> VerifierKey:
    """Parse a key in the form of `str(VerifierKey)`. Raises `BadNote`."""
    name, _, tail = text.strip().partition("+")
    key_id, _, encoded = tail.partition("+")
    raw = _bytes(encoded)
    if not _NAME.match(name) or len(raw) != 33 or raw[:1] != ED25519:
        raise BadNote("this is not an Ed25519 verifier key (NAME+ID+BASE64)")
    key = VerifierKey(name, raw[1:])
    if key.key_id.hex() != key_id:
        raise BadNote("the key's id does not fit the key")
    return key


def is_name(text: str) -> bool:
    """Return whether the text is a valid name of a key, and so of a ledger: no spaces, no plus."""
    return bool(_NAME.match(text)) and not _CONTROL.search(text)


def sign(text: str, signers: Iterable[Signer]) -> str:
    """Return the note of `text` (which ends in a newline), signed by all signers."""
    lines = [
        f"— {signer.name} {_b64(signer.verifier.key_id + signer.private.sign(text.encode()))}\n"
        for signer in signers
    ]
    return text + "\n" + "".join(lines)


def read(note: str) -> Note:
    """Parse a note without verifying it. Raises `BadNote`."""
    if len(note) > LONGEST or _CONTROL.search(note):
        raise BadNote("it is too long, or holds control characters")
    head, parted, tail = note.rpartition("\n\n")
    if not parted or not tail.endswith("\n"):
        raise BadNote("it has no signatures after an empty line")
    lines = tail[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise BadNote("it has too many signatures")
    return Note(head + "\n", tuple(_signature(line) for line in lines))


def verify(note: str, keys: Sequence[VerifierKey]) -> Note:
    """Return the note if at least one of `keys` has signed it.

    Raises `BadNote` if none has, or if a signature under a known key is wrong.
    """
    note_, valid = read(note), 0
    for name, key_id, signature in note_.signatures:
        for key in keys:
            if (key.name, key.key_id) != (name, key_id):
                continue
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature, note_.text.encode())
            except (InvalidSignature, ValueError) as error:
                raise BadNote(f"the signature of {name} is wrong") from error
            valid += 1
    if not valid:
        names = ", ".join(sorted({name for name, _, _ in note_.signatures}))
        raise BadNote(f"none of the keys given has signed it (signed by: {names})")
    return note_


def checkpoint(text: str) -> Checkpoint:
    """Parse a note's text as a checkpoint. Raises `BadNote`."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise BadNote("a checkpoint has three lines: origin, size, root hash")
    origin, size, root = lines[:3]
    raw = _bytes(root)
    if not _SIZE.match(size) or len(raw) != HASH_BYTES:
        raise BadNote("a checkpoint has three lines: origin, size, root hash")
    if int(size) > LARGEST:
        raise BadNote("the size in the checkpoint is too large")
    return Checkpoint(origin, int(size), raw, _readers(lines[3:-1]))


def _readers(extensions: Sequence[str]) -> bytes | None:
    """Return the hash of the marks from the extension lines. Raises `BadNote`."""
    stated = [line.removeprefix(f"{READERS} ") for line in extensions if line.startswith(f"{READERS} ")]
    if not stated:
        return None
    raw = _bytes(stated[0])
    if len(stated) > 1 or len(raw) != HASH_BYTES:
        raise BadNote(f"a checkpoint states `{READERS}` at most once, as a hash in base64")
    return raw


def tlog_proof(index: int, proof: Sequence[bytes], note: str) -> str:
    """Return a proof in one text: the leaf's index, the hashes, and the checkpoint."""
    hashes = "".join(f"{_b64(hash_)}\n" for hash_ in proof)
    return f"{PROOF_HEAD}\nindex {index}\n{hashes}\n{note}"


def read_tlog_proof(text: str) -> tuple[int, list[bytes], str]:
    """Parse the result of `tlog_proof` into index, hashes and checkpoint. Raises `BadNote`."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[:1] != [PROOF_HEAD]:
        raise BadNote(f"a proof begins with {PROOF_HEAD}")
    index_and_hashes = lines[2:] if len(lines) > 1 and lines[1].startswith("extra ") else lines[1:]
    word, _, number = (index_and_hashes or [""])[0].partition(" ")
    hashes = [_bytes(line) for line in index_and_hashes[1:]]
    if word != "index" or not _SIZE.match(number) or any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise BadNote("a proof has an index, then hashes in base64")
    return int(number), hashes, note


def _signature(line: str) -> tuple[str, bytes, bytes]:
    match = _SIGNATURE.match(line)
    raw = _bytes(match.group(2)) if match else b""
    if not match or len(raw) < 5:
        raise BadNote("a signature's line is malformed")
    return match.group(1), raw[:4], raw[4:]


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    """Decode canonical base64. Empty if it is invalid."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
    return raw if _b64(raw) == text else b""
