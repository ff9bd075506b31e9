"""The feed of a published bank: what a registry says of its entries to others, and how these verify it. Pure.

A page is a head and up to `MOST_ITEMS` lines, an item each. The event `feed.published` in the publisher's
ledger commits to the page: its bank and number, how many items it has and the root of the Merkle tree over
them. Whoever reads it verifies the checkpoint's signature, that the ledger only grew since the last one, that
the event is in it, that pages come one after another, and that the items are those. Of an item that a later
page replaces, the hash alone is sent. Vectors of faces are in no item, and none is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast, get_args
from uuid import UUID

import orjson

from registry.domain import hash_rows, merkle, note
from registry.domain.algorithms import FACE_SFACE
from registry.domain.entry import Tier
from registry.domain.export_lines import Exported, asset_of
from registry.domain.listed import Row
from registry.domain.merkle import Growing, Unproven, leaf_hash
from registry.domain.note import BadNote, Checkpoint, VerifierKey
from registry.domain.policy import LICENCE
from registry.errors import BadInput, FakeprintError, Unavailable

Status = Literal["matchable", "suspended", "withdrawn"]
Reason = Literal["same_size", "inconsistent"]

VERSION: Final = 1
MOST_ITEMS: Final = 1000
"""Of one page."""
PAGE_BYTES: Final = 4 << 20
"""After which a page is full, whatever its items."""
LINE_BYTES: Final = 8 << 20
"""The longest item: the document of hours of video, as in a hash list."""
MOST_BYTES: Final = PAGE_BYTES + LINE_BYTES + (1 << 20)
"""Of a page, unpacked: all that anybody holds of what a peer sends."""
MOST_HASHES: Final = 128
"""Of a proof; a ledger of 2^63 leaves needs 64."""


class Diverged(ValueError):
    """Two notes that a ledger has signed do not follow from each other."""

    def __init__(self, reason: Reason, proof: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.proof = tuple(proof)


@dataclass(frozen=True, slots=True)
class Said:
    """What a feed says of one entry. `row`: with all its media, where it answers; else None. `hash`: the
    item's, a leaf of its page."""

    entry_id: UUID
    status: Status
    tier: Tier
    licence: str | None
    row: Row | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a feed was read. `page`, `index`: the last page taken, and its leaf. `size`, `root`, `note`:
    the last checkpoint that was verified; 0: none."""

    page: int = 0
    index: int = -1
    size: int = 0
    root: bytes = merkle.EMPTY
    note: str = ""

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "page": self.page,
            "index": self.index,
            "size": self.size,
            "root": self.root.hex(),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of an answer. `page` None: there is none after the one named, and nothing follows."""

    checkpoint: str
    consistency: tuple[bytes, ...]
    page: int | None = None
    index: int = -1
    leaf: str = ""
    proof: tuple[bytes, ...] = ()
    items: int = 0


def stand(stored: Mapping[str, Any] | None) -> Stand:
    """What `Stand.stored` wrote."""
    if not stored:
        return Stand()
    return Stand(
        stored["page"], stored["index"], stored["size"], bytes.fromhex(stored["root"]), stored["note"]
    )


def item(entry: Exported, status: Status, *, licence: str | None, share_claims: bool) -> bytes:
    """The line of an entry, without a line break. What does not answer is named, and nothing said of it.

    An entry without a fake (decided to be an original) is withdrawn as a fake. Titles, claims and references
    may name people: they are in it where the bank shares them.
    """
    if status == "matchable" and not any(medium.role == "fake" for medium in entry.media):
        status = "withdrawn"
    said: dict[str, Any] = {"feed": VERSION, "entry_id": str(entry.entry_id), "status": status}
    if status != "matchable":
        return orjson.dumps(said)
    said |= {"tier": entry.tier, "manipulation": entry.manipulation, "licence": licence}
    if entry.opinion == "unknown":
        said["opinion"] = entry.opinion
    if share_claims:
        said |= {
            "title": entry.title,
            "claim": entry.claim,
            "references": [dict(one) for one in entry.references] or None,
        }
    said["assets"] = [asset_of(medium) for medium in entry.media]
    return orjson.dumps({name: value for name, value in said.items() if value is not None})


def root(hashes: Iterable[bytes]) -> bytes:
    """The root over a page's items."""
    tree = Growing()
    for one in hashes:
        tree.append(one)
    return tree.root


def committed(bank_id: UUID, page: int, hashes: Sequence[bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """`subject` and `said` of the event that commits to a page."""
    return {"bank_id": bank_id}, {"page": page, "items": len(hashes), "root": root(hashes)}


def head_line(head: Head) -> bytes:
    """The first line of an answer, without a line break."""
    said: dict[str, Any] = {
        "feed": VERSION,
        "checkpoint": head.checkpoint,
        "consistency": [one.hex() for one in head.consistency],
        "page": head.page,
    }
    if head.page is not None:
        said |= {
            "index": head.index,
            "leaf": head.leaf,
            "proof": [one.hex() for one in head.proof],
            "items": head.items,
        }
    return orjson.dumps(said)


def hash_line(hashed: bytes) -> bytes:
    """The line of an item that a later page replaces."""
    return orjson.dumps(hashed.hex())


def read_answer(body: bytes) -> tuple[Head, list[bytes]]:
    """The head, and the lines after it. Raises `Unavailable` (`peer_garbled`)."""
    lines = body.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    try:
        said = orjson.loads(lines[0]) if lines else None
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict) or said.get("feed") != VERSION:
        raise garbled("its answer is no page of a feed of version 1")
    if said.get("page") is None:
        head = Head(_text(said, "checkpoint"), _hashes(said, "consistency"))
    else:
        head = Head(
            _text(said, "checkpoint"),
            _hashes(said, "consistency"),
            _whole(said, "page"),
            _whole(said, "index"),
            _text(said, "leaf"),
            _hashes(said, "proof"),
            _whole(said, "items"),
        )
    if len(lines) - 1 != head.items or head.items > MOST_ITEMS:
        raise garbled(f"it holds {len(lines) - 1} items and says {head.items}")
    return head, lines[1:]


def read_proof(body: bytes) -> list[bytes]:
    """The hashes of a proof of consistency, as a registry answers it. Raises `Unavailable`
    (`peer_garbled`)."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        raise garbled("its proof is no object")
    return list(_hashes(said, "proof"))


def item_hashes(lines: Sequence[bytes]) -> list[bytes]:
    """The leaves of a page's tree. Raises `Unavailable` (`peer_garbled`)."""
    return [_replaced(line) if line[:1] == b'"' else leaf_hash(line) for line in lines]


def follow(
    stand_: Stand, head: Head, hashes: Sequence[bytes], keys: Sequence[VerifierKey], bank_id: UUID
) -> Stand:
    """Where the reader stands with this page, all of which is verified.

    `keys`: the publisher's, of one name. Raises `Diverged`; `Unavailable`: `peer_signature`, `peer_behind`
    (an older checkpoint than one seen), `peer_unproven` (the page is not in what was signed), `peer_order`
    (not the page that follows).
    """
    now = signed(head.checkpoint, keys)
    _check_growth(stand_, now, head)
    after = replace(stand_, size=now.size, root=now.root, note=head.checkpoint)
    if head.page is None:
        return after
    if head.page != stand_.page + 1 or head.index <= stand_.index:
        raise _wrong(
            "peer_order", f"page {head.page} at leaf {head.index} does not follow page {stand_.page}"
        )
    try:
        merkle.verify_inclusion(
            leaf_hash(head.leaf.encode()), head.index, now.size, list(head.proof), now.root
        )
    except Unproven as error:
        raise _wrong("peer_unproven", f"page {head.page} is not in its ledger: {error}") from None
    if _committed(head.leaf) != (str(bank_id), head.page, len(hashes), root(hashes).hex()):
        raise _wrong("peer_unproven", f"its ledger commits to another page {head.page}")
    return replace(after, page=head.page, index=head.index)


def signed(text: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """A checkpoint of the publisher's ledger. Raises `Unavailable` (`peer_signature`)."""
    try:
        found = note.checkpoint(note.verify(text, keys).text)
    except BadNote as error:
        raise _wrong("peer_signature", f"its checkpoint is not signed as it must be: {error}") from None
    if found.origin != keys[0].name:
        raise _wrong("peer_signature", f"it signed a checkpoint of another ledger, {found.origin[:100]}")
    return found


def read_item(number: int, line: bytes, source: str | None = None) -> Said:
    """What a line says, checked as a row of a hash list is, documents and all. `source`: the name of the
    ledger, kept with what answers.

    Raises `BadInput` (`bad_item`, `faces_refused`, or what `hash_rows.of_mapping` raises) or `BadDocument`.
    """
    if len(line) > LINE_BYTES:
        raise BadInput(f"The item is longer than {LINE_BYTES} bytes.", code="line_too_long")
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict) or b"\\u0000" in line:
        raise BadInput("The item is no JSON object, or holds a NUL character.", code="bad_item")
    status, tier = said.get("status"), said.get("tier", "unreviewed")
    if said.get("feed") != VERSION or status not in get_args(Status) or tier not in get_args(Tier):
        raise BadInput("The item says no known `feed`, `status` or `tier`.", code="bad_item")
    entry_id, licence = _entry_id(said.get("entry_id")), said.get("licence")
    if licence is not None and not (isinstance(licence, str) and LICENCE.match(licence)):
        raise BadInput("The item's `licence` is no identifier.", code="bad_item")
    row = _row(number, said, source) if status == "matchable" else None
    return Said(entry_id, cast("Status", status), cast("Tier", tier), licence, row, leaf_hash(line))


def newest(items: Iterable[Said]) -> dict[UUID, Said]:
    """The last word on each entry."""
    found: dict[UUID, Said] = {}
    for one in items:
        found.pop(one.entry_id, None)
        found[one.entry_id] = one
    return found


def garbled(what: str) -> FakeprintError:
    """The error for an answer that cannot be read."""
    return _wrong("peer_garbled", what)


def _row(number: int, said: Mapping[str, Any], source: str | None) -> Row:
    assets = said.get("assets")
    if not isinstance(assets, list):
        raise BadInput("The item names no media.", code="bad_item")
    names = ("assets", "title", "claim", "references", "manipulation", "opinion")
    row = hash_rows.of_mapping(number, {name: said[name] for name in names if said.get(name) is not None})
    for one in row.items:
        known = one.fingerprint
        if known is not None and (known.faces or FACE_SFACE.name in known.algorithms):
            raise BadInput("The item holds faces, which are never exchanged.", code="faces_refused")
    if row.opinion not in {"malicious", "unknown"}:
        raise BadInput("What answers is malicious or unknown.", code="bad_opinion")
    name: str = said["entry_id"]
    return replace(row, source_key=name, said={"id": name} | ({"source": source} if source else {}))


def _check_growth(before: Stand, now: Checkpoint, head: Head) -> None:
    if not before.size:
        return
    if now.size < before.size:
        raise _wrong("peer_behind", f"it shows {now.size} leaves, and {before.size} were signed before")
    if now.size == before.size:
        if now.root != before.root:
            raise Diverged("same_size")
        return
    try:
        merkle.verify_consistency(before.size, now.size, list(head.consistency), before.root, now.root)
    except Unproven:
        raise Diverged("inconsistent", [one.hex() for one in head.consistency]) from None


def _committed(leaf: str) -> tuple[Any, Any, Any, Any] | None:
    try:
        said = orjson.loads(leaf)
        if (said["type"], said["kind"]) != ("event", "feed.published"):
            return None
        of = said["said"]
        return said["subject"]["bank_id"], of["page"], of["items"], of["root"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None


def _replaced(line: bytes) -> bytes:
    raw = _hash(line[1:-1].decode("ascii", "replace"))
    if raw is None or line[-1:] != b'"':
        raise garbled("an item is neither an object nor a hash")
    return raw


def _entry_id(value: object) -> UUID:
    try:
        found = UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        found = None
    if found is None or str(found) != value:
        raise BadInput("The item's `entry_id` is no UUID.", code="bad_item")
    return found


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        raise garbled(f"`{name}` is no text")
    return value


def _whole(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
        raise garbled(f"`{name}` is no whole number")
    return value


def _hashes(said: Mapping[str, Any], name: str) -> tuple[bytes, ...]:
    value = said.get(name)
    found = [_hash(one) for one in value] if isinstance(value, list) and len(value) <= MOST_HASHES else [None]
    if None in found:
        raise garbled(f"`{name}` is no list of hashes")
    return tuple(one for one in found if one is not None)


def _hash(value: object) -> bytes | None:
    try:
        raw = bytes.fromhex(value) if isinstance(value, str) and len(value) == 64 else b""
    except ValueError:
        raw = b""
    return raw if len(raw) == merkle.HASH_BYTES else None


def _wrong(code: str, what: str) -> Unavailable:
    return Unavailable(f"The peer cannot be believed: {what}.", code=code)
