"""Write the entries of a bank as lines of a hash list, in formats that `hash_rows` reads or exchanges use.
Pure.

Lines never contain face vectors. Documents are written as if the face algorithm had not run.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import orjson

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import FULL, UNTURNED, Fingerprint, Frame
from registry.catalogue.fingerprints.model.whole_file import WholeFile, code
from registry.catalogue.media.model import Kind, Role
from registry.sharing.lists.model import vpdq
from registry.sharing.lists.model.listed import DETAILS, MATCHABLE

ExportFormat = Literal["jsonl", "csv", "threatexchange", "text", "stix", "misp"]

COLUMNS: Final = (
    *("entry_id", "type", "value", "kind", "title", "claim", "manipulation", "references", "opinion", "tags"),
    *("iscc", "videohash"),
    *DETAILS,
)
STATUS: Final[Mapping[str, str]] = {
    "malicious": "MALICIOUS",
    "unknown": "UNKNOWN",
    "non_malicious": "NON_MALICIOUS",
    "disputed": "UNKNOWN",
    "withdrawn": "NON_MALICIOUS",
}
"""Opinions as ThreatExchange's `status`. It has no value for `disputed`, so a tag of that name marks it."""
DISPUTED: Final = "disputed"
_TYPES: Final[Mapping[tuple[str, str], str]] = {
    ("pdq", "image"): "HASH_PDQ",
    ("md5", "video"): "HASH_VIDEO_MD5",
    ("md5", "image"): "HASH_MD5",
    ("sha256", "image"): "HASH_SHA256",
    ("sha256", "audio"): "HASH_SHA256",
    ("md5", "audio"): "HASH_MD5",
    ("sha256", "video"): "HASH_VIDEO_SHA256",
    ("vpdq", "video"): "HASH_VPDQ",
    ("phash256", "image"): "HASH_PHASH256",
}


_SIGNALS: Final[Mapping[tuple[str, str], str]] = {
    ("pdq", "image"): "pdq",
    ("md5", "video"): "video_md5",
    ("sha256", "video"): "video_sha256",
    ("vpdq", "video"): "vpdq",
}
"""Signal types of the library `threatexchange` by type and kind, for its `local_file` exchange."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium of an entry. `hash_only`: a list gave only a hash of it. `sha256`, `md5`: hex. `whole`: values
    of the whole file."""

    role: Role
    kind: str
    sha256: str | None
    md5: str | None
    hash_only: bool
    fingerprint: Fingerprint | None
    whole: WholeFile | None = None

    @property
    def iscc(self) -> str | None:
        """Return the composite ISCC-CODE. None: not computed."""
        kind: Kind = "image" if self.kind == "image" else "video"
        return code(self.whole, kind) if self.whole else None


@dataclass(frozen=True, slots=True)
class Exported:
    """An entry with its media. `changed_at`: time of the last recorded change; None: not queried."""

    entry_id: UUID
    title: str
    claim: str | None
    manipulation: str | None
    references: Sequence[Mapping[str, Any]]
    opinion: str
    tags: Sequence[str]
    details: Mapping[str, Any]
    tier: str
    media: Sequence[Medium]
    created_at: datetime | None = None
    changed_at: datetime | None = None


def lines(format_: ExportFormat, entry: Exported) -> Iterator[bytes]:
    """Yield the entry's lines, each with its line break. Media that the format cannot express are left
    out."""
    if format_ == "jsonl":
        yield orjson.dumps(_object(entry)) + b"\n"
        return
    for medium in entry.media:
        if medium.role != "fake":
            continue
        if format_ == "csv":
            hash_ = one_hash(medium)
            if hash_ is not None:
                yield _row(entry, medium, *hash_)
            continue
        for type_, value in hashes(medium):
            if format_ == "threatexchange":
                yield _descriptor(entry, medium, type_, value)
            elif entry.opinion in MATCHABLE and (name := _SIGNALS.get((type_, medium.kind))):
                yield f"{name} {_text(value)}\n".encode()


def header(format_: ExportFormat) -> bytes:
    """Return what precedes the first line: the column names of CSV, otherwise nothing."""
    return _csv(COLUMNS) if format_ == "csv" else b""


def _object(entry: Exported) -> dict[str, Any]:
    """Return an entry as JSON, without empty fields."""
    fields: dict[str, Any] = {
        "entry_id": str(entry.entry_id),
        "title": entry.title,
        "claim": entry.claim,
        "manipulation": entry.manipulation,
        "references": [dict(reference) for reference in entry.references],
        "opinion": entry.opinion,
        "tags": list(entry.tags),
        "tier": entry.tier,
    }
    filled = {name: value for name, value in fields.items() if value not in (None, [])}
    return filled | dict(entry.details) | {"assets": [asset_of(medium) for medium in entry.media]}


def asset_of(medium: Medium) -> dict[str, Any]:
    """Return a medium as an element of `assets`: its document without faces, or the hash that a list gave."""
    fingerprint = medium.fingerprint
    if not medium.hash_only and fingerprint is not None and fingerprint.frames:
        iscc = {"iscc": medium.iscc} if medium.iscc else {}
        return {"role": medium.role, "document": to_document(fingerprint, faces=False)} | iscc
    hash_ = one_hash(medium)
    type_, value = hash_ if hash_ is not None else ("sha256", medium.sha256)
    asset: dict[str, Any] = {"role": medium.role, "type": type_, "value": value, "kind": medium.kind}
    if type_ in {"pdq", "phash256"} and fingerprint is not None and fingerprint.frames[0].quality != 100:
        asset["quality"] = fingerprint.frames[0].quality
    return asset


def one_hash(medium: Medium) -> tuple[str, Any] | None:
    """Return type and value of the hash that identifies a medium. The value of `vpdq` is a list."""
    return next(iter(hashes(medium)), None)


def hashes(medium: Medium) -> Iterator[tuple[str, Any]]:
    """Yield type and value of each hash of a medium: of the file, then of its pictures. The value of `vpdq`
    is a list: as it came, or one feature a second."""
    if medium.sha256 is not None:
        yield "sha256", medium.sha256
    if medium.md5 is not None:
        yield "md5", medium.md5
    fingerprint = medium.fingerprint
    if fingerprint is None or not fingerprint.frames:
        return
    if medium.kind == "video":
        features = vpdq.features if medium.hash_only else vpdq.sampled_features
        yield "vpdq", features(fingerprint)
        return
    first = _whole(fingerprint)
    if first.pdq is not None:
        yield "pdq", first.pdq.hex()
    elif first.phash256 is not None:
        yield "phash256", first.phash256.hex()


def _whole(fingerprint: Fingerprint) -> Frame:
    """Return the frame that shows all of a still: as its pixels lie in the file, which other systems hash."""
    by_view = {frame.view: frame for frame in fingerprint.frames}
    return by_view.get(UNTURNED) or by_view.get(FULL) or fingerprint.frames[0]


def _row(entry: Exported, medium: Medium, type_: str, value: Any) -> bytes:
    text = _text(value)
    references = (
        orjson.dumps([dict(reference) for reference in entry.references]).decode() if entry.references else ""
    )
    cells = (
        entry.entry_id,
        type_,
        text,
        medium.kind,
        entry.title,
        entry.claim,
        entry.manipulation,
        references,
    )
    details = (_cell(entry.details.get(name)) for name in DETAILS)
    videohash = medium.whole.videohash if medium.whole else None
    file = (medium.iscc, videohash.hex() if videohash else None)
    return _csv((*cells, entry.opinion, ";".join(entry.tags), *file, *details))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _descriptor(entry: Exported, medium: Medium, type_: str, value: Any) -> bytes:
    tags = list(entry.tags)
    if entry.opinion == "disputed" and DISPUTED not in tags:
        tags.append(DISPUTED)
    descriptor = {
        "id": str(entry.entry_id),
        "type": _TYPES.get((type_, medium.kind), "HASH_" + type_.upper()),
        "raw_indicator": value,
        "status": STATUS[entry.opinion],
        "description": entry.title,
        "tags": {"data": [{"text": tag} for tag in tags]},
    }
    details = {name: content for name, content in entry.details.items() if name not in descriptor}
    return orjson.dumps(descriptor | details) + b"\n"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, str | int | float) else orjson.dumps(value).decode()


def _csv(cells: Sequence[object]) -> bytes:
    """Return one CSV line. Line breaks within cells become spaces, because a row is always one line."""
    text = io.StringIO()
    plain = ["" if cell is None else " ".join(str(cell).splitlines()) for cell in cells]
    csv.writer(text, lineterminator="\n").writerow(plain)
    return text.getvalue().encode()
