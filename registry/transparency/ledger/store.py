"""The ledger: leaves in order, hashes of the tree, checkpoints and keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.matching.lookups import stamp_foreign
from registry.transparency.ledger.model.merkle import Place

_SQL = sql.load(__name__)
LOCK: Final = 0x6C656467  # "ledg"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint of the ledger: its size, the root of its tree, and the signed note."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key of the ledger, with the size and time of the first checkpoint that it signed."""

    verifier_key: str
    first_size: int
    first_used: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """`locked`: this transaction is the sequencer. `events`, `lookups`: some of them wait."""

    locked: bool
    events: bool
    lookups: bool


@dataclass(frozen=True, slots=True)
class NewLeaf:
    """A leaf to append: its event or, None, a lookup, the marks of its readers, and the hash of all marks."""

    index: int
    event_id: int | None
    entry_id: UUID | None
    readers: bytes
    readers_hash: bytes


def begin(connection: Connection) -> Waiting:
    """Become the sequencer until the transaction ends, unless another process is."""
    row = connection.execute(_SQL["begin"], {"lock": LOCK}).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return Waiting(**row)


def sizes(connection: Connection) -> tuple[int, int | None]:
    """Return the number of leaves, and the number that the newest checkpoint covers."""
    row = connection.execute(_SQL["size"]).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return row["size"], row["signed"]


def take_lookups(connection: Connection, *, default: str, limit: int) -> list[dict[str, Any]]:
    """Return the next lookups after the cursor, `wanted` or not, and move the cursor behind the last."""
    connection.execute(_SQL["reset_cursor"])
    stamp_foreign(connection, limit)
    rows = connection.execute(_SQL["take_lookups"], {"default": default, "limit": limit}).fetchall()
    if rows:
        connection.execute(
            _SQL["move_cursor"],
            {"answered_in": rows[-1]["answered_in"], "lookup_id": rows[-1]["lookup_id"]},
        )
    return rows


def append(connection: Connection, added: Mapping[Place, bytes], leaves: Sequence[NewLeaf]) -> None:
    """Store hashes by place, and the leaves among them."""
    connection.execute(
        _SQL["append_leaves"],
        {
            "indexes": [leaf.index for leaf in leaves],
            "hashes": [added[(0, leaf.index)] for leaf in leaves],
            "event_ids": [leaf.event_id for leaf in leaves],
            "entry_ids": [leaf.entry_id for leaf in leaves],
            "readers": [leaf.readers for leaf in leaves],
            "readers_hashes": [leaf.readers_hash for leaf in leaves],
        },
    )
    nodes = sorted(place for place in added if place[0])
    if nodes:
        connection.execute(
            _SQL["append_nodes"],
            {
                "heights": [height for height, _ in nodes],
                "positions": [position for _, position in nodes],
                "hashes": [added[place] for place in nodes],
            },
        )


def placed(connection: Connection, event_ids: Iterable[int]) -> set[int]:
    """Return those of the events that have a leaf."""
    rows = connection.execute(_SQL["placed"], {"event_ids": list(event_ids)}).fetchall()
    return {row["event_id"] for row in rows}


def readers_hash(connection: Connection, leaf_index: int) -> bytes | None:
    """Return the hash of all marks up to a leaf. None if there is no such leaf."""
    row = connection.execute(_SQL["readers_hash"], {"leaf_index": leaf_index}).fetchone()
    return row["readers_hash"] if row else None


def organizations_of(connection: Connection, caller_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the organizations of callers."""
    rows = connection.execute(_SQL["organizations_of"], {"caller_ids": list(caller_ids)}).fetchall()
    return {row["caller_id"]: row["organization_id"] for row in rows}


def append_lookups(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of `ledger_lookup`."""
    columns = {
        "indexes": "leaf_index",
        "lookup_ids": "lookup_id",
        "caller_ids": "caller_id",
        "organization_ids": "organization_id",
        "times": "at",
        "inputs": "input",
        "verdicts": "verdict",
        "queries": "query_commitment",
        "answers": "answer_commitment",
        "salts": "salt",
    }
    parameters = {name: [row[column] for row in rows] for name, column in columns.items()}
    connection.execute(_SQL["append_lookups"], parameters)


def hashes_at(connection: Connection, places: Iterable[Place]) -> dict[Place, bytes]:
    """Return the stored hashes at these places."""
    wanted_places = set(places)
    nodes = sorted(place for place in wanted_places if place[0])
    parameters = {
        "leaves": [position for height, position in wanted_places if not height],
        "heights": [height for height, _ in nodes],
        "positions": [position for _, position in nodes],
    }
    rows = connection.execute(_SQL["hashes_at"], parameters).fetchall()
    return {(row["height"], row["position"]): row["hash"] for row in rows}


def add_checkpoint(connection: Connection, size: int, root: bytes, note: str) -> None:
    """Store a signed checkpoint."""
    connection.execute(_SQL["add_checkpoint"], {"size": size, "root": root, "note": note})


def add_key(connection: Connection, verifier_key: str, size: int) -> None:
    """Store a public key with the size of the first checkpoint that it signed."""
    connection.execute(_SQL["add_key"], {"verifier_key": verifier_key, "size": size})


def checkpoint(connection: Connection, *, covering: int | None = None) -> SignedCheckpoint | None:
    """Return the newest checkpoint, or the first one that covers the leaf at an index."""
    row = connection.execute(_SQL["checkpoint"], {"covering": covering}).fetchone()
    return SignedCheckpoint(**row) if row else None


def checkpoints(connection: Connection) -> list[str]:
    """Return all signed notes, oldest first."""
    return [row["note"] for row in connection.execute(_SQL["checkpoints"]).fetchall()]


def keys(connection: Connection) -> list[SigningKey]:
    """Return the public keys that have signed."""
    return [SigningKey(**row) for row in connection.execute(_SQL["keys"]).fetchall()]


def leaves(
    connection: Connection, start: int, stop: int, organization_id: UUID | None
) -> list[dict[str, Any]]:
    """Return leaves with their events or lookups, as far as the organization may see them. None: all of
    them."""
    parameters = {"start": start, "stop": stop, "organization_id": organization_id}
    return connection.execute(_SQL["leaves"], parameters).fetchall()


def history(
    connection: Connection, entry_id: UUID, organization_id: UUID, limit: int
) -> list[dict[str, Any]]:
    """Return the events of an entry that an organization may see, with their leaf indexes."""
    parameters = {"entry_id": entry_id, "organization_id": organization_id, "limit": limit}
    return connection.execute(_SQL["history"], parameters).fetchall()


def lost(connection: Connection, entry_id: UUID, limit: int) -> list[dict[str, Any]]:
    """Return the leaves of an entry whose event is gone."""
    return connection.execute(_SQL["lost"], {"entry_id": entry_id, "limit": limit}).fetchall()


def entry_events(connection: Connection, entry_id: UUID, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Return the sequenced events of an entry of these kinds, in the ledger's order."""
    parameters = {"entry_id": entry_id, "kinds": list(kinds)}
    return connection.execute(_SQL["entry_events"], parameters).fetchall()


def strays(connection: Connection) -> list[int]:
    """Return events that are neither in the ledger nor waiting for it."""
    return [row["event_id"] for row in connection.execute(_SQL["strays"]).fetchall()]


def own_strays(connection: Connection, organization_id: UUID) -> list[int]:
    """Return such events of an organization."""
    rows = connection.execute(_SQL["own_strays"], {"organization_id": organization_id}).fetchall()
    return [row["event_id"] for row in rows]


def recorded_lookups(connection: Connection, start: int, stop: int) -> list[dict[str, Any]]:
    """Return recorded lookups with the present content of their rows."""
    return connection.execute(_SQL["recorded_lookups"], {"start": start, "stop": stop}).fetchall()


def find_event(connection: Connection, event_id: int, organization_id: UUID) -> int | None:
    """Return the leaf index of an event that the organization may see."""
    parameters = {"event_id": event_id, "organization_id": organization_id}
    row = connection.execute(_SQL["find_event"], parameters).fetchone()
    return row["leaf_index"] if row else None


def find_lookup(connection: Connection, lookup_id: UUID, organization_id: UUID) -> int | None:
    """Return the leaf index of a lookup of the organization."""
    parameters = {"lookup_id": lookup_id, "organization_id": organization_id}
    row = connection.execute(_SQL["find_lookup"], parameters).fetchone()
    return row["leaf_index"] if row else None


def recording(connection: Connection, organization_id: UUID) -> str | None:
    """Return which lookups of an organization are recorded. None if it has no setting."""
    row = connection.execute(_SQL["recording"], {"organization_id": organization_id}).fetchone()
    return row["record_lookups"] if row else None


def oldest_unsigned(connection: Connection) -> float:
    """Return the seconds for which the oldest event has waited for a signed checkpoint."""
    row = connection.execute(_SQL["oldest_unsigned"]).fetchone()
    return float(row["seconds"]) if row else 0.0
