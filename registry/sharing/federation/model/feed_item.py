"""Items of a feed: what a registry publishes about one entry, and how a reader parses it. Pure."""

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
from registry.sharing.errors import BadOpinion, LineTooLong
from registry.sharing.federation.errors import BadItem, FacesRefused
from registry.sharing.lists.model import hash_rows
from registry.sharing.lists.model.export_lines import Exported, Medium, asset_of
from registry.sharing.lists.model.listed import Row
from registry.transparency.ledger.model.merkle import leaf_hash

Status = Literal["matchable", "suspended", "withdrawn"]

VERSION: Final = 1
LINE_BYTES: Final = 8 << 20
"""Maximum bytes of an item, as in a hash list: enough for the document of several hours of video."""
MEDIA_BYTES: Final = LINE_BYTES - (1 << 20)
"""Maximum bytes of an item's media. The rest is for its text."""
MOST_MEDIA: Final = 1000
"""Maximum media of an item."""
_SALT_DIGITS: Final = 32
_SALT: Final = re.compile(rb'\{"salt":"([0-9a-f]{%d})",' % _SALT_DIGITS)
BEGINNING: Final = len('{"salt":"",') + _SALT_DIGITS
"""Length in bytes of the beginning of an item, which holds its salt."""


@dataclass(frozen=True, slots=True)
class Line:
    """A published item, without a line break.

    `by_hash`: number of media given by SHA-256 only, because their documents did not fit. `left_out`: number
    of media left out.
    """

    content: bytes
    by_hash: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry as a feed publishes it. `row`: the entry with its media if it is matchable, else None.
    `hash`: the item's leaf hash."""

    entry_id: UUID
    status: Status
    tier: Tier
    licence: str | None
    row: Row | None
    hash: bytes


def item(entry: Exported, status: Status, *, licence: str | None, share_claims: bool, salt: str = "") -> Line:
    """Return the item line of an entry. An entry that is not matchable gets only its id and status.

    An entry without a fake (a review decided that it is an original) is published as withdrawn. Titles,
    claims and references may name people. They are included only if the bank shares them, and then behind a
    `salt`. Without the salt, a reader could test guessed titles against the hash of an item that was
    replaced. Media that do not fit into the item are counted in it, so that a reader knows that they are
    missing.
    """
    if status == "matchable" and not any(medium.role == "fake" for medium in entry.media):
        status = "withdrawn"
    fields: dict[str, Any] = {"salt": salt} if salt and share_claims and status == "matchable" else {}
    fields |= {"feed": VERSION, "entry_id": str(entry.entry_id), "status": status}
    if status != "matchable":
        return Line(orjson.dumps(fields))
    fields |= {"tier": entry.tier, "manipulation": entry.manipulation, "licence": licence}
    if entry.opinion == "unknown":
        fields["opinion"] = entry.opinion
    if share_claims:
        fields |= {
            "title": entry.title,
            "claim": entry.claim,
            "references": [dict(reference) for reference in entry.references] or None,
        }
    fields["assets"], by_hash, left_out = _assets(entry.media)
    fields |= {"by_hash": by_hash or None, "left_out": left_out or None}
    content = orjson.dumps({name: value for name, value in fields.items() if value is not None})
    return Line(content, by_hash, left_out)


def salt_of(beginning: bytes | None) -> str:
    """Return the salt of an item with this beginning, or a new salt."""
    match = _SALT.match(beginning or b"")
    return match.group(1).decode() if match else secrets.token_hex(_SALT_DIGITS // 2)


def _assets(media: Sequence[Medium]) -> tuple[list[orjson.Fragment], int, int]:
    """Return the media, how many are given by SHA-256 only, and how many did not fit. The first fake is
    always included."""
    first = next(index for index, medium in enumerate(media) if medium.role == "fake")
    ordered = [media[first], *media[:first], *media[first + 1 :]]
    assets: list[orjson.Fragment] = []
    used = by_hash = 0
    for medium in ordered[:MOST_MEDIA]:
        fragment = orjson.dumps(asset_of(medium))
        if used + len(fragment) > MEDIA_BYTES and medium.sha256 is not None:
            fragment = orjson.dumps(
                {"role": medium.role, "type": "sha256", "value": medium.sha256, "kind": medium.kind}
            )
            by_hash += 1
        if used + len(fragment) <= MEDIA_BYTES:
            assets.append(orjson.Fragment(fragment))
            used += len(fragment)
    return assets, by_hash, len(media) - len(assets)


def read_item(number: int, line: bytes, source: str | None = None) -> FeedEntry:
    """Parse an item line, with the same checks as a row of a hash list, including documents.

    `source`: the name of the ledger, stored with matchable entries. Raises `BadInput` (`bad_item`,
    `line_too_long`, `faces_refused`, or a code of `hash_rows.of_mapping`) or `BadDocument`.
    """
    if len(line) > LINE_BYTES:
        raise LineTooLong(f"The item is longer than {LINE_BYTES} bytes.")
    try:
        item = orjson.loads(line)
    except orjson.JSONDecodeError:
        item = None
    if not isinstance(item, dict) or b"\\u0000" in line:
        raise BadItem("The item is not a JSON object, or holds a NUL character.")
    status, tier = item.get("status"), item.get("tier", "unreviewed")
    if item.get("feed") != VERSION or status not in get_args(Status) or tier not in get_args(Tier):
        raise BadItem("The item has an unknown `feed`, `status` or `tier`.")
    entry_id, licence = _entry_id(item.get("entry_id")), item.get("licence")
    if licence is not None and not (isinstance(licence, str) and LICENCE.match(licence)):
        raise BadItem("The item's `licence` is not an SPDX identifier.")
    row = _row(number, item, source) if status == "matchable" else None
    return FeedEntry(entry_id, cast("Status", status), cast("Tier", tier), licence, row, leaf_hash(line))


def entry_of(line: bytes) -> UUID | None:
    """Return the entry that a line names, even if the rest is invalid. None: it names none."""
    try:
        item = orjson.loads(line)
        return _entry_id(item.get("entry_id"))
    except (orjson.JSONDecodeError, AttributeError, BadInput):
        return None


def newest(entries: Iterable[FeedEntry]) -> dict[UUID, FeedEntry]:
    """Return the last item of each entry."""
    last: dict[UUID, FeedEntry] = {}
    for entry in entries:
        last.pop(entry.entry_id, None)
        last[entry.entry_id] = entry
    return last


def _row(number: int, item: Mapping[str, Any], source: str | None) -> Row:
    assets = item.get("assets")
    if not isinstance(assets, list):
        raise BadItem("The item has no list of media.")
    names = ("assets", "title", "claim", "references", "manipulation", "opinion")
    fields = {name: item[name] for name in names if item.get(name) is not None}
    row = hash_rows.of_mapping(number, fields, most_assets=MOST_MEDIA)
    for fingerprint in (medium.fingerprint for medium in row.media):
        if fingerprint is not None and (fingerprint.faces or FACE_SFACE.name in fingerprint.algorithms):
            raise FacesRefused("The item contains faces, which are never exchanged.")
    if row.opinion not in {"malicious", "unknown"}:
        raise BadOpinion("The opinion of a matchable entry is malicious or unknown.")
    name: str = item["entry_id"]
    details: dict[str, Any] = {"id": name} | ({"source": source} if source else {})
    details |= {key: item[key] for key in ("by_hash", "left_out") if _count(item.get(key))}
    return replace(row, source_key=name, details=details)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _entry_id(value: object) -> UUID:
    try:
        entry_id = UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        entry_id = None
    if entry_id is None or str(entry_id) != value:
        raise BadItem("The item's `entry_id` is not a UUID.")
    return entry_id
