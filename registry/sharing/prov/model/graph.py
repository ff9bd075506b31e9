"""The provenance of an entry as W3C PROV (PROV-JSON): which medium was made from which, how, when, and who
says so.

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
class Found:
    """What the caller may know about an entry, as rows of the store.

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
        self.made: dict[str, dict[str, dict[str, Any]]] = {}

    def add(self, kind: str, name: str, /, **said: Any) -> str:
        told = {_term(key): value for key, value in said.items() if value not in (None, [], "")}
        self.made.setdefault(kind, {}).setdefault(name, {}).update(told)
        return name

    def relate(self, kind: str, /, **said: Any) -> None:
        self.add(kind, f"_:{kind}{len(self.made.get(kind, {}))}", **said)


def _term(name: str) -> str:
    return name.replace("__", ":", 1)


def prov(found: Found) -> dict[str, Any]:
    """Return the PROV-JSON document (W3C member submission of 2013-04-24). Its order depends only on its
    content."""
    made = _Document()
    entry = _entry(made, found)
    _media(made, found, entry)
    for foreign in found.foreign:
        _foreign(made, entry, foreign)
    for derivation in found.derivations:
        _derivation(made, found, derivation)
    for relative in found.relatives:
        _relative(made, found, relative)
    for variant in found.variants:
        other = made.add(
            "entity", f"entry:{variant['entry_id']}", prov__type="fp:Entry", prov__label=variant["title"]
        )
        made.relate("alternateOf", prov__alternate1=entry, prov__alternate2=other, fp__as="variant")
    for number, one in enumerate(found.sightings):
        told = {
            f"fp__{name}": str(one[name]) for name in ("url", "platform", "channel", "at") if one.get(name)
        }
        place = made.add("entity", f"seen:{number}", prov__type="fp:Sighting", **told)
        made.relate("specializationOf", prov__specificEntity=place, prov__generalEntity=entry)
    _judgements(made, found, entry)
    return {"prefix": dict(PREFIXES), **made.made}


def _organization(made: _Document, organization_id: object, name: object) -> str:
    return made.add(
        "agent", f"org:{organization_id}", prov__type=_name("prov:Organization"), prov__label=str(name)
    )


def _registry(made: _Document, found: Found) -> str:
    return made.add("agent", REGISTRY, prov__type=_name("prov:SoftwareAgent"), prov__label=found.registry)


def _entry(made: _Document, found: Found) -> str:
    said = found.entry
    entry = made.add(
        "entity",
        f"entry:{said['entry_id']}",
        prov__type="fp:Entry",
        prov__label=said["title"],
        fp__bank=said["bank"],
        fp__tier=said["tier"],
        fp__originalTier=said["original_tier"],
        fp__status=said["status"],
        fp__manipulation=said["manipulation"],
        fp__reference=[str(reference["url"]) for reference in said["references"] if reference.get("url")],
    )
    by = _organization(made, found.owner["organization_id"], found.owner["name"])
    act = made.add(
        "activity",
        f"act:registration-{said['entry_id']}",
        prov__type="fp:Registration",
        **_at(said["created_at"]),
    )
    made.relate("wasGeneratedBy", prov__entity=entry, prov__activity=act, prov__time=said["created_at"])
    made.relate("wasAssociatedWith", prov__activity=act, prov__agent=by)
    made.relate("wasAttributedTo", prov__entity=entry, prov__agent=by)
    for event in found.events:
        if event["kind"] == "entry.registered" and event["leaf_index"] is not None:
            made.add("activity", act, fp__ledgerIndex=event["leaf_index"])
    return entry


def _foreign(made: _Document, entry: str, row: Row) -> None:
    """Add another registry's entry as the primary source of this one, with owner, licence and ledger leaf.

    Equal ids of two registries stay separate.
    """
    origin = quote(str(row["origin"]), safe="")
    there = made.add(
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
    by = made.add(
        "agent", f"reg:{origin}", prov__type=_name("prov:Organization"), prov__label=str(row["origin"])
    )
    made.relate("wasAttributedTo", prov__entity=there, prov__agent=by)
    made.relate(
        "wasDerivedFrom",
        prov__generatedEntity=entry,
        prov__usedEntity=there,
        prov__type=_name("prov:PrimarySource"),
        fp__as=TAKEN,
        fp__assertedBy=by,
        fp__assertedAt=_time(row["said_at"]),
        fp__licence=row["licence"],
    )


def _media(made: _Document, found: Found, entry: str) -> None:
    for item in found.media:
        medium = made.add(
            "entity",
            f"media:{item['asset_id']}",
            prov__type="fp:Original" if item["role"] == "original" else "fp:Fake",
            prov__label=f"{item['role']}{_length(item)}",
            fp__sha256=item.get("sha256"),
            fp__kind=item["kind"],
            fp__duration=item["duration"],
        )
        made.relate("hadMember", prov__collection=entry, prov__entity=medium)
        by = _organization(made, item["organization_id"], item["organization"])
        made.relate(
            "wasAttributedTo",
            prov__entity=medium,
            prov__agent=by,
            fp__as=item["role"],
            fp__at=_time(item["added_at"]),
        )
        if (said := found.origins.get(item["asset_id"])) and said["state"] != "absent":
            made.add(
                "entity",
                medium,
                fp__manifestState=said["state"],
                fp__declared=said["declared"],
                fp__manifestSigner=said["signer"] if said["state"] == "trusted" else None,
            )
    _claimed(made, found)


def _claimed(made: _Document, found: Found) -> None:
    """Add derivations claimed by registering fakes and originals together. `fp:proved` says whether spans
    confirm one."""
    proved = {(derivation["fake_id"], derivation["original_id"]) for derivation in found.derivations}
    for original in (medium for medium in found.media if medium["role"] == "original"):
        for fake in (medium for medium in found.media if medium["role"] == "fake"):
            pair = (fake["asset_id"], original["asset_id"])
            latest = max(fake, original, key=lambda item: item["added_at"])
            made.relate(
                "wasDerivedFrom",
                prov__generatedEntity=f"media:{pair[0]}",
                prov__usedEntity=f"media:{pair[1]}",
                prov__activity=_making(made, found, fake["asset_id"]),
                fp__assertedBy=_organization(made, latest["organization_id"], latest["organization"]),
                fp__assertedAt=_time(latest["added_at"]),
                fp__proved=pair in proved,
            )


def _making(made: _Document, found: Found, asset_id: object) -> str | None:
    """Add the manipulation by the declared method. None: no method was declared."""
    method = found.entry["manipulation"]
    if not method:
        return None
    act = made.add(
        "activity",
        f"act:making-{asset_id}",
        prov__type="fp:Manipulation",
        prov__label=str(method).replace("_", " "),
        fp__method=method,
    )
    used = {"prov:entity": f"media:{asset_id}", "prov:activity": act}
    if used not in made.made.get("wasGeneratedBy", {}).values():
        made.relate("wasGeneratedBy", prov__entity=used["prov:entity"], prov__activity=act)
    return act


def _derivation(made: _Document, found: Found, row: Row) -> None:
    ends = (f"media:{row['fake_id']}", f"media:{row['original_id']}")
    said = {
        "fp__probability": round(row["score"], 3),
        "fp__faces": row["faces"],
        "fp__span": spans(row["spans"]),
    }
    act = f"act:alignment-{row['fake_id']}-{row['original_id']}"
    _add_alignment(made, found, _Alignment(act, ends, row["found_at"], row["model"], said))


def _relative(made: _Document, found: Found, row: Row) -> None:
    """Add another entry with the same footage. Between a fake and an original this is a derivation."""
    other = made.add(
        "entity",
        f"entry:{row['entry_id']}",
        prov__type="fp:Entry",
        prov__label=row["title"],
        fp__bank=row["bank"],
        fp__tier=row["tier"],
    )
    theirs = made.add(
        "entity",
        f"media:{row['related_asset_id']}",
        prov__type="fp:Original" if row["related_role"] == "original" else "fp:Fake",
        prov__label=row["related_role"],
    )
    if theirs != f"media:{row['asset_id']}":
        made.relate("hadMember", prov__collection=other, prov__entity=theirs)
    ends = (f"media:{row['asset_id']}", theirs)
    roles = (row["role"], row["related_role"])
    turned = roles == ("original", "fake")
    said = {
        "fp__probability": None if row["score"] is None else round(row["score"], 3),
        "fp__faces": row["faces"],
        "fp__relation": row["relation"],
        "fp__span": spans(_turned(row["spans"]) if turned else row["spans"]),
    }
    alignment = _Alignment(
        f"act:alignment-{row['asset_id']}-{row['related_asset_id']}",
        (theirs, ends[0]) if turned else ends,
        row["found_at"],
        row["model"],
        said,
        derived=set(roles) == {"fake", "original"},
    )
    _add_alignment(made, found, alignment)


@dataclass(frozen=True, slots=True)
class _Alignment:
    """An alignment of two media. `said`: attributes of their relation. `derived`: the first was made from the
    second; else they share footage."""

    act: str
    ends: tuple[str, str]
    at: Any
    model: str
    said: Mapping[str, Any]
    derived: bool = True


def _add_alignment(made: _Document, found: Found, alignment: _Alignment) -> None:
    """Add an alignment found by the registry: an activity that used both media, and the resulting
    relation."""
    act, (first, second), at = alignment.act, alignment.ends, _time(alignment.at)
    if first == second:
        return  # the same file in two entries
    made.add("activity", act, prov__type="fp:Alignment", fp__model=alignment.model, **_at(at))
    by = _registry(made, found)
    made.relate("wasAssociatedWith", prov__activity=act, prov__agent=by)
    for end in (first, second):
        made.relate("used", prov__activity=act, prov__entity=end)
    told = {**alignment.said, "fp__assertedBy": by, "fp__assertedAt": at, "fp__alignment": act}
    if alignment.derived:
        made.relate("wasDerivedFrom", prov__generatedEntity=first, prov__usedEntity=second, **told)
    else:
        made.relate("alternateOf", prov__alternate1=first, prov__alternate2=second, **told)


def _judgements(made: _Document, found: Found, entry: str) -> None:
    """Add reviews and disputes as activities that influenced the entry."""
    for review in found.reviews:
        act = made.add(
            "activity",
            f"act:review-{review['review_id']}",
            prov__type="fp:Review",
            fp__decision=review["decision"],
            **_at(_time(review["decided_at"])),
        )
        _bears(made, act, entry, review)
    for dispute in found.disputes:
        act = made.add(
            "activity",
            f"act:dispute-{dispute['dispute_id']}",
            prov__type="fp:Dispute",
            fp__kind=dispute["kind"],
            fp__state=dispute["state"],
            fp__outcome=dispute["outcome"],
            prov__startTime=_time(dispute["opened_at"]),
            prov__endTime=_time(dispute["closed_at"]),
        )
        _bears(made, act, entry, dispute)


def _bears(made: _Document, act: str, entry: str, row: Row) -> None:
    by = _organization(made, row["organization_id"], row["organization"])
    made.relate("wasAssociatedWith", prov__activity=act, prov__agent=by)
    made.relate("wasInfluencedBy", prov__influencee=entry, prov__influencer=act)


def spans(found: Iterable[Span]) -> list[str]:
    """Format spans as text: seconds in the first = seconds in the second,
    `12.000/20.100=0.000/8.100;speed=1`."""
    return [
        f"{span.query[0]:.3f}/{span.query[1]:.3f}={span.asset[0]:.3f}/{span.asset[1]:.3f};speed={span.speed:g}"
        + (";mirrored" if span.mirrored else "")
        for span in found
    ]


def _turned(found: Iterable[Span]) -> list[Span]:
    return [
        Span(span.asset, span.query, round(1 / span.speed, 2) if span.speed else 1.0, span.mirrored)
        for span in found
    ]


def _length(row: Row) -> str:
    return f", {row['duration']:.1f} s" if row["duration"] else ""


def _name(value: str) -> dict[str, str]:
    return {"$": value, "type": "prov:QUALIFIED_NAME"}


def _at(moment: str | None) -> dict[str, str]:
    return {} if moment is None else {"prov__startTime": moment, "prov__endTime": moment}


def _time(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
