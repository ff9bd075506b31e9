"""The provenance of an entry as W3C PROV (PROV-JSON): which medium was made from which, how, when, and who
stated it.

Pure. The graph contains only what is stored. Statements made at registration are attributed to their author.
An alignment found by this registry is an activity of the registry, with its spans as proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from registry.matching.alignment.model.align import Span

Row = Mapping[str, Any]

PREFIXES: Final[Mapping[str, str]] = {
    "fp": "urn:fakeprint:terms:",
    "entry": "urn:fakeprint:entry:",
    "media": "urn:fakeprint:media:",
    "org": "urn:fakeprint:organization:",
    "act": "urn:fakeprint:activity:",
    "who": "urn:fakeprint:agent:",
    "seen": "urn:fakeprint:sighting:",
    "reg": "urn:fakeprint:registry:",
    "far": "urn:fakeprint:foreign:",
}
REGISTRY: Final = "who:registry"
TAKEN: Final = "taken"
"""`fp:as` of an entry that was taken over from another registry, not derived from it."""


@dataclass(frozen=True, slots=True)
class EntryRecords:
    """The data on an entry that the caller may see, as rows of the store.

    `entry`: in the form of `show_entry`. `owner`: organization_id, name. `origins`: manifest rows by medium.
    `relatives`: other entries with the same footage. `foreign`: other registries that publish the entry.
    `sightings`, `reviews`, `disputes`, `events`: only for callers who may see them. `registry`: its name.
    """

    entry: Row
    owner: Row
    media: Sequence[Row]
    derivations: Sequence[Row]
    relatives: Sequence[Row]
    variants: Sequence[Row]
    registry: str
    origins: Mapping[Any, Row] = field(default_factory=dict)
    sightings: Sequence[Row] = ()
    reviews: Sequence[Row] = ()
    disputes: Sequence[Row] = ()
    foreign: Sequence[Row] = ()
    events: Sequence[Row] = ()


class _Document:
    """A PROV-JSON document under construction. Items with the same id are merged."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, dict[str, Any]]] = {}

    def add(self, kind: str, name: str, /, **attributes: Any) -> str:
        filled = {_term(key): value for key, value in attributes.items() if value not in (None, [], "")}
        self.items.setdefault(kind, {}).setdefault(name, {}).update(filled)
        return name

    def relate(self, kind: str, /, **attributes: Any) -> None:
        self.add(kind, f"_:{kind}{len(self.items.get(kind, {}))}", **attributes)


def _term(name: str) -> str:
    return name.replace("__", ":", 1)


def prov(records: EntryRecords) -> dict[str, Any]:
    """Return the PROV-JSON document (W3C member submission of 2013-04-24). Its order depends only on its
    content."""
    document = _Document()
    entry = _entry(document, records)
    _media(document, records, entry)
    for foreign in records.foreign:
        _foreign(document, entry, foreign)
    for derivation in records.derivations:
        _derivation(document, records, derivation)
    for relative in records.relatives:
        _relative(document, records, relative)
    for variant in records.variants:
        other = document.add(
            "entity", f"entry:{variant['entry_id']}", prov__type="fp:Entry", prov__label=variant["title"]
        )
        document.relate("alternateOf", prov__alternate1=entry, prov__alternate2=other, fp__as="variant")
    for number, sighting in enumerate(records.sightings):
        attributes = {
            f"fp__{name}": str(sighting[name])
            for name in ("url", "platform", "channel", "at")
            if sighting.get(name)
        }
        place = document.add("entity", f"seen:{number}", prov__type="fp:Sighting", **attributes)
        document.relate("specializationOf", prov__specificEntity=place, prov__generalEntity=entry)
    _judgements(document, records, entry)
    return {"prefix": dict(PREFIXES), **document.items}


def _organization(document: _Document, organization_id: object, name: object) -> str:
    return document.add(
        "agent", f"org:{organization_id}", prov__type=_name("prov:Organization"), prov__label=str(name)
    )


def _registry(document: _Document, records: EntryRecords) -> str:
    return document.add(
        "agent", REGISTRY, prov__type=_name("prov:SoftwareAgent"), prov__label=records.registry
    )


def _entry(document: _Document, records: EntryRecords) -> str:
    row = records.entry
    entry = document.add(
        "entity",
        f"entry:{row['entry_id']}",
        prov__type="fp:Entry",
        prov__label=row["title"],
        fp__bank=row["bank"],
        fp__tier=row["tier"],
        fp__originalTier=row["original_tier"],
        fp__status=row["status"],
        fp__manipulation=row["manipulation"],
        fp__reference=[str(reference["url"]) for reference in row["references"] if reference.get("url")],
    )
    by = _organization(document, records.owner["organization_id"], records.owner["name"])
    act = document.add(
        "activity",
        f"act:registration-{row['entry_id']}",
        prov__type="fp:Registration",
        **_at(row["created_at"]),
    )
    document.relate("wasGeneratedBy", prov__entity=entry, prov__activity=act, prov__time=row["created_at"])
    document.relate("wasAssociatedWith", prov__activity=act, prov__agent=by)
    document.relate("wasAttributedTo", prov__entity=entry, prov__agent=by)
    for event in records.events:
        if event["kind"] == "entry.registered" and event["leaf_index"] is not None:
            document.add("activity", act, fp__ledgerIndex=event["leaf_index"])
    return entry


def _foreign(document: _Document, entry: str, row: Row) -> None:
    """Add another registry's entry as the primary source of this one, with owner, licence and ledger leaf.

    Equal ids of two registries stay separate.
    """
    origin = quote(str(row["origin"]), safe="")
    source = document.add(
        "entity",
        f"far:{origin}:{row['entry_id']}",
        prov__type="fp:ForeignEntry",
        prov__label=str(row["origin"]),
        fp__licence=row["licence"],
        fp__status=row["status"],
        fp__tier=row["tier"],
        fp__ledgerIndex=row["ledger_index"],
        fp__itemHash=row["item_hash"],
    )
    by = document.add(
        "agent", f"reg:{origin}", prov__type=_name("prov:Organization"), prov__label=str(row["origin"])
    )
    document.relate("wasAttributedTo", prov__entity=source, prov__agent=by)
    document.relate(
        "wasDerivedFrom",
        prov__generatedEntity=entry,
        prov__usedEntity=source,
        prov__type=_name("prov:PrimarySource"),
        fp__as=TAKEN,
        fp__assertedBy=by,
        fp__assertedAt=_time(row["said_at"]),
        fp__licence=row["licence"],
    )


def _media(document: _Document, records: EntryRecords, entry: str) -> None:
    for medium in records.media:
        name = document.add(
            "entity",
            f"media:{medium['asset_id']}",
            prov__type="fp:Original" if medium["role"] == "original" else "fp:Fake",
            prov__label=f"{medium['role']}{_length(medium)}",
            fp__sha256=medium.get("sha256"),
            fp__kind=medium["kind"],
            fp__duration=medium["duration"],
        )
        document.relate("hadMember", prov__collection=entry, prov__entity=name)
        by = _organization(document, medium["organization_id"], medium["organization"])
        document.relate(
            "wasAttributedTo",
            prov__entity=name,
            prov__agent=by,
            fp__as=medium["role"],
            fp__at=_time(medium["added_at"]),
        )
        if (manifest := records.origins.get(medium["asset_id"])) and manifest["state"] != "absent":
            document.add(
                "entity",
                name,
                fp__manifestState=manifest["state"],
                fp__declared=manifest["declared"],
                fp__manifestSigner=manifest["signer"] if manifest["state"] == "trusted" else None,
            )
    _claimed(document, records)


def _claimed(document: _Document, records: EntryRecords) -> None:
    """Add derivations claimed by registering fakes and originals together. `fp:proved` says whether spans
    confirm one."""
    proved = {(derivation["fake_id"], derivation["original_id"]) for derivation in records.derivations}
    for original in (medium for medium in records.media if medium["role"] == "original"):
        for fake in (medium for medium in records.media if medium["role"] == "fake"):
            pair = (fake["asset_id"], original["asset_id"])
            latest = max(fake, original, key=lambda medium: medium["added_at"])
            document.relate(
                "wasDerivedFrom",
                prov__generatedEntity=f"media:{pair[0]}",
                prov__usedEntity=f"media:{pair[1]}",
                prov__activity=_making(document, records, fake["asset_id"]),
                fp__assertedBy=_organization(document, latest["organization_id"], latest["organization"]),
                fp__assertedAt=_time(latest["added_at"]),
                fp__proved=pair in proved,
            )


def _making(document: _Document, records: EntryRecords, asset_id: object) -> str | None:
    """Add the manipulation by the declared method. None: no method was declared."""
    method = records.entry["manipulation"]
    if not method:
        return None
    act = document.add(
        "activity",
        f"act:making-{asset_id}",
        prov__type="fp:Manipulation",
        prov__label=str(method).replace("_", " "),
        fp__method=method,
    )
    used = {"prov:entity": f"media:{asset_id}", "prov:activity": act}
    if used not in document.items.get("wasGeneratedBy", {}).values():
        document.relate("wasGeneratedBy", prov__entity=used["prov:entity"], prov__activity=act)
    return act


def _derivation(document: _Document, records: EntryRecords, row: Row) -> None:
    ends = (f"media:{row['fake_id']}", f"media:{row['original_id']}")
    attributes = {
        "fp__probability": round(row["score"], 3),
        "fp__faces": row["faces"],
        "fp__span": spans(row["spans"]),
    }
    act = f"act:alignment-{row['fake_id']}-{row['original_id']}"
    _add_alignment(document, records, _Alignment(act, ends, row["found_at"], row["model"], attributes))


def _relative(document: _Document, records: EntryRecords, row: Row) -> None:
    """Add another entry with the same footage. Between a fake and an original this is a derivation."""
    other = document.add(
        "entity",
        f"entry:{row['entry_id']}",
        prov__type="fp:Entry",
        prov__label=row["title"],
        fp__bank=row["bank"],
        fp__tier=row["tier"],
    )
    related = document.add(
        "entity",
        f"media:{row['related_asset_id']}",
        prov__type="fp:Original" if row["related_role"] == "original" else "fp:Fake",
        prov__label=row["related_role"],
    )
    if related != f"media:{row['asset_id']}":
        document.relate("hadMember", prov__collection=other, prov__entity=related)
    ends = (f"media:{row['asset_id']}", related)
    roles = (row["role"], row["related_role"])
    reverse = roles == ("original", "fake")
    attributes = {
        "fp__probability": None if row["score"] is None else round(row["score"], 3),
        "fp__faces": row["faces"],
        "fp__relation": row["relation"],
        "fp__span": spans(_reversed(row["spans"]) if reverse else row["spans"]),
    }
    alignment = _Alignment(
        f"act:alignment-{row['asset_id']}-{row['related_asset_id']}",
        (related, ends[0]) if reverse else ends,
        row["found_at"],
        row["model"],
        attributes,
        derived=set(roles) == {"fake", "original"},
    )
    _add_alignment(document, records, alignment)


@dataclass(frozen=True, slots=True)
class _Alignment:
    """An alignment of two media. `attributes`: of their relation. `derived`: the first was made from the
    second; else they share footage."""

    act: str
    ends: tuple[str, str]
    at: Any
    model: str
    attributes: Mapping[str, Any]
    derived: bool = True


def _add_alignment(document: _Document, records: EntryRecords, alignment: _Alignment) -> None:
    """Add an alignment found by the registry: an activity that used both media, and the resulting
    relation."""
    act, (first, second), at = alignment.act, alignment.ends, _time(alignment.at)
    if first == second:
        return  # the same file in two entries
    document.add("activity", act, prov__type="fp:Alignment", fp__model=alignment.model, **_at(at))
    by = _registry(document, records)
    document.relate("wasAssociatedWith", prov__activity=act, prov__agent=by)
    for end in (first, second):
        document.relate("used", prov__activity=act, prov__entity=end)
    attributes = {**alignment.attributes, "fp__assertedBy": by, "fp__assertedAt": at, "fp__alignment": act}
    if alignment.derived:
        document.relate("wasDerivedFrom", prov__generatedEntity=first, prov__usedEntity=second, **attributes)
    else:
        document.relate("alternateOf", prov__alternate1=first, prov__alternate2=second, **attributes)


def _judgements(document: _Document, records: EntryRecords, entry: str) -> None:
    """Add reviews and disputes as activities that influenced the entry."""
    for review in records.reviews:
        act = document.add(
            "activity",
            f"act:review-{review['review_id']}",
            prov__type="fp:Review",
            fp__decision=review["decision"],
            **_at(_time(review["decided_at"])),
        )
        _influence(document, act, entry, review)
    for dispute in records.disputes:
        act = document.add(
            "activity",
            f"act:dispute-{dispute['dispute_id']}",
            prov__type="fp:Dispute",
            fp__kind=dispute["kind"],
            fp__state=dispute["state"],
            fp__outcome=dispute["outcome"],
            prov__startTime=_time(dispute["opened_at"]),
            prov__endTime=_time(dispute["closed_at"]),
        )
        _influence(document, act, entry, dispute)


def _influence(document: _Document, act: str, entry: str, row: Row) -> None:
    by = _organization(document, row["organization_id"], row["organization"])
    document.relate("wasAssociatedWith", prov__activity=act, prov__agent=by)
    document.relate("wasInfluencedBy", prov__influencee=entry, prov__influencer=act)


def spans(aligned: Iterable[Span]) -> list[str]:
    """Format spans as text: seconds in the first = seconds in the second,
    `12.000/20.100=0.000/8.100;speed=1`."""
    return [
        f"{span.query[0]:.3f}/{span.query[1]:.3f}={span.asset[0]:.3f}/{span.asset[1]:.3f};speed={span.speed:g}"
        + (";mirrored" if span.mirrored else "")
        for span in aligned
    ]


def _reversed(aligned: Iterable[Span]) -> list[Span]:
    return [
        Span(span.asset, span.query, round(1 / span.speed, 2) if span.speed else 1.0, span.mirrored)
        for span in aligned
    ]


def _length(row: Row) -> str:
    return f", {row['duration']:.1f} s" if row["duration"] else ""


def _name(value: str) -> dict[str, str]:
    return {"$": value, "type": "prov:QUALIFIED_NAME"}


def _at(moment: str | None) -> dict[str, str]:
    return {} if moment is None else {"prov__startTime": moment, "prov__endTime": moment}


def _time(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
