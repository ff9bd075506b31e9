"""Peers: other registries whose feeds are read (exchanges of kind `registry`), and what they published."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from registry.catalogue import bulk
from registry.catalogue.banks.model import TIERS
from registry.catalogue.entries.model.entry import Tier
from registry.core.database import copying, sql
from registry.core.database.pool import Connection
from registry.sharing.federation.model.feed import Fork
from registry.sharing.federation.model.feed_item import FeedEntry
from registry.sharing.sources.store import Source
from registry.transparency.ledger.model.witness import Seen
from registry.transparency.ledger.schemas import WitnessedLedger

_SQL = sql.load(__name__)


def list_of(connection: Connection, organization_id: UUID) -> list[Source]:
    """Return the organization's peers."""
    rows = connection.execute(_SQL["list"], {"organization_id": organization_id}).fetchall()
    return [Source(**row) for row in rows]


def set_state(connection: Connection, exchange_id: UUID, state: str) -> None:
    """Set the state: `active` or `suspended`."""
    connection.execute(_SQL["set_state"], {"exchange_id": exchange_id, "state": state})


def restart(connection: Connection, exchange_id: UUID, verifier_key: str) -> None:
    """Read the peer from the beginning and delete the checkpoints seen of its ledger."""
    connection.execute(_SQL["restart"], {"exchange_id": exchange_id})
    connection.execute(_SQL["delete_checkpoints"], {"verifier_key": verifier_key})


def find_checkpoint(connection: Connection, verifier_key: str, size: int) -> tuple[bytes, str] | None:
    """Return root and note of the checkpoint of this size that any reader here has seen."""
    row = connection.execute(_SQL["find_checkpoint"], {"verifier_key": verifier_key, "size": size}).fetchone()
    return (row["root"], row["note"]) if row else None


def newest_checkpoint(connection: Connection, verifier_key: str) -> tuple[int, bytes, str] | None:
    """Return size, root and note of the largest checkpoint that any reader here has seen."""
    row = connection.execute(_SQL["newest_checkpoint"], {"verifier_key": verifier_key}).fetchone()
    return (row["size"], row["root"], row["note"]) if row else None


def save_checkpoint(connection: Connection, verifier_key: str, seen: Seen) -> None:
    """Store a checkpoint that a peer signed."""
    connection.execute(_SQL["save_checkpoint"], {"verifier_key": verifier_key, **asdict(seen)})


def newest_notes(connection: Connection, *, limit: int) -> list[WitnessedLedger]:
    """Return the newest note of each ledger. For a forked ledger return both notes as well."""
    rows = connection.execute(_SQL["newest_notes"], {"limit": limit}).fetchall()
    return [WitnessedLedger.model_validate(row) for row in rows]


def of_ledgers(connection: Connection, origins: Sequence[str]) -> list[Source]:
    """Return the active peers whose ledgers have these names."""
    rows = connection.execute(_SQL["of_ledgers"], {"origins": list(origins)}).fetchall()
    return [Source(**row) for row in rows]


def add_report(connection: Connection, exchange_id: UUID, reporter_id: UUID, seen: Seen) -> None:
    """Store a checkpoint that another peer was shown, up to a limit for each reporter."""
    parameters = {"exchange_id": exchange_id, "teller_id": reporter_id, **asdict(seen)}
    connection.execute(_SQL["add_report"], parameters)


def reports(
    connection: Connection, exchange_id: UUID, *, size: int, seconds: float
) -> list[tuple[UUID, Seen]]:
    """Return checkpoints that other peers were shown and that are not proved yet, each with its reporter.

    Covers checkpoints up to `size`, and larger ones that were reported at least `seconds` ago.
    """
    parameters = {"exchange_id": exchange_id, "size": size, "seconds": seconds}
    rows = connection.execute(_SQL["reports"], parameters).fetchall()
    return [(row["teller_id"], Seen(row["size"], row["root"], row["note"])) for row in rows]


def delete_report(connection: Connection, exchange_id: UUID, seen: Seen) -> None:
    """Delete a reported checkpoint that has been proved."""
    connection.execute(_SQL["delete_report"], {"exchange_id": exchange_id, **asdict(seen)})


def add_fork(connection: Connection, exchange_id: UUID, fork: Fork) -> int:
    """Store the proof of a fork and return its number."""
    parameters = {
        "exchange_id": exchange_id,
        "reason": fork.reason,
        "first_note": fork.notes[0],
        "second_note": fork.notes[1],
        "proof": list(fork.proof),
        "teller_id": fork.reported_by,
    }
    row = connection.execute(_SQL["add_fork"], parameters).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    fork_no: int = row["fork_no"]
    return fork_no


def forks(connection: Connection, exchange_id: UUID) -> list[dict[str, Any]]:
    """Return the forks found, newest first."""
    return connection.execute(_SQL["forks"], {"exchange_id": exchange_id}).fetchall()


def published(connection: Connection, exchange_id: UUID, ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return entry_id, status and tier of those entries that the peer has published before."""
    rows = connection.execute(_SQL["published"], {"exchange_id": exchange_id, "ids": list(ids)}).fetchall()
    return {row["origin_entry_id"]: row for row in rows}


def save(
    connection: Connection,
    exchange_id: UUID,
    entries: Sequence[FeedEntry],
    local: Mapping[UUID, UUID],
    published: Container[UUID],
    *,
    leaf_index: int,
) -> None:
    """Store the entries that a peer publishes.

    `local`: the local entries by the peer's ids. `published`: entries that the peer has published before.
    """
    added = (
        (
            exchange_id,
            entry.entry_id,
            local.get(entry.entry_id),
            entry.status,
            entry.tier,
            entry.licence,
            leaf_index,
            entry.hash,
        )
        for entry in entries
        if entry.entry_id not in published
    )
    copying.rows(connection, _SQL["copy"], added)
    changed = [entry for entry in entries if entry.entry_id in published]
    if changed:
        parameters = {
            "exchange_id": exchange_id,
            "leaf_index": leaf_index,
            "ids": [entry.entry_id for entry in changed],
            "entries": [local.get(entry.entry_id) for entry in changed],
            "statuses": [entry.status for entry in changed],
            "tiers": [entry.tier for entry in changed],
            "licences": [entry.licence for entry in changed],
            "hashes": [entry.hash for entry in changed],
        }
        connection.execute(_SQL["save"], parameters)


def set_own_tiers(
    connection: Connection, exchange_id: UUID, entries: Iterable[UUID], tiers: Mapping[Tier, Tier]
) -> None:
    """Set the tiers that entries and their media have in lookups of the peer's organization.

    An entry counts by its most trusted record, a medium by the records that name it. `tiers`: how the peer's
    tiers count here.
    """
    parameters = {
        "exchange_id": exchange_id,
        "entries": list(entries),
        "there": list(tiers),
        "here": list(tiers.values()),
        "ranks": list(TIERS),
    }
    rows = connection.execute(_SQL["own_tiers"], parameters).fetchall()
    media = [
        bulk.MediumTier(row["entry_id"], row["asset_id"], row["role"], row["tier"])
        for row in rows
        if row["asset_id"]
    ]
    bulk.set_own_tiers(connection, {row["entry_id"]: row["entry_tier"] for row in rows}, media)


def record_page(
    connection: Connection, exchange_id: UUID, page_no: int, replaced: Sequence[UUID], arrived: Sequence[UUID]
) -> None:
    """Record which entries a page replaces, so that their new items are expected, and which new items have
    arrived."""
    if replaced:
        parameters = {"exchange_id": exchange_id, "page_no": page_no, "ids": list(replaced)}
        connection.execute(_SQL["add_missing"], parameters)
    connection.execute(_SQL["delete_missing"], {"exchange_id": exchange_id, "ids": list(arrived)})


def missing(
    connection: Connection, exchange_id: UUID, *, seconds: float, after: UUID | None, limit: int
) -> list[UUID]:
    """Return the peer's entries whose new items have been missing for at least `seconds`, in the order of
    their ids."""
    parameters = {"exchange_id": exchange_id, "seconds": seconds, "after": after, "limit": limit}
    return [row["origin_entry_id"] for row in connection.execute(_SQL["missing"], parameters).fetchall()]


def of_entry(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """Return the peers that publish an entry."""
    return connection.execute(_SQL["of_entry"], {"entry_id": entry_id}).fetchall()


def count_states(connection: Connection) -> dict[str, int]:
    """Return numbers of `peers`: all, suspended as `forked`, otherwise `suspended`, and `failing`."""
    row = connection.execute(_SQL["count_states"]).fetchone()
    assert row is not None  # noqa: S101 - a count is one row
    return dict(row)


def find(connection: Connection, exchange_id: UUID) -> Source | None:
    """Return a peer of any organization that is not closed. None: there is no such peer, or it is removed."""
    row = connection.execute(_SQL["find"], {"exchange_id": exchange_id}).fetchone()
    return Source(**row) if row else None


def mark_followed(connection: Connection, exchange_id: UUID, *, seconds: float) -> bool:
    """Mark that the peer was asked for notifications. Return False if that was less than `seconds` ago."""
    parameters = {"exchange_id": exchange_id, "seconds": seconds}
    return connection.execute(_SQL["mark_followed"], parameters).fetchone() is not None
