"""An item of a feed: what a registry says of one entry to others, and how these read it. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast, get_args
from uuid import UUID

import orjson

from registry.catalogue.banks.model import LICENCE
from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE
from registry.core.errors import BadInput
from registry.sharing.lists.model import hash_rows
from registry.sharing.lists.model.export_lines import Exported, Medium, asset_of
from registry.sharing.lists.model.listed import Row
from registry.transparency.ledger.model.merkle import leaf_hash

Status = Literal["matchable", "suspended", "withdrawn"]

VERSION: Final = 1
LINE_BYTES: Final = 8 << 20
"""The longest item: the document of hours of video, as in a hash list."""
MEDIA_BYTES: Final = LINE_BYTES - (1 << 20)
"""Of an item's media; the rest is for its words."""
MOST_MEDIA: Final = 1000
"""Of one item."""
_SALT_DIGITS: Final = 32
_SALT: Final = re.compile(rb'\{"salt":"([0-9a-f]{%d})",' % _SALT_DIGITS)
BEGINNING: Final = len('{"salt":"",') + _SALT_DIGITS
"""Bytes of an item that hold its salt."""


@dataclass(frozen=True, slots=True)
class Line:
    """An item as it is said, without a line break. `by_hash`: how many of its media are named by their
    SHA-256 alone, since their documents had no room; `left_out`: how many are not named at all."""

    content: bytes
    by_hash: int = 0
    left_out: int = 0


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


def item(entry: Exported, status: Status, *, licence: str | None, share_claims: bool, salt: str = "") -> Line:
    """The line of an entry. What does not answer is named, and nothing said of it.

    An entry without a fake (decided to be an original) is withdrawn as a fake. Titles, claims and references
    may name people: they are in it where the bank shares them, after a `salt`, so that nobody can tell by the
    hash of an item that was replaced whether a title that they guess stood in it. An item has room for so
    much: of what has none it says how much that is, so that nothing is lost in silence.
    """
    if status == "matchable" and not any(medium.role == "fake" for medium in entry.media):
        status = "withdrawn"
    said: dict[str, Any] = {"salt": salt} if salt and share_claims and status == "matchable" else {}
    said |= {"feed": VERSION, "entry_id": str(entry.entry_id), "status": status}
    if status != "matchable":
        return Line(orjson.dumps(said))
    said |= {"tier": entry.tier, "manipulation": entry.manipulation, "licence": licence}
    if entry.opinion == "unknown":
        said["opinion"] = entry.opinion
    if share_claims:
        said |= {
            "title": entry.title,
            "claim": entry.claim,
            "references": [dict(reference) for reference in entry.references] or None,
        }
    said["assets"], by_hash, left_out = _assets(entry.media)
    said |= {"by_hash": by_hash or None, "left_out": left_out or None}
    content = orjson.dumps({name: value for name, value in said.items() if value is not None})
    return Line(content, by_hash, left_out)


def salt_of(beginning: bytes | None) -> str:
    """The salt of an item that begins so, by which it is known again; else a new one."""
    found = _SALT.match(beginning or b"")
    return found.group(1).decode() if found else secrets.token_hex(_SALT_DIGITS // 2)


def _assets(media: Sequence[Medium]) -> tuple[list[orjson.Fragment], int, int]:
    """The media, how many of them by SHA-256 alone, and how many found no room. Of the first fake there is
    something in any case."""
    first = next(place for place, medium in enumerate(media) if medium.role == "fake")
    order = [media[first], *media[:first], *media[first + 1 :]]
    found: list[orjson.Fragment] = []
    used = by_hash = 0
    for medium in order[:MOST_MEDIA]:
        written = orjson.dumps(asset_of(medium))
        if used + len(written) > MEDIA_BYTES and medium.sha256 is not None:
            written = orjson.dumps(
                {"role": medium.role, "type": "sha256", "value": medium.sha256, "kind": medium.kind}
            )
            by_hash += 1
        if used + len(written) <= MEDIA_BYTES:
            found.append(orjson.Fragment(written))
            used += len(written)
    return found, by_hash, len(media) - len(found)


def read_item(number: int, line: bytes, source: str | None = None) -> Said:
    """What a line says, checked as a row of a hash list is, documents and all. `source`: the name of the
    ledger, kept with what answers.

    Raises `BadInput` (`bad_item`, `line_too_long`, `faces_refused`, or what `hash_rows.of_mapping` raises)
    or `BadDocument`.
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


def named(line: bytes) -> UUID | None:
    """The entry of which a line says anything, whatever that is; None: it names none."""
    try:
        said = orjson.loads(line)
        return _entry_id(said.get("entry_id"))
    except (orjson.JSONDecodeError, AttributeError, BadInput):
        return None


def newest(items: Iterable[Said]) -> dict[UUID, Said]:
    """The last word on each entry."""
    found: dict[UUID, Said] = {}
    for element in items:
        found.pop(element.entry_id, None)
        found[element.entry_id] = element
    return found


def _row(number: int, said: Mapping[str, Any], source: str | None) -> Row:
    assets = said.get("assets")
    if not isinstance(assets, list):
        raise BadInput("The item names no media.", code="bad_item")
    names = ("assets", "title", "claim", "references", "manipulation", "opinion")
    given = {name: said[name] for name in names if said.get(name) is not None}
    row = hash_rows.of_mapping(number, given, most=MOST_MEDIA)
    for element in row.items:
        known = element.fingerprint
        if known is not None and (known.faces or FACE_SFACE.name in known.algorithms):
            raise BadInput("The item holds faces, which are never exchanged.", code="faces_refused")
    if row.opinion not in {"malicious", "unknown"}:
        raise BadInput("What answers is malicious or unknown.", code="bad_opinion")
    name: str = said["entry_id"]
    short = {key: said[key] for key in ("by_hash", "left_out") if _count(said.get(key))}
    return replace(row, source_key=name, said={"id": name} | ({"source": source} if source else {}) | short)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _entry_id(value: object) -> UUID:
    try:
        found = UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        found = None
    if found is None or str(found) != value:
        raise BadInput("The item's `entry_id` is no UUID.", code="bad_item")
    return found
