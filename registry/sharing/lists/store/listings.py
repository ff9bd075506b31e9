"""Write rows of hash lists in bulk, and read the media and opinions that came from lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final
from uuid import UUID

import orjson

from registry.catalogue import bulk, entries, fingerprints
from registry.catalogue.banks.model import Tier
from registry.catalogue.media.model import Role
from registry.core.database import copying, sql
from registry.core.database.pool import Connection
from registry.lineage.model import related
from registry.sharing.lists.model import listed
from registry.sharing.lists.model.listed import ListedMedium, Opinion, Row
from registry.sharing.lists.model.listing import HeldMedium, NewEntry, Plan

_SQL = sql.load(__name__)
_NO_TIERS: Final[Mapping[UUID, Tier]] = {}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, and who imported them."""

    bank_id: UUID
    created_by: UUID
    import_id: UUID | None = None
    exchange_id: UUID | None = None


def held_media(connection: Connection, bank_id: UUID, rows: Iterable[Row]) -> list[HeldMedium]:
    """Return those media of the rows that the bank holds, once for each entry that contains them."""
    keys: set[bytes] = set()
    digests: set[bytes] = set()
    for medium in (medium for row in rows for medium in row.media):
        (digests if medium.key is None else keys).add(medium.identity)
    parameters = {"bank_id": bank_id, "keys": list(keys), "sha256": list(digests)}
    return [HeldMedium(**row) for row in connection.execute(_SQL["held_media"], parameters).fetchall()]


def write(
    connection: Connection, origin: Origin, plan: Plan, *, tiers: Mapping[UUID, Tier] = _NO_TIERS
) -> dict[UUID, str]:
    """Write a plan in the caller's transaction. Return the new status of existing entries that changed.

    Lock the bank first. `tiers`: the tier that the bank's own organization gives to new entries, if any.
    """
    row = connection.execute(_SQL["now"]).fetchone()
    assert row is not None  # noqa: S101 - it is one row
    now: str = row["now"]
    media = {asset.asset_id: asset.medium for asset in plan.assets}
    matchable = {entry.entry_id: entry.opinion in listed.MATCHABLE for entry in plan.entries}
    existing = {entry_id for entry_id, _, _ in plan.links} - matchable.keys()
    if existing:
        connection.execute(_SQL["name_media"], {"entries": list(existing)})
    algorithms = ((asset_id, name, "f") for asset_id, medium in media.items() for name in _algorithms(medium))
    bulk.copy_rows(connection, "copy_assets", (_asset(origin, *pair, now) for pair in media.items()))
    bulk.copy_rows(connection, "copy_entries", (_entry(origin, entry, now, tiers) for entry in plan.entries))
    bulk.copy_rows(
        connection, "copy_links", (_link(origin, link, now, matchable, media, tiers) for link in plan.links)
    )
    bulk.copy_rows(connection, "copy_algorithms", algorithms)
    copying.rows(connection, _SQL["copy_listings"], (_listing(origin, entry) for entry in plan.entries))
    _write_frames(connection, media)
    return set_opinions(connection, plan.opinions, also=existing) if plan.opinions or existing else {}


def set_opinions(
    connection: Connection, opinions: Mapping[UUID, Opinion], *, also: Iterable[UUID] = ()
) -> dict[UUID, str]:
    """Set new opinions of entries that lists created. Return the new status of entries that changed.

    `also`: entries with new media.
    """
    parameters = {"entries": list(opinions), "opinions": list(opinions.values())}
    rows = connection.execute(_SQL["set_opinions"], parameters).fetchall()
    statuses = bulk.set_statuses(connection, [bulk.StatusChange(**row) for row in rows])
    parameters = {"entries": list(statuses), "statuses": list(statuses.values())}
    connection.execute(_SQL["record_statuses"], parameters)
    entries.open_media(connection, [*opinions, *also])
    return statuses


def save_sources(
    connection: Connection,
    exchange_id: UUID,
    plan: Plan,
    withdrawn: Sequence[str],
    disputed: Sequence[str] = (),
    *,
    existing: Container[str] | None = None,
) -> dict[UUID, str]:
    """Store an exchange's records. Return the new status of entries that changed.

    `plan` holds the records by name. `withdrawn` and `disputed` name records that the exchange has withdrawn
    or disputes. Media that no record names any more are removed from entries that remain. Call `write` first.
    `existing`: names of records that may be stored already; None: any may be.
    """
    rows = plan.sources
    records = Counter(entry_id for entry_id, _ in rows.values())
    # A new entry made of a single record already holds all of that record.
    complete = {entry.entry_id for entry in plan.entries if records[entry.entry_id] == 1}
    names = [name for name in (*rows, *withdrawn, *disputed) if existing is None or name in existing]
    changed = (_entries_of(connection, exchange_id, names) | records.keys()) - complete
    _put_sources(connection, exchange_id, plan, complete, existing)
    _update_listings(
        connection, {entry_id: row for entry_id, row in rows.values() if entry_id not in complete}
    )
    if disputed:
        connection.execute(_SQL["dispute_sources"], {"exchange_id": exchange_id, "keys": list(disputed)})
    if withdrawn:
        connection.execute(_SQL["drop_sources"], {"exchange_id": exchange_id, "keys": list(withdrawn)})
    return _recompute(connection, changed) if changed else {}


def _entries_of(connection: Connection, exchange_id: UUID, names: Sequence[str]) -> set[UUID]:
    """Return the entries of the exchange's records with these names."""
    if not names:
        return set()
    parameters = {"exchange_id": exchange_id, "keys": names}
    return {row["entry_id"] for row in connection.execute(_SQL["entries_of"], parameters)}


def _update_listings(connection: Connection, rows: Mapping[UUID, Row]) -> None:
    """Replace the tags and details of existing entries by those of their newest records."""
    if rows:
        parameters = {
            "entries": list(rows),
            "tags": [orjson.dumps(row.tags).decode() for row in rows.values()],
            "said": [orjson.dumps(dict(row.details or {})).decode() for row in rows.values()],
        }
        connection.execute(_SQL["update_listing"], parameters)


def _recompute(connection: Connection, entry_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Remove media that no record names, and set the opinions that follow from the remaining records.

    Return the new status of entries that changed.
    """
    parameters = {"entries": list(entry_ids)}
    unnamed = connection.execute(_SQL["unnamed_media"], parameters).fetchall()
    bulk.unlink_media(connection, [(row["entry_id"], row["asset_id"], row["role"]) for row in unnamed])
    opinions: dict[UUID, Opinion] = {}
    for row in connection.execute(_SQL["record_opinions"], parameters).fetchall():
        stated: list[Opinion] = row["stated"]
        opinion: Opinion = reduce(listed.combined_opinion, stated) if stated else "withdrawn"
        if opinion != row["opinion"]:
            opinions[row["entry_id"]] = opinion
    return set_opinions(connection, opinions) if opinions else {}


def _put_sources(
    connection: Connection,
    exchange_id: UUID,
    plan: Plan,
    complete: Container[UUID],
    existing: Container[str] | None,
) -> None:
    """Store the plan's records. The media of `complete` entries are not listed, because their only record
    names them all."""
    records = {
        name: (entry_id, row.opinion, None if entry_id in complete else _array(plan.named[name]))
        for name, (entry_id, row) in plan.sources.items()
    }
    updated = {name: record for name, record in records.items() if existing is None or name in existing}
    added = ((exchange_id, name, *record) for name, record in records.items() if name not in updated)
    copying.rows(connection, _SQL["copy_sources"], added)
    if updated:
        parameters = {
            "exchange_id": exchange_id,
            "keys": list(updated),
            "entries": [entry_id for entry_id, _, _ in updated.values()],
            "opinions": [opinion for _, opinion, _ in updated.values()],
            "media": [media for _, _, media in updated.values()],
        }
        connection.execute(_SQL["put_sources"], parameters)


def _array(ids: Iterable[UUID]) -> str:
    """Return ids in PostgreSQL's array notation."""
    return "{" + ",".join(map(str, ids)) + "}"


def source_keys(connection: Connection, exchange_id: UUID, *, after: str, limit: int) -> list[str]:
    """Return names of an exchange's records, in order, after `after`."""
    parameters = {"exchange_id": exchange_id, "after": after, "limit": limit}
    return [row["source_key"] for row in connection.execute(_SQL["source_keys"], parameters).fetchall()]


def find(connection: Connection, entry_id: UUID) -> dict[str, Any] | None:
    """Return opinion, tags and further fields that a hash list gives of an entry that it created."""
    return connection.execute(_SQL["find"], {"entry_id": entry_id}).fetchone()


def capacity(connection: Connection, bank_id: UUID) -> tuple[bool, int | None]:
    """Return whether the bank is open, and how many more entries it may hold; None: no limit."""
    row = connection.execute(_SQL["capacity"], {"bank_id": bank_id}).fetchone()
    if row is None or row["closed"]:
        return False, 0
    return True, None if row["most_entries"] is None else max(0, row["most_entries"] - row["entries"])


def _write_frames(connection: Connection, media: Mapping[UUID, ListedMedium]) -> None:
    """Write frames, and for documents everything else that belongs to them."""
    singles = {asset_id: frame for asset_id, medium in media.items() if (frame := medium.single) is not None}
    whole = [
        (asset_id, medium.fingerprint)
        for asset_id, medium in media.items()
        if medium.fingerprint is not None and asset_id not in singles
    ]
    if singles:
        bulk.copy_frames(connection, singles)
    if whole:
        fingerprints.load(connection, whole)
        for asset_id, fingerprint in whole:
            fingerprints.write_whole(connection, asset_id, fingerprint)


def _asset(origin: Origin, asset_id: UUID, medium: ListedMedium, now: str) -> tuple[object, ...]:
    file = medium.fingerprint.media if medium.fingerprint else None
    notes: list[str] = list(medium.fingerprint.notes) if medium.fingerprint else []
    document = file if not medium.hash_only else None
    return (
        asset_id,
        origin.bank_id,
        medium.sha256,
        medium.md5,
        medium.key,
        medium.kind,
        file.duration if file else 0.0,
        document.width if document else None,
        document.height if document else None,
        document.bytes if document else None,
        [listed.HASH_ONLY] if medium.hash_only else notes,
        "fingerprinted",
        now,
    )


def _entry(origin: Origin, entry: NewEntry, now: str, tiers: Mapping[UUID, Tier]) -> tuple[object, ...]:
    row = entry.row
    status = "matchable" if entry.opinion in listed.MATCHABLE else "suspended"
    if entry.opinion == "withdrawn":
        status = "withdrawn"
    tier = tiers.get(entry.entry_id, "unreviewed")
    return (
        entry.entry_id,
        origin.bank_id,
        row.title,
        row.claim,
        row.manipulation,
        orjson.dumps([dict(reference) for reference in row.references]).decode() if row.references else "[]",
        status,
        now if status == "matchable" else None,
        origin.created_by,
        tier,
        tier,
    )


def _link(
    origin: Origin,
    link: tuple[UUID, UUID, Role],
    now: str,
    matchable: Mapping[UUID, bool],
    media: Mapping[UUID, ListedMedium],
    tiers: Mapping[UUID, Tier],
) -> tuple[object, ...]:
    """Return a row that links a medium to an entry.

    `matchable`: the new entries, and whether each matches. `media`: the new media. An import records who adds
    a medium to an existing entry. A medium that an exchange adds is removed again when its records go.
    """
    entry_id, asset_id, role = link
    created = entry_id in matchable
    return (
        entry_id,
        asset_id,
        role,
        entry_id,
        now if matchable.get(entry_id) else None,
        _searched_by(media.get(asset_id)),
        tiers.get(entry_id, "unreviewed") if created else "unreviewed",
        origin.created_by if not created and origin.exchange_id is None else None,
    )


def _listing(origin: Origin, entry: NewEntry) -> tuple[object, ...]:
    row = entry.row
    return (
        entry.entry_id,
        origin.import_id,
        origin.exchange_id,
        entry.opinion,
        "f" if entry.opinion in listed.MATCHABLE else "t",
        list(row.tags),
        orjson.dumps(dict(row.details)).decode() if row.details else "{}",
    )


def _searched_by(medium: ListedMedium | None) -> str | None:
    """Return the model name under which the search for related entries counts as done, else None.

    A medium of at most one frame needs no search of its own; media registered later find it.
    """
    if medium is None or not medium.hash_only:
        return None
    return related.MODEL if medium.fingerprint is None or medium.single is not None else None


def _algorithms(medium: ListedMedium) -> tuple[str, ...]:
    return medium.fingerprint.algorithms if medium.fingerprint is not None else ()
