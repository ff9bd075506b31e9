"""Get, list and change entries; show entries to the public, and as a ClaimReview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final
from uuid import UUID

from registry.catalogue.banks.model import Tier, policy
from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.entries.errors import UnknownEntry
from registry.catalogue.entries.model import published_review
from registry.catalogue.entries.model.details import Details
from registry.catalogue.entries.model.details import details as described
from registry.catalogue.entries.model.entry import Manipulation, Order
from registry.catalogue.entries.model.reference import references
from registry.catalogue.entries.model.stored_entry import StoredEntry
from registry.catalogue.entries.schemas.registration import AssetOfEntry, Entry, EntryPage, EntrySummary
from registry.catalogue.entries.service.addresses import page_of, public_page
from registry.catalogue.entries.service.details import Row, join_variants, opened, save_details, sift_depicted
from registry.catalogue.entries.service.visibility import find_entry, own_entry
from registry.catalogue.entries.store import details, entries
from registry.catalogue.entries.store import details as kept
from registry.catalogue.entries.store.entries import EntryQuery
from registry.catalogue.errors import EntryWithdrawn
from registry.catalogue.fingerprints.store import whole_files
from registry.catalogue.media.model import Kind, Role
from registry.catalogue.media.store import assets
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.schemas import AssetProvenance
from registry.catalogue.provenance.service import asset_provenance
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.identifiers import as_id
from registry.core.labels import label
from registry.core.service import Service
from registry.core.tally import Tally
from registry.core.weeks import WeekValue, last_weeks
from registry.identity.callers.model import Caller

WORKING: Final = frozenset({"register", "review", "takedown", "admin"})
"""Roles that work on the entries of their organization."""

Part = Callable[[Connection, Caller, StoredEntry], object]
PARTS: Final[dict[str, Part]] = {}
"""Fields of an entry's answer that other rooms provide. `registry/app/wiring.py` fills the table."""


def show_entry(service: Service, caller: Caller, entry_id: UUID) -> Entry:
    """Return the entry with its media.

    Other organizations see a public entry without file names, and only the media that answer lookups. SHA-256
    digests are shown to callers who work on their own entry (`works_on`) and to callers with the scope
    `signals`. Encrypted details are shown in full only to callers who work on their own entry.

    Raises `NotFound` (`unknown_entry`).
    """
    with service.pool.snapshot() as connection:
        entry = find_entry(connection, caller, entry_id)
        media = assets.of_entry(connection, entry_id)
        description = opened(service, connection, entry_id, entry.language)
        family = details.variants(
            connection,
            caller.organization_id,
            entry_id,
            entry.variant_of or entry_id,
            cases=caller.sees_cases,
        )
        parts = {name: part(connection, caller, entry) for name, part in PARTS.items()}
        asset_ids = [medium["asset_id"] for medium in media]
        origins = _origins(connection, caller, entry, asset_ids)
        files = whole_files.read(connection, asset_ids)
    visible = {variant["entry_id"] for variant in family}
    media_shown = shape_media(media, own=entry.own)
    digests = caller.sees_signals or works_on(caller, own=entry.own)
    for medium in media_shown:
        medium.provenance = origins(medium)
        medium.show_digests(files.get(UUID(medium.asset_id)), shown=digests)
    return Entry.model_validate(
        {
            **asdict(entry),
            "variant_of": entry.variant_of if entry.variant_of in visible else None,
            **description.shown(own=works_on(caller, own=entry.own)),
            "variants": family,
            **parts,
            "assets": media_shown,
        }
    )


def _origins(
    connection: Connection, caller: Caller, entry: StoredEntry, asset_ids: Sequence[UUID]
) -> Callable[[AssetOfEntry], AssetProvenance | None]:
    """Return a function from an asset to its provenance.

    Other organizations see the signer's name only if this deployment trusts the signer.
    """
    rows = manifests.of_assets(connection, asset_ids)
    any_absent = any(row["state"] == "absent" for row in rows.values())
    missing = manifests.missing(connection, caller.organization_id, entry.entry_id) if any_absent else set()

    def origin(medium: AssetOfEntry) -> AssetProvenance | None:
        asset_id = UUID(medium.asset_id)
        if (row := rows.get(asset_id)) is None:
            return None
        if not entry.own and row["state"] != "trusted":
            row = row | {"signer": None, "claim_generator": None}
        return asset_provenance(row, medium.role, missing=asset_id in missing)

    return origin


def works_on(caller: Caller, *, own: bool) -> bool:
    """Return whether the entry is the caller's own and the caller may do more than look up."""
    return own and bool(caller.roles & WORKING)


def shape_media(rows: Iterable[Mapping[str, Any]], *, own: bool) -> list[AssetOfEntry]:
    """Return media as answered. Other organizations see only the media that answer lookups."""
    hidden = {} if own else {"filename": "", "progress": 1.0, "segments": None, "error": None}
    return [AssetOfEntry.model_validate({**row, **hidden}) for row in rows if own or _answers(row)]


def _answers(row: Mapping[str, Any]) -> bool:
    return row["status"] == "fingerprinted" and row["matchable_at"] is not None


MOST_WORDS: Final = 20


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to list.

    `bank`: name or id. `text`: words that must all occur in the title or the claim; words after the first
    MOST_WORDS are ignored. `since`, `until`: bounds of the registration time; `until` is exclusive.
    `person`: the id of an enrolled person whom the media show (needs the scope `faces`). Any other value is
    compared with the people that the entry names, as in `catalogue.entries.model.details.depicts`.
    `order`: the order of the list.
    """

    bank: str | None = None
    status: str | None = None
    text: str | None = None
    tier: Tier | None = None
    since: datetime | None = None
    until: datetime | None = None
    person: str | None = None
    order: Order = "newest"


def list_entries(
    service: Service,
    caller: Caller,
    filters: EntryFilter = EntryFilter(),
    *,
    limit: int = 50,
    after: str | None = None,
) -> EntryPage:
    """List the entries of the caller's organization. `next` continues after this page.

    Private intake cases are listed for reviewers only. A caller who may only look up cannot list a bank.
    Names of people are encrypted and read entry by entry (`sift_depicted`), so a page of entries that name a
    person may be short and still have a next page.

    Raises `Forbidden`, `NotFound` (`unknown_bank`), `BadInput` (`bad_cursor`), `Unavailable`
    (`keys_unavailable`).
    """
    caller.require_any("register", "review", "admin")
    person_id = as_id(filters.person) if filters.person else None
    if person_id:
        caller.require("faces")
    sought = None if person_id else filters.person
    position = cursor.place(after) if after else None
    with service.pool.transaction() as connection:
        bank = find_bank(connection, caller, filters.bank)
        query = EntryQuery(
            cases=caller.sees_cases,
            bank_id=bank.bank_id if bank else None,
            status=filters.status,
            tier=filters.tier,
            words=words(filters.text),
            since=filters.since,
            until=filters.until,
            person_id=person_id,
            detailed=bool(sought),
            order=filters.order,
        )

        def read(last: Row | None, most: int) -> Sequence[Row]:
            since = (last["created_at"], last["entry_id"]) if last else position
            return entries.page(connection, caller.organization_id, query, after=since, limit=most)

        if not sought:
            return paged(read(None, limit + 1), limit)
        rows, last = sift_depicted(service, connection, sought, read, is_own=lambda _: True, limit=limit)
    return _page(rows, last)


def count_failed_entries(service: Service, caller: Caller) -> Tally:
    """Count the entries of `list_entries` with status `failed`. Raises `Forbidden`."""
    caller.require_any("register", "review", "admin")
    with service.pool.transaction() as connection:
        return entries.count_failed(connection, caller.organization_id, cases=caller.sees_cases)


MOST_COUNTED: Final = 1_000_000
"""Entries of a bank that are read for statistics. A bank that registers more in twelve weeks is an import."""


def weekly_registrations(service: Service, caller: Caller, zone: tzinfo = UTC) -> list[WeekValue]:
    """Return the entries registered in the organization's banks in the last weeks. Raises `Forbidden`."""
    caller.require_any("register", "review", "admin")
    last = last_weeks(datetime.now(UTC), zone)
    with service.pool.transaction() as connection:
        return entries.weeks(connection, caller.organization_id, last, limit=MOST_COUNTED)


def words(text: str | None) -> list[str]:
    """Split a search text into the words that are looked for in titles and claims."""
    return (text or "").split()[:MOST_WORDS]


def paged(rows: Sequence[Row], limit: int) -> EntryPage:
    """Return a page of at most `limit` entries. An additional row in `rows` means that there is a next
    page."""
    return _page(rows[:limit], rows[limit - 1] if len(rows) > limit else None)


def _page(rows: Sequence[Row], last: Row | None) -> EntryPage:
    shown = [EntrySummary.model_validate(row) for row in rows]
    return EntryPage(
        entries=shown,
        next=cursor.encode(last["created_at"].isoformat(), last["entry_id"]) if last else None,
    )


WITHHELD: Final[list[Callable[[Connection, UUID], bool]]] = []
"""Predicates of other rooms: whether an entry is withheld from the public. `registry/app/wiring.py` fills the
table."""


@dataclass(frozen=True, slots=True)
class PublicMedium:
    """A medium of a public entry."""

    role: Role
    kind: Kind | None
    duration: float | None


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """An entry as shown without an account. `depicted`: people with public names. `claim_review`: JSON-LD."""

    entry_id: UUID
    title: str
    claim: str | None
    language: str | None
    manipulation: Manipulation | None
    tier: Tier
    references: Sequence[Mapping[str, Any]]
    organization: str
    created_at: str
    depicted: Sequence[Mapping[str, Any]]
    media: Sequence[PublicMedium]
    claim_review: Mapping[str, Any]


def get_public_entry(service: Service, entry_id: UUID, origin: str) -> PublicEntry:
    """Return an entry as shown without an account. `origin`: of the console, `https://…` without a path.

    The entry must answer lookups, and its bank's policy must show its tier to everybody (`public_tier`). The
    answer holds no digests, no file names, no places and no evidence. Entries of other registries are not
    shown. Those registries publish them.

    Raises `NotFound` (`unknown_entry`), also for an entry that exists but is not public.
    """
    with service.pool.transaction() as connection:
        entry = entries.public(connection, entry_id)
        if entry is None or not policy(entry["policy"]).shows_everybody(entry["tier"]):
            raise _unknown(entry_id)
        if any(withheld(connection, entry_id) for withheld in WITHHELD):
            raise _unknown(entry_id)
        details = opened(service, connection, entry_id, entry["language"])
        media = shape_media(assets.of_entry(connection, entry_id), own=False)
    public_details = details.shown(own=False)
    values = entry | {"created_at": entry["created_at"].isoformat(), "assets": _plain(media)}
    names = ("title", "claim", "language", "manipulation", "tier", "references", "organization", "created_at")
    return PublicEntry(
        entry_id,
        **{name: values[name] for name in names},
        depicted=public_details["depicted"],
        media=[PublicMedium(medium.role, medium.kind, medium.duration) for medium in media],
        claim_review=published_review.write(
            values,
            Details.of(entry["language"], public_details),
            entry["organization"],
            public_page(origin, entry_id),
        ),
    )


def _plain(media: Iterable[AssetOfEntry]) -> list[dict[str, Any]]:
    return [medium.model_dump() for medium in media]


def _unknown(entry_id: UUID) -> NotFound:
    return UnknownEntry(f"There is no public entry {entry_id}.")


def get_claim_review(service: Service, caller: Caller, entry_id: UUID, origin: str) -> Mapping[str, Any]:
    """Return JSON-LD of an entry that the caller may see. `origin`: as in `get_public_entry`.

    Places and evidence are included only for callers who work on their own entry. Raises `NotFound`
    (`unknown_entry`), `Conflict` (`entry_withdrawn`).
    """
    with service.pool.transaction() as connection:
        entry = find_entry(connection, caller, entry_id)
        if entry.status == "withdrawn":
            raise EntryWithdrawn
        stored = opened(service, connection, entry_id, entry.language)
        media = shape_media(assets.of_entry(connection, entry_id), own=entry.own)
        page = page_of(connection, entry_id, origin)
    details_shown = Details.of(stored.language, stored.shown(own=works_on(caller, own=entry.own)))
    values = asdict(entry) | {"created_at": entry.created_at.isoformat(), "assets": _plain(media)}
    return published_review.write(values, details_shown, entry.organization, page)


def change_entry(service: Service, caller: Caller, entry_id: UUID, changes: Mapping[str, Any]) -> Entry:
    """Change an entry and return it. Needs `register`.

    `changes`: title, claim, language, references, depicted, seen, evidence, variant_of. An absent field
    stays, a null field is removed. Media and their trust cannot be changed here.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Conflict` (`entry_withdrawn`,
    `own_variant`), `BadInput` (`bad_label`, `bad_reference`, `bad_language`, `bad_detail`), `Unavailable`.
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        if "variant_of" in changes:
            kept.lock_joins(connection)
        kept.lock(connection, entry_id)  # unchanged fields are read and written back: serialise changes
        entry = own_entry(connection, caller, entry_id)
        if entry.status == "withdrawn":
            raise EntryWithdrawn
        new_details = _details(opened(service, connection, entry_id, entry.language), changes)
        texts: dict[str, str | None] = {}
        if "claim" in changes:
            texts["claim"] = label(changes["claim"], "claim", longest=5000) if changes["claim"] else None
        if "language" in changes:
            texts["language"] = new_details.language
        kept.change(
            connection,
            entry_id,
            title=label(changes["title"], "title") if changes.get("title") is not None else None,
            references=references(changes["references"] or ()) if "references" in changes else None,
            **texts,
        )
        if "variant_of" in changes:
            join_variants(connection, caller, entry_id, changes["variant_of"])
        subject = {"variant_of": changes["variant_of"]} if changes.get("variant_of") else {}
        record_event(
            connection,
            caller,
            "entry.changed",
            entry_id=entry_id,
            subject=subject,
            said={"fields": sorted(changes)},
        )
        if {"depicted", "seen", "evidence"} & set(changes):
            save_details(service, connection, caller, entry_id, new_details.sealed or {"depicted": []})
    return show_entry(service, caller, entry_id)


def _details(before: Details, changes: Mapping[str, Any]) -> Details:
    """Merge the given fields into the stored details."""
    fields = {"language": before.language, **before.shown(own=True)}
    return described(
        **fields | {name: changes[name] or _NOTHING[name] for name in _NOTHING if name in changes}
    )


_NOTHING: Mapping[str, Any] = {"language": None, "depicted": (), "seen": (), "evidence": None}
