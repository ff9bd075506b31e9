"""Get, list and change entries; show entries to the public, and as a ClaimReview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.catalogue.banks.model import Tier, policy
from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.entries.model import claim_review
from registry.catalogue.entries.model.details import Details
from registry.catalogue.entries.model.details import details as described
from registry.catalogue.entries.model.reference import references
from registry.catalogue.entries.service.details import Row, join_variants, keep_details, opened, sift_depicted
from registry.catalogue.entries.service.visibility import find_entry, own_entry
from registry.catalogue.entries.store import details, entries
from registry.catalogue.entries.store import details as kept
from registry.catalogue.media.store import assets
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model import provenance
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, NotFound
from registry.core.identifiers import as_id
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller

WORKING: Final = frozenset({"register", "review", "takedown", "admin"})
"""Roles that work on the entries of their organization."""

Part = Callable[[Connection, Caller, Mapping[str, Any]], Any]
PARTS: Final[dict[str, Part]] = {}
"""Fields of an entry's answer that other rooms provide. Each function gets the entry's row.
`registry/app/wiring.py` fills the table."""


def show_entry(service: Service, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """Return the entry with its media.

    Other organizations see a public entry without file names, and only the media that answer lookups. SHA-256
    digests are shown to callers who work on their own entry (`works_on`) and to callers with the scope
    `signals`. Encrypted details are shown in full only to callers who work on their own entry.

    Raises `NotFound` (`unknown_entry`).
    """
    with service.pool.snapshot() as connection:
        entry = find_entry(connection, caller, entry_id)
        media = assets.of_entry(connection, entry_id)
        origins = manifests.of_assets(connection, [medium["asset_id"] for medium in media])
        said = opened(service, connection, entry)
        family = _family(connection, caller, entry)
        parts = {name: part(connection, caller, entry) for name, part in PARTS.items()}
        bare = any(origin["state"] == "absent" for origin in origins.values())
        missing = manifests.missing(connection, caller.organization_id, entry_id) if bare else set()
    own: bool = entry["own"]
    seen = {item["entry_id"] for item in family}
    plain = shape(entry)
    return {
        **plain,
        "variant_of": plain["variant_of"] if plain["variant_of"] in seen else None,
        **said.shown(own=works_on(caller, own=own)),
        "variants": family,
        **parts,
        "assets": [
            {**digest, "provenance": _origin(origins.get(UUID(digest["asset_id"])), digest, missing, own=own)}
            for digest in _without_digests(shape_media(media, own=own), caller, own=own)
        ],
    }


def _origin(
    row: dict[str, Any] | None, medium: dict[str, Any], missing: AbstractSet[UUID], *, own: bool
) -> dict[str, Any] | None:
    """Other organizations see the signer's name only if this deployment trusts the signer."""
    if row is None:
        return None
    told = provenance.of_asset(row, medium["role"], missing=UUID(medium["asset_id"]) in missing)
    return told if own or row["state"] == "trusted" else {**told, "signer": None, "claim_generator": None}


def works_on(caller: Caller, *, own: bool) -> bool:
    """Return whether the entry is the caller's own and the caller may do more than look up."""
    return own and bool(caller.roles & WORKING)


def _without_digests(media: Iterable[dict[str, Any]], caller: Caller, *, own: bool) -> list[dict[str, Any]]:
    told = caller.sees_signals or works_on(caller, own=own)
    return [medium if told else {**medium, "sha256": None} for medium in media]


def shape_media(rows: Iterable[dict[str, Any]], *, own: bool) -> list[dict[str, Any]]:
    """Return media as answered. Other organizations see only the media that answer lookups."""
    return [_asset(row, own=own) for row in rows if own or _answers(row)]


def _family(connection: Connection, caller: Caller, entry: dict[str, Any]) -> list[dict[str, Any]]:
    root = entry["variant_of"] or entry["entry_id"]
    found = details.variants(
        connection, caller.organization_id, entry["entry_id"], root, cases=caller.sees_cases
    )
    return [{**row, "entry_id": str(row["entry_id"])} for row in found]


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """Return an entry's row as answered."""
    return {
        "entry_id": str(row["entry_id"]),
        "bank": row["bank"],
        "title": row["title"],
        "claim": row["claim"],
        "language": row["language"],
        "manipulation": row["manipulation"],
        "tier": row["tier"],
        "original_tier": row["original_tier"],
        "status": row["status"],
        "unverified": row["unverified"],
        "error": _error(row),
        "references": row["references"],
        "variant_of": str(row["variant_of"]) if row["variant_of"] else None,
        "created_at": row["created_at"].isoformat(),
        "matchable_at": row["matchable_at"].isoformat() if row["matchable_at"] else None,
    }


def _asset(row: dict[str, Any], *, own: bool) -> dict[str, Any]:
    error = _error(row) if own else None
    plain = {key: value for key, value in row.items() if key not in {"error_code", "error_message"}}
    return {
        **plain,
        "asset_id": str(row["asset_id"]),
        "filename": row["filename"] if own else "",
        "progress": row["progress"] if own else 1.0,
        "segments": row["segments"] if own else None,
        "error": error,
        "matchable_at": row["matchable_at"].isoformat() if row["matchable_at"] else None,
    }


def _answers(row: dict[str, Any]) -> bool:
    return row["status"] == "fingerprinted" and row["matchable_at"] is not None


def _error(row: dict[str, Any]) -> dict[str, str] | None:
    if row["error_code"] is None:
        return None
    return {"code": row["error_code"], "message": row["error_message"]}


MOST_WORDS: Final = 20


def list_entries(
    service: Service,
    caller: Caller,
    *,
    bank: str | None = None,
    status: str | None = None,
    text: str | None = None,
    tier: Tier | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    person: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """List the entries of the caller's organization, newest first. `next` continues after this page.

    Private intake cases are listed for reviewers only. A caller who may only look up cannot list a bank.
    `text`: words that must all occur in the title or the claim; words after the first MOST_WORDS are ignored.
    `since`, `until`: bounds of the registration time; `until` is exclusive. `person`: the id of an enrolled
    person whom the media show (needs the scope `faces`). Any other value is compared with the people that the
    entry names, as in `catalogue.entries.model.details.depicts`. Those names are encrypted and read entry by
    entry (`sift_depicted`), so a page may be short and still have a next page.

    Raises `Forbidden`, `NotFound` (`unknown_bank`), `BadInput` (`bad_cursor`), `Unavailable`
    (`keys_unavailable`).
    """
    caller.require_any("register", "review", "admin")
    person_id = as_id(person) if person else None
    if person_id:
        caller.require("faces")
    with service.pool.transaction() as connection:
        found = find_bank(connection, caller, bank)
        given: dict[str, Any] = {
            "cases": caller.sees_cases,
            "bank_id": found.bank_id if found else None,
            "status": status,
            "tier": tier,
            "words": words(text),
            "since": since,
            "until": until,
            "person_id": person_id,
        }
        place = cursor.place(after) if after else None
        if person and not person_id:
            return _depicting(service, connection, caller, person, given, place, limit)
        rows = entries.page(connection, caller.organization_id, **given, after=place, limit=limit + 1)
    return paged(rows, limit)


def _depicting(
    service: Service,
    connection: Connection,
    caller: Caller,
    wanted: str,
    given: dict[str, Any],
    place: tuple[datetime, UUID] | None,
    limit: int,
) -> dict[str, Any]:
    """Return a page of the entries that name the wanted person."""

    def read(last: Row | None, most: int) -> Sequence[Row]:
        after = (last["created_at"], last["entry_id"]) if last else place
        return entries.page(
            connection, caller.organization_id, **given, detailed=True, after=after, limit=most
        )

    rows, last = sift_depicted(service, connection, wanted, read, is_own=lambda _: True, limit=limit)
    return {"entries": [shape(row) for row in rows], "next": _encode(last) if last else None}


def words(text: str | None) -> list[str]:
    """Split a search text into the words that are looked for in titles and claims."""
    return (text or "").split()[:MOST_WORDS]


def paged(rows: Sequence[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Return a page of at most `limit` entries. An additional row in `rows` means that there is a next
    page."""
    more = len(rows) > limit
    rows = rows[:limit]
    return {"entries": [shape(row) for row in rows], "next": _encode(rows[-1]) if more else None}


def _encode(row: dict[str, Any]) -> str:
    return cursor.encode(row["created_at"].isoformat(), row["entry_id"])


WITHHELD: Final[list[Callable[[Connection, UUID], bool]]] = []
"""Predicates of other rooms: whether an entry is withheld from the public. `registry/app/wiring.py` fills the
table."""


def show_public_entry(service: Service, entry_id: UUID) -> dict[str, Any]:
    """Return an entry as shown without an account, with its `claim_review`.

    The entry must answer lookups, and its bank's policy must show its tier to everybody (`public_tier`). The
    answer holds no digests, no file names, no places and no evidence; of people it holds public names only.
    Entries of other registries are not shown. Those registries publish them.

    Raises `NotFound` (`unknown_entry`), also for an entry that exists but is not public.
    """
    with service.pool.transaction() as connection:
        entry = entries.public(connection, entry_id)
        if entry is None or not policy(entry["policy"]).shows_everybody(entry["tier"]):
            raise _unknown(entry_id)
        if any(withheld(connection, entry_id) for withheld in WITHHELD):
            raise _unknown(entry_id)
        details = opened(service, connection, entry)
        media = shape_media(assets.of_entry(connection, entry_id), own=False)
    said = details.shown(own=False)
    plain = {**entry, "created_at": entry["created_at"].isoformat(), "assets": media}
    shown = ("title", "claim", "language", "manipulation", "tier", "references", "organization", "created_at")
    return {
        "entry_id": str(entry_id),
        **{name: plain[name] for name in shown},
        "depicted": said["depicted"],
        "media": [{name: medium[name] for name in ("role", "kind", "duration")} for medium in media],
        "claim_review": claim_review.write(plain, Details.of(entry["language"], said), entry["organization"]),
    }


def _unknown(entry_id: UUID) -> NotFound:
    return NotFound(f"There is no public entry {entry_id}.", code="unknown_entry")


def show_claim_review(service: Service, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """Return JSON-LD of an entry that the caller may see.

    Places and evidence are included only for callers who work on their own entry. Raises `NotFound`
    (`unknown_entry`), `Conflict` (`entry_withdrawn`).
    """
    with service.pool.transaction() as connection:
        entry = find_entry(connection, caller, entry_id)
        if entry["status"] == "withdrawn":
            raise Conflict("The entry was withdrawn.", code="entry_withdrawn")
        said = opened(service, connection, entry)
        media = shape_media(assets.of_entry(connection, entry_id), own=entry["own"])
    shown = Details.of(said.language, said.shown(own=works_on(caller, own=entry["own"])))
    plain = entry | {"created_at": entry["created_at"].isoformat(), "assets": media}
    return claim_review.write(plain, shown, entry["organization"])


def change_entry(
    service: Service, caller: Caller, entry_id: UUID, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Change an entry and return it. Needs `register`.

    `given`: title, claim, language, references, depicted, seen, evidence, variant_of. An absent field stays;
    a null field is removed. Registration and review set the media and their trust; this function does not.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Conflict` (`entry_withdrawn`,
    `own_variant`), `BadInput` (`bad_label`, `bad_reference`, `bad_language`, `bad_detail`), `Unavailable`.
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        if "variant_of" in given:
            kept.lock_joins(connection)
        kept.lock(connection, entry_id)  # unchanged fields are read and written back: serialise changes
        entry = own_entry(connection, caller, entry_id)
        if entry["status"] == "withdrawn":
            raise Conflict("The entry was withdrawn.", code="entry_withdrawn")
        said = _details(opened(service, connection, entry), given)
        plain: dict[str, str | None] = {}
        if "claim" in given:
            plain["claim"] = label(given["claim"], "claim", longest=5000) if given["claim"] else None
        if "language" in given:
            plain["language"] = said.language
        kept.change(
            connection,
            entry_id,
            title=label(given["title"], "title") if given.get("title") is not None else None,
            references=references(given["references"] or ()) if "references" in given else None,
            **plain,
        )
        if "variant_of" in given:
            join_variants(connection, caller, entry_id, given["variant_of"])
        subject = {"variant_of": given["variant_of"]} if given.get("variant_of") else {}
        record_event(
            connection,
            caller,
            "entry.changed",
            entry_id=entry_id,
            subject=subject,
            said={"fields": sorted(given)},
        )
        if {"depicted", "seen", "evidence"} & set(given):
            keep_details(service, connection, caller, entry_id, said.sealed or {"depicted": []})
    return show_entry(service, caller, entry_id)


def _details(before: Details, given: Mapping[str, Any]) -> Details:
    """Merge the given fields into the stored details."""
    now = {"language": before.language, **before.shown(own=True)}
    return described(**now | {name: given[name] or _NOTHING[name] for name in _NOTHING if name in given})


_NOTHING: Mapping[str, Any] = {"language": None, "depicted": (), "seen": (), "evidence": None}
