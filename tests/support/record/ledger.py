"""The ledger after some time, after attacks on its rows, and as earlier releases left it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.service import Service
from tests.support.service.rows import write, write_past_triggers


def make_stamp_due(service: Service) -> None:
    write(service, "UPDATE ledger_timestamping SET due_at = clock_timestamp() - interval '1 second'")


def let_ledger_age(service: Service, *, hours: int) -> None:
    """Let all checkpoints and timestamps have been made so many hours earlier."""
    span = f"interval '{hours} hours'"
    write_past_triggers(
        service,
        f"UPDATE ledger_checkpoint SET signed_at = signed_at - {span}",  # noqa: S608 - a number
        f"UPDATE ledger_stamp SET created_at = created_at - {span}",  # noqa: S608 - a number
    )


def cut_ledger(service: Service, leaves: int) -> None:
    """Delete all leaves but the first, and all checkpoints."""
    write_past_triggers(
        service,
        f"DELETE FROM ledger_leaf WHERE leaf_index >= {leaves}",  # noqa: S608 - a number
        "DELETE FROM ledger_checkpoint",
    )


def alter_leaf(service: Service, index: int, digest: bytes | None = None) -> None:
    """Replace the hash of a leaf: by `digest`, or by its own hash."""
    changed = f"decode('{digest.hex()}', 'hex')" if digest else "sha256(hash)"
    write_past_triggers(
        service,
        f"UPDATE ledger_leaf SET hash = {changed} WHERE leaf_index = {index}",  # noqa: S608 - no input
    )


def lose_event(service: Service, index: int, *, hide: bool = False) -> None:
    """Delete the event of a leaf. `hide`: also remove every trace of whose it was."""
    write_past_triggers(
        service,
        f"DELETE FROM event USING ledger_leaf l WHERE l.event_id = event.event_id AND leaf_index = {index}",  # noqa: S608 - a number
        "UPDATE ledger_leaf SET readers = sha256(readers), entry_id = NULL, event_id = NULL"  # noqa: S608 - a number
        f" WHERE leaf_index = {index if hide else -1}",
    )


def lose_events(service: Service, entry_id: UUID) -> None:
    """Delete all events of an entry."""
    write_past_triggers(service, f"DELETE FROM event WHERE entry_id = '{entry_id}'")  # noqa: S608 - an id


def lose_waiting(service: Service) -> None:
    """Forget which events wait for a leaf."""
    write(service, "DELETE FROM event_waiting")


def alter_fingerprints(service: Service) -> None:
    """Invert the hash of the first frame of each medium. Twice: as it was."""
    write(service, "UPDATE frame_fingerprint SET phash256 = ~phash256 WHERE time_s = 0")


def alter_digests(service: Service) -> None:
    """Let each medium have another checksum."""
    write(service, "UPDATE asset SET sha256 = decode(repeat('ab', 32), 'hex')")


def forget_fingerprint_event(service: Service) -> None:
    """Delete the last event that a medium was fingerprinted."""
    last = "(SELECT max(event_id) FROM event WHERE kind = 'asset.fingerprinted')"
    write_past_triggers(
        service,
        f"DELETE FROM event_waiting WHERE event_id = {last}",  # noqa: S608 - written above
        f"DELETE FROM event WHERE event_id = {last}",  # noqa: S608 - written above
    )


def forget_fingerprint_commitments(service: Service, entry_id: UUID | str) -> None:
    write(
        service,
        "DELETE FROM fingerprint_commitment"
        " WHERE asset_id IN (SELECT asset_id FROM entry_asset WHERE entry_id = %s)",
        entry_id,
    )


def forget_asset_commitments(service: Service, entry_id: UUID | str) -> None:
    write(
        service,
        "DELETE FROM asset_commitment"
        " WHERE asset_id IN (SELECT asset_id FROM entry_asset WHERE entry_id = %s)",
        entry_id,
    )


def add_event(service: Service, at: datetime | str) -> int:
    """Record an event at this time, which is not in the ledger yet. Return its id."""
    (row,) = write(
        service,
        "WITH e AS (INSERT INTO event (kind, at) VALUES ('entry.changed', %s) RETURNING event_id)"
        " INSERT INTO event_waiting SELECT event_id FROM e RETURNING event_id",
        at,
    )
    return int(row["event_id"])


def restore_elsewhere(service: Service) -> None:
    """Let the database be a copy from a cluster whose transaction numbers were far ahead."""
    write(service, "UPDATE lookup SET answered_in = answered_in + 1000000000")
    write(service, "UPDATE ledger_cursor SET answered_in = answered_in + 1000000000")


def add_lookup(service: Service, caller_id: UUID, answer: dict[str, Any] | None = None) -> UUID:
    """Add a lookup: of a file that waits, or of a hash with this answer."""
    values = {
        "lookup_id": answer and answer["lookup_id"],
        "caller_id": caller_id,
        "input": "hash" if answer else "file",
        "status": "answered" if answer else "queued",
        "verdict": answer and answer["verdict"],
        "answer": Jsonb(answer) if answer else None,
    }
    (row,) = write(
        service,
        "INSERT INTO lookup (lookup_id, caller_id, input, status, verdict, answer, answered_at)"
        " VALUES (coalesce(%(lookup_id)s::uuid, gen_random_uuid()), %(caller_id)s, %(input)s, %(status)s,"
        " %(verdict)s, %(answer)s, CASE WHEN %(answer)s::jsonb IS NOT NULL THEN now() END)"
        " RETURNING lookup_id",
        **values,
    )
    lookup_id: UUID = row["lookup_id"]
    return lookup_id
