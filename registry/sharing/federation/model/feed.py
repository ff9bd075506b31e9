"""The feed of a published bank: how a registry publishes its entries, and how a reader verifies them. Pure.

A page is a head line followed by up to `MOST_ITEMS` lines, one for each item. The event `feed.published` in
the publisher's ledger commits to the page: bank, page number, number of items, root of the Merkle tree over
the items, and the items' entries.

A reader verifies the checkpoint's signature, and that the ledger has only grown since the last checkpoint. It
also verifies that the ledger contains the event, that no page is skipped, and that the items are those
committed to.

If a later page replaces an item, only its hash and its entry are sent; the replacement must follow on a later
page. Items never contain face vectors, and readers refuse them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from uuid import UUID

import orjson

from registry.core.errors import FakeprintError, Unavailable
from registry.sharing.federation.errors import PeerBehind, PeerGarbled, PeerOrder, PeerSignature, PeerUnproven
from registry.sharing.federation.model import feed_item
from registry.sharing.federation.model.feed_item import LINE_BYTES, VERSION
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Growing, Unproven, leaf_hash
from registry.transparency.ledger.model.note import BadNote, Checkpoint, VerifierKey

Reason = Literal["same_size", "inconsistent"]

MOST_ITEMS: Final = 1000
"""Maximum items of a page."""
PAGE_BYTES: Final = 4 << 20
"""Bytes after which a page is full, whatever its number of items."""
MOST_BYTES: Final = PAGE_BYTES + LINE_BYTES + (1 << 20)
"""Maximum bytes of an uncompressed page. A reader never holds more of a peer's response."""
MOST_HASHES: Final = 128
"""Maximum hashes of a proof. A ledger of 2^63 leaves needs 64."""


class Diverged(ValueError):
    """Two signed notes of a ledger contradict each other."""

    def __init__(self, reason: Reason, proof: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.proof = tuple(proof)


@dataclass(frozen=True, slots=True)
class Fork:
    """Two signed notes of a ledger that contradict each other: the one seen first, then the other.

    `reported_by`: the peer that was shown the second; None: it was shown here.
    """

    reason: Reason
    notes: tuple[str, str]
    proof: tuple[str, ...] = ()
    reported_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a reader in a feed.

    `page`, `index`: the last page read, and its leaf index. `size`, `root`, `note`: the last verified
    checkpoint; `size` 0: none.
    """

    page: int = 0
    index: int = -1
    size: int = 0
    root: bytes = merkle.EMPTY
    note: str = ""

    def stored(self) -> dict[str, Any]:
        """Return the position as JSON."""
        return {
            "page": self.page,
            "index": self.index,
            "size": self.size,
            "root": self.root.hex(),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of a response.

    `page` None: no further page exists, and no items follow. `replaced`: the entries of the items sent as
    hashes only, in their order.
    """

    checkpoint: str
    consistency: tuple[bytes, ...]
    page: int | None = None
    index: int = -1
    leaf: str = ""
    proof: tuple[bytes, ...] = ()
    items: int = 0
    replaced: tuple[UUID, ...] = ()


def position(stored: Mapping[str, Any] | None) -> Position:
    """Restore a position from `Position.stored`."""
    if not stored:
        return Position()
    return Position(
        stored["page"], stored["index"], stored["size"], bytes.fromhex(stored["root"]), stored["note"]
    )


def root(hashes: Iterable[bytes]) -> bytes:
    """Return the Merkle root over a page's items."""
    tree = Growing()
    for hash_ in hashes:
        tree.append(hash_)
    return tree.root


def committed(
    bank_id: UUID, page: int, hashes: Sequence[bytes], entries: Sequence[UUID]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return `subject` and `said` of the event that commits to a page. `entries`: the entries of the
    items."""
    commitment = {
        "page": page,
        "items": len(hashes),
        "root": root(hashes),
        "entries": _entries_digest(entries),
    }
    return {"bank_id": bank_id}, commitment


def _entries_digest(entries: Iterable[UUID | None]) -> bytes:
    """Return the SHA-256 over entry ids of 16 bytes each; a line without an entry counts as zeros."""
    return hashlib.sha256(b"".join(bytes(16) if entry is None else entry.bytes for entry in entries)).digest()


def head_line(head: Head) -> bytes:
    """Return the first line of a response, without a line break."""
    fields: dict[str, Any] = {
        "feed": VERSION,
        "checkpoint": head.checkpoint,
        "consistency": [hash_.hex() for hash_ in head.consistency],
        "page": head.page,
    }
    if head.page is not None:
        fields |= {
            "index": head.index,
            "leaf": head.leaf,
            "proof": [hash_.hex() for hash_ in head.proof],
            "items": head.items,
        }
        if head.replaced:
            fields["replaced"] = [str(hash_) for hash_ in head.replaced]
    return orjson.dumps(fields)


def hash_line(hashed: bytes) -> bytes:
    """Return the line of an item that a later page replaces."""
    return orjson.dumps(hashed.hex())


def read_answer(body: bytes) -> tuple[Head, list[bytes]]:
    """Parse a response into head and item lines. Raises `Unavailable` (`peer_garbled`)."""
    lines = body.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    try:
        fields = orjson.loads(lines[0]) if lines else None
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict) or fields.get("feed") != VERSION:
        raise garbled("it is not a page of a feed of version 1")
    if fields.get("page") is None:
        head = Head(_text(fields, "checkpoint"), _hashes(fields, "consistency"))
    else:
        head = Head(
            _text(fields, "checkpoint"),
            _hashes(fields, "consistency"),
            _whole(fields, "page"),
            _whole(fields, "index"),
            _text(fields, "leaf"),
            _hashes(fields, "proof"),
            _whole(fields, "items"),
            _ids(fields.get("replaced", [])),
        )
    if len(lines) - 1 != head.items or head.items > MOST_ITEMS:
        raise garbled(f"it has {len(lines) - 1} items and its head says {head.items}")
    return head, lines[1:]


def read_proof(body: bytes) -> list[bytes]:
    """Parse the hashes of a consistency proof. Raises `Unavailable` (`peer_garbled`)."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise garbled("the proof is not a JSON object")
    return list(_hashes(answer, "proof"))


def item_hashes(lines: Sequence[bytes]) -> list[bytes]:
    """Return the leaf hashes of a page's tree. Raises `Unavailable` (`peer_garbled`)."""
    return [_replaced(line) if line[:1] == b'"' else leaf_hash(line) for line in lines]


def follow(
    before: Position, head: Head, lines: Sequence[bytes], keys: Sequence[VerifierKey], bank_id: UUID
) -> Position:
    """Verify a page completely, including `head.replaced`, and return the new position.

    `lines`: the lines after the head. `keys`: the publisher's keys, all of one name. Raises `Diverged`;
    `Unavailable`: `peer_garbled`, `peer_signature`, `peer_behind` (the checkpoint is older than one seen
    before), `peer_unproven` (the signed ledger does not contain the page), `peer_order` (the page is not the
    next one).
    """
    hashes = item_hashes(lines)
    now = signed(head.checkpoint, keys)
    _check_growth(before, now, head)
    after = replace(before, size=now.size, root=now.root, note=head.checkpoint)
    if head.page is None:
        return after
    if head.page != before.page + 1 or head.index <= before.index:
        raise _wrong(PeerOrder, f"page {head.page} at leaf {head.index} does not follow page {before.page}")
    try:
        merkle.verify_inclusion(
            leaf_hash(head.leaf.encode()), head.index, now.size, list(head.proof), now.root
        )
    except Unproven as error:
        raise _wrong(PeerUnproven, f"page {head.page} is not in its ledger: {error}") from None
    commitment = _commitment(head.leaf)
    committed_page = commitment and (
        commitment["bank_id"],
        commitment["page"],
        commitment["items"],
        commitment["root"],
    )
    if committed_page != (str(bank_id), head.page, len(hashes), root(hashes).hex()):
        raise _wrong(PeerUnproven, f"its ledger commits to another content of page {head.page}")
    _check_replaced(head, lines, commitment and commitment["entries"])
    return replace(after, page=head.page, index=head.index)


def signed(text: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Verify a signed checkpoint of the publisher's ledger. Raises `Unavailable` (`peer_signature`)."""
    try:
        checkpoint = note.checkpoint(note.verify(text, keys).text)
    except BadNote as error:
        raise _wrong(PeerSignature, f"the checkpoint's signature is not valid: {error}") from None
    if checkpoint.origin != keys[0].name:
        raise _wrong(PeerSignature, f"the checkpoint is of another ledger, {checkpoint.origin[:100]}")
    return checkpoint


def garbled(reason: str) -> FakeprintError:
    """Return the error for a malformed response."""
    return _wrong(PeerGarbled, reason)


def _check_growth(before: Position, now: Checkpoint, head: Head) -> None:
    if not before.size:
        return
    if now.size < before.size:
        raise _wrong(PeerBehind, f"its ledger has {now.size} leaves, but {before.size} were signed before")
    if now.size == before.size:
        if now.root != before.root:
            raise Diverged("same_size")
        return
    try:
        merkle.verify_consistency(before.size, now.size, list(head.consistency), before.root, now.root)
    except Unproven:
        raise Diverged("inconsistent", [item.hex() for item in head.consistency]) from None


def _commitment(leaf: str) -> dict[str, Any] | None:
    """Return what an event that commits to a page says about it. None: the leaf is something else."""
    try:
        event = orjson.loads(leaf)
        if (event["type"], event["kind"]) != ("event", "feed.published"):
            return None
        details = event["said"]
        names = ("page", "items", "root")
        return {"bank_id": event["subject"]["bank_id"], "entries": details.get("entries")} | {
            name: details[name] for name in names
        }
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None


def _check_replaced(head: Head, lines: Sequence[bytes], entries: object) -> None:
    """Check that items sent as hashes belong to the entries that the head names.

    `entries`: the hash of the entries to which the ledger commits.
    """
    hashed = sum(line[:1] == b'"' for line in lines)
    if len(head.replaced) != hashed:
        raise garbled(f"it names {len(head.replaced)} entries of {hashed} items that were replaced")
    if hashed and entries != _entries_digest(_entries(head, lines)).hex():
        raise _wrong(PeerUnproven, f"its ledger commits to other entries on page {head.page}")


def _entries(head: Head, lines: Sequence[bytes]) -> Iterator[UUID | None]:
    replaced = iter(head.replaced)
    for line in lines:
        yield next(replaced) if line[:1] == b'"' else feed_item.entry_of(line)


def _replaced(line: bytes) -> bytes:
    raw = _hash(line[1:-1].decode("ascii", "replace"))
    if raw is None or line[-1:] != b'"':
        raise garbled("an item is neither an object nor a hash")
    return raw


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise garbled(f"`{name}` is not a text")
    return value


def _whole(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
        raise garbled(f"`{name}` is not a whole number")
    return value


def _hashes(fields: Mapping[str, Any], name: str) -> tuple[bytes, ...]:
    value = fields.get(name)
    hashes = (
        [_hash(hash_) for hash_ in value] if isinstance(value, list) and len(value) <= MOST_HASHES else [None]
    )
    if None in hashes:
        raise garbled(f"`{name}` is not a list of hashes")
    return tuple(hash_ for hash_ in hashes if hash_ is not None)


def _ids(value: object) -> tuple[UUID, ...]:
    texts = value if isinstance(value, list) and len(value) <= MOST_ITEMS else [None]
    try:
        return tuple(UUID(text) for text in texts)
    except (ValueError, TypeError, AttributeError):
        raise garbled("`replaced` is not a list of ids") from None


def _hash(value: object) -> bytes | None:
    try:
        raw = bytes.fromhex(value) if isinstance(value, str) and len(value) == 64 else b""
    except ValueError:
        raw = b""
    return raw if len(raw) == merkle.HASH_BYTES else None


def _wrong(kind: type[Unavailable], reason: str) -> Unavailable:
    return kind(f"The peer's answer is not valid: {reason}.")
