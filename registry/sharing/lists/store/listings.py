"""Write rows of hash lists in bulk, and read what is known of media that came from lists."""

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
from registry.sharing.lists.model.listed import Item, Opinion
from registry.sharing.lists.model.listing import Known, NewEntry, Plan

_SQL = sql.load(__name__)
_NO_TIERS: Final[Mapping[UUID, Tier]] = {}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, and who imported them."""

    bank_id: UUID
    created_by: UUID
    import_id: UUID | None = None
    exchange_id: UUID | None = None


def known(connection: Connection, bank_id: UUID, items: Iterable[Item]) -> list[Known]:
    """Return those media that the bank holds, once for each entry that contains them."""
    keys: set[bytes] = set()
    digests: set[bytes] = set()
    for item in items:
        (digests if item.key is None else keys).add(item.identity)
    parameters = {"bank_id": bank_id, "keys": list(keys), "sha256": list(digests)}
    return [Known(**row) for row in connection.execute(_SQL["known"], parameters).fetchall()]


def write(
    connection: Connection, origin: Origin, plan: Plan, *, tiers: Mapping[UUID, Tier] = _NO_TIERS
) -> dict[UUID, str]:
    """Write a plan in the caller's transaction. Return the new status of existing entries that changed.

    Lock the bank first. `tiers`: the tier that the bank's own organization gives to new entries, if any.
    """
    row = connection.execute(_SQL["now"]).fetchone()
    assert row is not None  # noqa: S101 - it is one row
    now: str = row["now"]
    items = {asset.asset_id: asset.item for asset in plan.assets}
    made = {entry.entry_id: entry.opinion in listed.MATCHABLE for entry in plan.entries}
    old = {entry_id for entry_id, _, _ in plan.links} - made.keys()
    if old:
        connection.execute(_SQL["name_media"], {"entries": list(old)})
    algorithms = ((asset_id, name, "f") for asset_id, item in items.items() for name in _algorithms(item))
    bulk.copy_rows(connection, "copy_assets", (_asset(origin, *pair, now) for pair in items.items()))
    bulk.copy_rows(connection, "copy_entries", (_entry(origin, entry, now, tiers) for entry in plan.entries))
    bulk.copy_rows(
        connection, "copy_links", (_link(origin, link, now, made, items, tiers) for link in plan.links)
    )
    bulk.copy_rows(connection, "copy_algorithms", algorithms)
    copying.rows(connection, _SQL["copy_listings"], (_listing(origin, entry) for entry in plan.entries))
    _write_frames(connection, items)
    return set_opinions(connection, plan.opinions, also=old) if plan.opinions or old else {}


def set_opinions(
    connection: Connection, opinions: Mapping[UUID, Opinion], *, also: Iterable[UUID] = ()
) -> dict[UUID, str]:
    """Set new opinions of entries that lists created. Return the new status of entries that changed.

    `also`: entries with new media.
    """
    given = {"entries": list(opinions), "opinions": list(opinions.values())}
    rows = connection.execute(_SQL["set_opinions"], given).fetchall()
    statuses = bulk.set_statuses(connection, [bulk.StatusChange(**row) for row in rows])
    made = {"entries": list(statuses), "statuses": list(statuses.values())}
    connection.execute(_SQL["record_statuses"], made)
    entries.open_media(connection, [*opinions, *also])
    return statuses


def keep_sources(
    connection: Connection,
    exchange_id: UUID,
    plan: Plan,
    withdrawn: Sequence[str],
    disputed: Sequence[str] = (),
    *,
    known: Container[str] | None = None,
) -> dict[UUID, str]:
    """Store what an exchange's records say now. Return the new status of entries that changed.

    `plan` holds the records by name. `withdrawn` and `disputed` name records that the exchange has withdrawn
    or disputes. Media that no record names any more are removed from entries that remain. Call `write` first.
    `known`: names of records that may be stored already; None: any may be.
    """
    rows = plan.sources
    records = Counter(entry_id for entry_id, _ in rows.values())
    # A new entry made of a single record already holds what that record says.
    settled = {entry.entry_id for entry in plan.entries if records[entry.entry_id] == 1}
    keys = [item for item in (*rows, *withdrawn, *disputed) if known is None or item in known]
    found = (
        connection.execute(_SQL["entries_of"], {"exchange_id": exchange_id, "keys": keys}).fetchall()
        if keys
        else []
    )
    touched = {row["entry_id"] for row in found} | records.keys()
    _put_sources(connection, exchange_id, plan, settled, known)
    newest = {entry_id: row for entry_id, row in rows.values() if entry_id not in settled}
    if newest:
        said = {
            "entries": list(newest),
            "tags": [orjson.dumps(row.tags).decode() for row in newest.values()],
            "said": [orjson.dumps(dict(row.said or {})).decode() for row in newest.values()],
        }
        connection.execute(_SQL["update_listing"], said)
    if disputed:
        connection.execute(_SQL["dispute_sources"], {"exchange_id": exchange_id, "keys": list(disputed)})
    if withdrawn:
        connection.execute(_SQL["drop_sources"], {"exchange_id": exchange_id, "keys": list(withdrawn)})
    after: dict[UUID, Opinion] = {}
    if touched := touched - settled:
        unnamed = connection.execute(_SQL["unnamed_media"], {"entries": list(touched)}).fetchall()
        bulk.unlink_media(connection, [(row["entry_id"], row["asset_id"], row["role"]) for row in unnamed])
        for item in connection.execute(_SQL["held"], {"entries": list(touched)}).fetchall():
            together: Opinion = reduce(listed.joined, item["said"]) if item["said"] else "withdrawn"
            if together != item["opinion"]:
                after[item["entry_id"]] = together
    return set_opinions(connection, after) if after else {}


def _put_sources(
    connection: Connection,
    exchange_id: UUID,
    plan: Plan,
    settled: Container[UUID],
    known: Container[str] | None,
) -> None:
    """Store the plan's records. The media of `settled` entries are not listed, because their only record
    names them all."""
    said = {
        name: (entry_id, row.opinion, None if entry_id in settled else _array(plan.named[name]))
        for name, (entry_id, row) in plan.sources.items()
    }
    again = {name: one for name, one in said.items() if known is None or name in known}
    fresh = ((exchange_id, name, *one) for name, one in said.items() if name not in again)
    copying.rows(connection, _SQL["copy_sources"], fresh)
    if again:
        parameters = {
            "exchange_id": exchange_id,
            "keys": list(again),
            "entries": [entry_id for entry_id, _, _ in again.values()],
            "opinions": [opinion for _, opinion, _ in again.values()],
            "media": [media for _, _, media in again.values()],
        }
        connection.execute(_SQL["put_sources"], parameters)


def _array(ids: Iterable[UUID]) -> str:
    """Return ids in PostgreSQL's array notation."""
    return "{" + ",".join(map(str, ids)) + "}"


def source_keys(connection: Connection, exchange_id: UUID, *, after: str, limit: int) -> list[str]:
    """Return names of an exchange's records, in order, after `after`."""
    parameters = {"exchange_id": exchange_id, "after": after, "limit": limit}
    return [row["source_key"] for row in connection.execute(_SQL["source_keys"], parameters).fetchall()]


def show(connection: Connection, entry_id: UUID) -> dict[str, Any] | None:
    """Return what a hash list says about an entry that it created."""
    return connection.execute(_SQL["show"], {"entry_id": entry_id}).fetchone()


def room(connection: Connection, bank_id: UUID) -> tuple[bool, int | None]:
    """Return whether the bank is open, and how many more entries it may hold; None: no limit."""
    row = connection.execute(_SQL["room"], {"bank_id": bank_id}).fetchone()
    if row is None or row["closed"]:
        return False, 0
    return True, None if row["most_entries"] is None else max(0, row["most_entries"] - row["entries"])


def _write_frames(connection: Connection, items: Mapping[UUID, Item]) -> None:
    """Write frames, and for documents everything else that belongs to them."""
    singles = {one: frame for one, item in items.items() if (frame := item.single) is not None}
    rest = [
        (one, item.fingerprint)
        for one, item in items.items()
        if item.fingerprint is not None and one not in singles
    ]
    if singles:
        bulk.copy_frames(connection, singles)
    if rest:
        fingerprints.load(connection, rest)
        for one, known_ in rest:
            fingerprints.write_whole(connection, one, known_)


def _asset(origin: Origin, asset_id: UUID, item: Item, now: str) -> tuple[object, ...]:
    media = item.fingerprint.media if item.fingerprint else None
    notes = [listed.HASH_ONLY] if item.hash_only else list(item.fingerprint.notes) if item.fingerprint else []
    whole = media if not item.hash_only else None
    return (
        asset_id,
        origin.bank_id,
        item.sha256,
        item.md5,
        item.key,
        item.kind,
        media.duration if media else 0.0,
        whole.width if whole else None,
        whole.height if whole else None,
        whole.bytes if whole else None,
        notes,
        "fingerprinted",
        now,
    )


def _entry(origin: Origin, made: NewEntry, now: str, tiers: Mapping[UUID, Tier]) -> tuple[object, ...]:
    row = made.row
    status = "matchable" if made.opinion in listed.MATCHABLE else "suspended"
    if made.opinion == "withdrawn":
        status = "withdrawn"
    tier = tiers.get(made.entry_id, "unreviewed")
    return (
        made.entry_id,
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
    made: Mapping[UUID, bool],
    items: Mapping[UUID, Item],
    tiers: Mapping[UUID, Tier],
) -> tuple[object, ...]:
    """Return a row that links a medium to an entry.

    `made`: the new entries, and whether each is matchable. `items`: the new media. An import records who adds
    a medium to an existing entry. A medium that an exchange adds is removed again when its records go.
    """
    entry_id, asset_id, role = link
    adds = entry_id not in made and origin.exchange_id is None
    return (
        entry_id,
        asset_id,
        role,
        entry_id,
        now if made.get(entry_id) else None,
        _looked_at(items.get(asset_id)),
        tiers.get(entry_id, "unreviewed") if entry_id in made else "unreviewed",
        origin.created_by if adds else None,
    )


def _listing(origin: Origin, made: NewEntry) -> tuple[object, ...]:
    row = made.row
    said = orjson.dumps(dict(row.said)).decode() if row.said else "{}"
    return (
        made.entry_id,
        origin.import_id,
        origin.exchange_id,
        made.opinion,
        "f" if made.opinion in listed.MATCHABLE else "t",
        list(row.tags),
        said,
    )


def _looked_at(item: Item | None) -> str | None:
    """Return the model name under which the search for related entries counts as done, else None.

    A medium of at most one frame needs no search of its own; media registered later find it.
    """
    few = item is not None and item.hash_only and (item.fingerprint is None or item.single is not None)
    return related.MODEL if few else None


def _algorithms(item: Item) -> tuple[str, ...]:
    return item.fingerprint.algorithms if item.fingerprint is not None else ()
