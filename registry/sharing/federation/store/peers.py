"""Peers: other registries whose feeds are read (exchanges of kind `registry`), and what they published."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from registry.catalogue.banks.model import TIERS
from registry.catalogue.entries.model.entry import Tier
from registry.core.database import copying, sql
from registry.core.database.pool import Connection
from registry.sharing.federation.model.feed import Reason
from registry.sharing.federation.model.feed_item import Said
from registry.transparency.ledger.model.witness import Seen

_SQL = sql.load(__name__)


def list_of(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """Return the organization's peers."""
    return connection.execute(_SQL["list"], {"organization_id": organization_id}).fetchall()


def set_state(connection: Connection, exchange_id: UUID, state: str) -> None:
    """Set the state: `active` or `suspended`."""
    connection.execute(_SQL["set_state"], {"exchange_id": exchange_id, "state": state})


def restart(connection: Connection, exchange_id: UUID, verifier_key: str) -> None:
    """Read the peer from the beginning and delete the checkpoints seen of its ledger."""
    connection.execute(_SQL["restart"], {"exchange_id": exchange_id})
    connection.execute(_SQL["forget_checkpoints"], {"verifier_key": verifier_key})


def seen(connection: Connection, verifier_key: str, size: int) -> tuple[bytes, str] | None:
    """Return root and note of the checkpoint of this size that any reader here has seen."""
    row = connection.execute(_SQL["seen"], {"verifier_key": verifier_key, "size": size}).fetchone()
    return (row["root"], row["note"]) if row else None


def newest(connection: Connection, verifier_key: str) -> tuple[int, bytes, str] | None:
    """Return size, root and note of the largest checkpoint that any reader here has seen."""
    row = connection.execute(_SQL["newest"], {"verifier_key": verifier_key}).fetchone()
    return (row["size"], row["root"], row["note"]) if row else None


def keep_checkpoint(connection: Connection, verifier_key: str, size: int, root: bytes, note: str) -> None:
    """Store a checkpoint that a peer signed."""
    connection.execute(
        _SQL["keep_checkpoint"], {"verifier_key": verifier_key, "size": size, "root": root, "note": note}
    )


def witnessed(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """Return verifier_key and note of each ledger's newest checkpoint. For a forked ledger return both notes
    as well."""
    return connection.execute(_SQL["witnessed"], {"limit": limit}).fetchall()


def of_ledgers(connection: Connection, origins: Sequence[str]) -> list[dict[str, Any]]:
    """Return exchange_id, organization_id, address and options of the peers whose ledgers have these
    names."""
    return connection.execute(_SQL["of_ledgers"], {"origins": list(origins)}).fetchall()


def hear(connection: Connection, exchange_id: UUID, teller_id: UUID, told: Seen) -> None:
    """Store a checkpoint that another peer was shown, up to a limit for each teller."""
    parameters = {
        "exchange_id": exchange_id,
        "teller_id": teller_id,
        "size": told.size,
        "root": told.root,
        "note": told.note,
    }
    connection.execute(_SQL["hear"], parameters)


def heard(connection: Connection, exchange_id: UUID, *, size: int, seconds: float) -> list[tuple[UUID, Seen]]:
    """Return checkpoints that other peers were shown and that are not proved yet, each with the teller.

    Covers checkpoints up to `size`, and larger ones that were reported at least `seconds` ago.
    """
    asked = {"exchange_id": exchange_id, "size": size, "seconds": seconds}
    rows = connection.execute(_SQL["heard"], asked).fetchall()
    return [(row["teller_id"], Seen(row["size"], row["root"], row["note"])) for row in rows]


def settle(connection: Connection, exchange_id: UUID, told: Seen) -> None:
    """Delete a reported checkpoint that has been proved."""
    connection.execute(_SQL["settle"], {"exchange_id": exchange_id, "size": told.size, "root": told.root})


def add_fork(
    connection: Connection,
    exchange_id: UUID,
    reason: Reason,
    notes: tuple[str, str],
    proof: Sequence[str],
    *,
    teller_id: UUID | None = None,
) -> int:
    """Store the proof of a fork and return its number."""
    row = connection.execute(
        _SQL["add_fork"],
        {
            "exchange_id": exchange_id,
            "reason": reason,
            "first_note": notes[0],
            "second_note": notes[1],
            "proof": list(proof),
            "teller_id": teller_id,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    fork_no: int = row["fork_no"]
    return fork_no


def forks(connection: Connection, exchange_id: UUID) -> list[dict[str, Any]]:
    """Return the forks found, newest first."""
    return connection.execute(_SQL["forks"], {"exchange_id": exchange_id}).fetchall()


def known(connection: Connection, exchange_id: UUID, ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return entry_id, status and tier of those of the peer's entries that are known here."""
    rows = connection.execute(_SQL["known"], {"exchange_id": exchange_id, "ids": list(ids)}).fetchall()
    return {row["origin_entry_id"]: row for row in rows}


def keep(
    connection: Connection,
    exchange_id: UUID,
    said: Sequence[Said],
    here: Mapping[UUID, UUID],
    known: Container[UUID],
    *,
    leaf_index: int,
) -> None:
    """Store what a peer says about its entries.

    `here`: the local entries by the peer's ids. `known`: entries that the peer has published before.
    """
    fresh = (
        (
            exchange_id,
            item.entry_id,
            here.get(item.entry_id),
            item.status,
            item.tier,
            item.licence,
            leaf_index,
            item.hash,
        )
        for item in said
        if item.entry_id not in known
    )
    copying.rows(connection, _SQL["copy"], fresh)
    again = [item for item in said if item.entry_id in known]
    if again:
        parameters = {
            "exchange_id": exchange_id,
            "leaf_index": leaf_index,
            "ids": [item.entry_id for item in again],
            "entries": [here.get(item.entry_id) for item in again],
            "statuses": [item.status for item in again],
            "tiers": [item.tier for item in again],
            "licences": [item.licence for item in again],
            "hashes": [item.hash for item in again],
        }
        connection.execute(_SQL["keep"], parameters)


def trust(
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
    connection.execute(_SQL["trust"], parameters)


def say(
    connection: Connection, exchange_id: UUID, page_no: int, replaced: Sequence[UUID], said: Sequence[UUID]
) -> None:
    """Record which entries a page replaces, so that their new items are expected, and which new items have
    arrived."""
    if replaced:
        parameters = {"exchange_id": exchange_id, "page_no": page_no, "ids": list(replaced)}
        connection.execute(_SQL["await"], parameters)
    connection.execute(_SQL["came"], {"exchange_id": exchange_id, "ids": list(said)})


def awaited(
    connection: Connection, exchange_id: UUID, *, seconds: float, after: UUID | None, limit: int
) -> list[UUID]:
    """Return the peer's entries whose new items have been missing for at least `seconds`, in the order of
    their ids."""
    asked = {"exchange_id": exchange_id, "seconds": seconds, "after": after, "limit": limit}
    return [row["origin_entry_id"] for row in connection.execute(_SQL["awaited"], asked).fetchall()]


def of_entry(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """Return the peers that publish an entry."""
    return connection.execute(_SQL["of_entry"], {"entry_id": entry_id}).fetchall()


def troubled(connection: Connection) -> dict[str, int]:
    """Return numbers of `peers`: all, suspended as `forked`, otherwise `suspended`, and `failing`."""
    row = connection.execute(_SQL["troubled"]).fetchone()
    assert row is not None  # noqa: S101 - a count is one row
    return dict(row)


def told(connection: Connection, exchange_id: UUID) -> dict[str, Any] | None:
    """Return exchange_id, organization_id, address, options, checkpoint and state of a peer that is not
    removed."""
    return connection.execute(_SQL["told"], {"exchange_id": exchange_id}).fetchone()


def follow(connection: Connection, exchange_id: UUID, *, seconds: float) -> bool:
    """Mark the peer as asked for notifications. Return False if it was asked less than `seconds` ago."""
    asked = {"exchange_id": exchange_id, "seconds": seconds}
    return connection.execute(_SQL["follow"], asked).fetchone() is not None
