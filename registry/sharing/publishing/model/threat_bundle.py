"""Known fakes in formats for threat intelligence: a STIX 2.1 bundle, a MISP event. Pure.

STIX has no term for perceptual hashes of videos or for deepfakes. Each indicator therefore carries a property
extension whose definition is part of the bundle. Its pattern uses the hashes that STIX supports: SHA-256,
MD5, and PDQ as a hash of that name. In MISP an entry is an object of the template in deploy/misp-objects.

Identifiers are derived from ours (UUID version 5), so an entry has the same identifier in every bundle. Faces
are never included. Titles, claims and references may name people, and are included only if the bank shares
them (`share_claims`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from registry.sharing.lists.model.export_lines import Exported, Medium, asset_of, one_hash

NAMESPACE: Final = UUID("0c9a7d0e-6d57-4c3c-8a5e-7a3c4a2b1f60")
"""Namespace of the derived identifiers."""
TEMPLATE: Final = "9d2f6a1c-3b57-4a8e-9f0d-5c1e7b2a4d83"
"""UUID of the MISP object template `known-fake`."""
TEMPLATE_VERSION: Final = 1
_BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
_GREEN: Final = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
"""TLP:GREEN, as STIX 2.1 defines it."""
_DEFINITION: Final = f"extension-definition--{uuid5(NAMESPACE, 'extension-definition')}"
_HASHES: Final[Mapping[str, str]] = {
    "sha256": "'SHA-256'",
    "md5": "MD5",
    "pdq": "PDQ",
    "phash256": "PHASH256",
}


@dataclass(frozen=True, slots=True)
class About:
    """The exported bank and the time of the export. `share_claims`: from the bank's policy."""

    organization_id: UUID
    organization: str
    bank_id: UUID
    bank: str
    share_claims: bool
    now: datetime


def stix_opening(about: About) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a bundle without objects, and the objects that its entries refer to."""
    identity = _identity(about)
    definition = {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": _DEFINITION,
        "created_by_ref": identity,
        "created": _moment(_BEGINNING),
        "modified": _moment(_BEGINNING),
        "name": "Known fake",
        "description": "A known deepfake: how it was made, how far it is trusted, its fingerprints.",
        "schema": "https://example.org/fakeprint/stix/known-fake.json",
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }
    owner = {
        "type": "identity",
        "spec_version": "2.1",
        "id": identity,
        "created": _moment(_BEGINNING),
        "modified": _moment(_BEGINNING),
        "name": about.organization,
        "identity_class": "organization",
    }
    bundle = {"type": "bundle", "id": f"bundle--{uuid5(NAMESPACE, f'bundle {about.bank_id}')}"}
    return bundle, [owner, definition]


def stix_entry(about: About, entry: Exported) -> Iterator[dict[str, Any]]:
    """Yield the indicator of an entry; nothing if its fakes have no hash."""
    pattern = _pattern(entry)
    if not pattern:
        return
    created = entry.created_at or _BEGINNING
    properties: dict[str, Any] = {
        "entry_id": str(entry.entry_id),
        "tier": entry.tier,
        "media": [asset_of(medium) for medium in entry.media],
    }
    if entry.manipulation:
        properties["manipulation"] = entry.manipulation
    references = [{"source_name": "fakeprint", "external_id": str(entry.entry_id)}]
    indicator: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid5(NAMESPACE, f'indicator {entry.entry_id}')}",
        "created_by_ref": _identity(about),
        "created": _moment(created),
        "modified": _moment(max(created, entry.changed_at or created)),
        "name": _name(about, entry),
        "indicator_types": ["malicious-activity"],
        "pattern": f"[{' OR '.join(dict.fromkeys(pattern))}]",
        "pattern_type": "stix",
        "valid_from": _moment(created),
        "labels": ["deepfake", *([entry.manipulation.replace("_", "-")] if entry.manipulation else [])],
        "object_marking_refs": [_GREEN],
        "extensions": {_DEFINITION: {"extension_type": "property-extension", **properties}},
    }
    if about.share_claims:
        if entry.claim:
            indicator["description"] = entry.claim
        references += [
            {"source_name": str(reference.get("publisher") or "fact-check"), "url": str(reference["url"])}
            for reference in entry.references
        ]
    yield indicator | {"external_references": references}


def _pattern(entry: Exported) -> list[str]:
    """Return a comparison for each hash of the entry's fakes."""
    return [
        f"file:hashes.{_HASHES[kind]} = '{value}'"
        for medium in entry.media
        if medium.role == "fake"
        for kind, value in _hashes(medium)
    ]


def misp_opening(about: About) -> dict[str, Any]:
    """Return an event without objects."""
    return {
        "uuid": str(uuid5(NAMESPACE, f"event {about.bank_id}")),
        "info": f"Known deepfakes: {about.bank}",
        "date": about.now.date().isoformat(),
        "timestamp": str(int(about.now.timestamp())),
        "threat_level_id": "4",
        "analysis": "2",
        "distribution": "0",
        "published": False,
        "Orgc": {
            "name": about.organization,
            "uuid": str(uuid5(NAMESPACE, f"organization {about.organization_id}")),
        },
        "Tag": [{"name": "tlp:green"}],
    }


def misp_entry(about: About, entry: Exported) -> Iterator[dict[str, Any]]:
    """Yield the object of an entry; nothing if its fakes have no hash."""
    hashes = [hash_ for medium in entry.media if medium.role == "fake" for hash_ in _hashes(medium)]
    if not hashes:
        return
    changed = max(entry.changed_at or _BEGINNING, entry.created_at or _BEGINNING)
    timestamp = str(int(changed.timestamp()))
    yield {
        "name": "known-fake",
        "meta-category": "misc",
        "description": "A known deepfake and the hashes by which it is found.",
        "template_uuid": TEMPLATE,
        "template_version": str(TEMPLATE_VERSION),
        "uuid": str(uuid5(NAMESPACE, f"object {entry.entry_id}")),
        "timestamp": timestamp,
        "distribution": "5",
        "comment": "",
        "Attribute": [
            {
                "uuid": str(uuid5(NAMESPACE, f"attribute {entry.entry_id} {relation} {value}")),
                "object_relation": relation,
                "type": type_,
                "category": category,
                "value": value,
                "to_ids": relation in _HASHES,
                "distribution": "5",
                "timestamp": timestamp,
                "comment": "",
            }
            for relation, type_, category, value in _misp_attributes(about, entry, hashes)
        ],
    }


def _misp_attributes(
    about: About, entry: Exported, hashes: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield relation, MISP type, category and value of an entry's attributes."""
    yield "entry-id", "text", "Other", str(entry.entry_id)
    yield "tier", "text", "Other", entry.tier
    if entry.manipulation:
        yield "manipulation", "text", "Other", entry.manipulation
    for kind, value in dict.fromkeys(hashes):
        if kind in {"sha256", "md5"}:
            yield kind, kind, "External analysis", value
        else:
            yield kind, "other", "Other", value
    if about.share_claims:
        yield "title", "text", "Other", entry.title
        if entry.claim:
            yield "claim", "text", "Other", entry.claim
        for reference in entry.references:
            yield "reference", "link", "External analysis", str(reference["url"])


def _hashes(medium: Medium) -> list[tuple[str, str]]:
    """Return type and hex value of the hashes that identify a medium."""
    hashes = [("sha256", medium.sha256)] if medium.sha256 else []
    hashes += [("md5", medium.md5)] if medium.md5 else []
    type_, value = one_hash(medium) or ("", "")
    frames = medium.fingerprint.frames if medium.fingerprint is not None else ()
    if medium.kind == "image" or type_ == "vpdq":
        hashes += [("pdq", frame.pdq.hex()) for frame in frames[:1] if frame.pdq is not None]
    if type_ == "phash256":
        hashes.append((type_, value))
    return hashes


def _name(about: About, entry: Exported) -> str:
    if about.share_claims:
        return entry.title
    return f"Known fake ({entry.manipulation})" if entry.manipulation else "Known fake"


def _identity(about: About) -> str:
    return f"identity--{uuid5(NAMESPACE, f'organization {about.organization_id}')}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
