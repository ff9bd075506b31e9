"""Stored watches: fingerprints, search keys and reported answers, and the entries due to search for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pgvector import Bit
from psycopg.types.json import Jsonb

from registry.catalogue.fingerprints import halfvec
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.tally import MOST, Tally
from registry.identity.callers.model import Caller
from registry.matching.candidates.model import probes
from registry.matching.candidates.store.candidates import FAR, NEAREST, RADIUS
from registry.matching.decision.model.checked import InputKind
from registry.matching.watches.model import FoundMatch, Keys, NewWatch, packed

_SQL = sql.load(__name__)

MEDIA: Final = 16
"""Most media of an entry that search for watches."""


@dataclass(frozen=True, slots=True)
class CreatedWatch:
    """A watch that was created: its id, the number used in its rows, and its end."""

    watch_id: UUID
    watch_no: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MatchedWatch:
    """A watch that is to be answered again, with its caller and the one bank to search."""

    watch_id: UUID
    lookup_id: UUID
    caller: Caller
    bank_id: UUID | None
    input_kind: InputKind
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """An entry due to search: `asked` times so far, `tries` times begun by a worker."""

    entry_id: UUID
    asked: int
    tries: int


def insert(
    connection: Connection, caller: Caller, new: NewWatch, bank_id: UUID | None, keys: Keys
) -> CreatedWatch:
    """Store a watch of a lookup, or return the watch that the lookup already has."""
    row = connection.execute(
        _SQL["insert"],
        {
            "lookup_id": new.lookup_id,
            "organization_id": caller.organization_id,
            "caller_id": caller.caller_id,
            "bank_id": bank_id,
            "input": new.input_kind,
            "sha256": bytes.fromhex(new.sha256) if new.sha256 else None,
            "fingerprint": packed(new.fingerprint) if new.fingerprint.frames else None,
            "days": new.days,
        },
    ).fetchone()
    if row is None:
        row = connection.execute(_SQL["of_lookup"], {"lookup_id": new.lookup_id}).fetchone()
        assert row is not None  # noqa: S101 - it is there already
        return CreatedWatch(**row)
    kept = CreatedWatch(**row)
    if keys.phash256 or keys.pdq:
        hashes = {"phash256": _bits(keys.phash256), "pdq": _bits(keys.pdq)}
        connection.execute(_SQL["add_frames"], {"watch_no": kept.watch_no, **hashes})
    if keys.sscd:
        vectors = [halfvec(value) for value in keys.sscd]
        connection.execute(_SQL["add_vectors"], {"watch_no": kept.watch_no, "sscd": vectors})
    return kept


def longest(connection: Connection, organization_id: UUID) -> int | None:
    """Return the most days for which the organization allows watches; None: it sets no limit."""
    row = connection.execute(_SQL["longest"], {"organization_id": organization_id}).fetchone()
    return row["watch_days_most"] if row else None


def days_of(connection: Connection, lookup_id: UUID) -> int | None:
    """Return the days for which a queued file is to be watched; None: not at all."""
    row = connection.execute(_SQL["days_of"], {"lookup_id": lookup_id}).fetchone()
    return row["watch_days"] if row else None


def ask_for(connection: Connection, lookup_id: UUID, days: int) -> None:
    """Set a queued file to be watched."""
    connection.execute(_SQL["ask_for"], {"lookup_id": lookup_id, "days": days})


def page(
    connection: Connection, organization_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return a page of an organization's watches, the newest first."""
    before, before_id = after or (None, None)
    parameters = {
        "organization_id": organization_id,
        "before": before,
        "before_id": before_id,
        "limit": limit,
    }
    return connection.execute(_SQL["page"], parameters).fetchall()


def show(connection: Connection, organization_id: UUID, watch_id: UUID) -> dict[str, Any] | None:
    """Return one watch of the organization."""
    parameters = {"organization_id": organization_id, "watch_id": watch_id}
    return connection.execute(_SQL["show"], parameters).fetchone()


def answers(connection: Connection, watch_id: UUID) -> list[dict[str, Any]]:
    """Return the latest new answers of a watch, at most a hundred."""
    return connection.execute(_SQL["answers"], {"watch_id": watch_id}).fetchall()


def delete(connection: Connection, organization_id: UUID, watch_id: UUID) -> UUID | None:
    """Delete a watch with all its data, and return its lookup's id; None if there is no such watch."""
    parameters = {"organization_id": organization_id, "watch_id": watch_id}
    row = connection.execute(_SQL["delete"], parameters).fetchone()
    return row["lookup_id"] if row else None


def forget(connection: Connection) -> int:
    """Delete expired watches, at most a thousand, and return their number."""
    return len(connection.execute(_SQL["forget"]).fetchall())


def save_first_verdicts(
    connection: Connection, watch_id: UUID, verdicts: Sequence[tuple[UUID, str, bool]]
) -> None:
    """Save what the lookup's own answer says of entries: verdict, and whether in doubt for want of a
    review."""
    parameters = {
        "watch_id": watch_id,
        "entry_ids": [entry_id for entry_id, _, _ in verdicts],
        "verdicts": [verdict for _, verdict, _ in verdicts],
        "unreviewed": [unreviewed for _, _, unreviewed in verdicts],
    }
    connection.execute(_SQL["save_first_verdicts"], parameters)


def save_answer(
    connection: Connection,
    watch_id: UUID,
    entry_id: UUID,
    verdict: str,
    answer: Mapping[str, Any],
    *,
    unreviewed: bool,
) -> bool:
    """Save a new answer; False if it was reported before, or the watch has ended."""
    parameters = {
        "watch_id": watch_id,
        "entry_id": entry_id,
        "verdict": verdict,
        "unreviewed": unreviewed,
        "answer": Jsonb(dict(answer)),
    }
    return connection.execute(_SQL["save_answer"], parameters).fetchone() is not None


def find_answer(
    connection: Connection, watch_id: UUID, entry_id: UUID, verdict: str, *, unreviewed: bool
) -> dict[str, Any] | None:
    """Return a reported answer; None if the watch is gone."""
    parameters = {"watch_id": watch_id, "entry_id": entry_id, "verdict": verdict, "unreviewed": unreviewed}
    row = connection.execute(_SQL["find_answer"], parameters).fetchone()
    return row["answer"] if row else None


def is_due(connection: Connection) -> bool:
    """Tell whether entries are due and have no job."""
    row = connection.execute(_SQL["is_due"]).fetchone()
    return bool(row and row["due"])


def forget_due(connection: Connection) -> bool:
    """Clear the due entries if nothing is watched, and return whether that is so.

    A watch created later misses nothing: it is committed before its answer is searched, which sees these
    entries.
    """
    last = connection.execute(_SQL["last_due"]).fetchone()
    kept = connection.execute(_SQL["any_kept"]).fetchone()
    if kept and kept["kept"]:
        return False
    if last and last["last"] is not None:
        connection.execute(_SQL["forget_due"], {"last": last["last"]})
    return True


def begin(connection: Connection) -> Due | None:
    """Return the entry that has waited longest."""
    row = connection.execute(_SQL["begin"]).fetchone()
    return Due(**row) if row else None


def give_back(connection: Connection, due: Due) -> None:
    """Undo the count of a try that failed for a reason other than the entry. The entry is searched after the
    others."""
    connection.execute(_SQL["give_back"], {"entry_id": due.entry_id, "asked": due.asked})


def set_due(connection: Connection, entry_id: UUID) -> None:
    """Make an entry due, with all its tries."""
    connection.execute(_SQL["set_due"], {"entry_id": entry_id})


def delete_due(connection: Connection, due: Due) -> None:
    """Remove a due entry that was searched or given up."""
    connection.execute(_SQL["delete_due"], {"entry_id": due.entry_id, "asked": due.asked})


def media(connection: Connection, entry_id: UUID) -> list[tuple[UUID, str | None]]:
    """Return asset id and digest of the entry's media that answer, at most `MEDIA`."""
    rows = connection.execute(_SQL["media"], {"entry_id": entry_id, "most": MEDIA}).fetchall()
    return [(row["asset_id"], row["sha256"]) for row in rows]


def find_near(connection: Connection, entry_id: UUID, sha256: str | None, keys: Keys) -> list[MatchedWatch]:
    """Return the watches that a medium of the entry is near, or whose file it is, if the organization sees
    the entry."""
    connection.execute(_SQL["plan"])
    parameters = {
        "entry_id": entry_id,
        "phash256": _bits(keys.phash256),
        "pdq": _bits(keys.pdq),
        "sscd": [halfvec(value) for value in keys.sscd],
        "sha256": [bytes.fromhex(sha256)] if sha256 else [],
        "radius": RADIUS,
        "effort": probes.effort(len(keys.phash256)),
        "nearest": NEAREST,
        "far": FAR,
    }
    return [_found(row) for row in connection.execute(_SQL["find_near"], parameters).fetchall()]


def fingerprint(connection: Connection, watch_id: UUID) -> bytes | None:
    """Return the stored fingerprint of a watch; None for a sha256 alone, or if the watch is gone."""
    row = connection.execute(_SQL["fingerprint"], {"watch_id": watch_id}).fetchone()
    return row["fingerprint"] if row else None


def rules(connection: Connection, organization_id: UUID) -> dict[str, Any]:
    """Return the organization's rules for its lookups, locked until the transaction ends."""
    row = connection.execute(_SQL["rules"], {"organization_id": organization_id}).fetchone()
    assert row is not None  # noqa: S101 - a caller's organization is there
    return row


def _found(row: dict[str, Any]) -> MatchedWatch:
    caller = Caller(row["caller_id"], row["organization_id"], row["name"], frozenset(row["roles"]))
    return MatchedWatch(
        row["watch_id"], row["lookup_id"], caller, row["bank_id"], row["input"], row["sha256"]
    )


def _bits(values: Sequence[bytes]) -> list[Bit]:
    return [Bit(value) for value in values]


def watchers_of(connection: Connection, entry_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Return the organizations that watched lookups told of these entries, except the entries' owners.

    Each row has organization_id, entry_id and watch_ids, at most 100.
    """
    return connection.execute(_SQL["watchers_of"], {"entry_ids": list(entry_ids)}).fetchall()


def end_all(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """Delete all watches of an organization, and return `watch_id` and `lookup_id` of each."""
    return connection.execute(_SQL["end_all"], {"organization_id": organization_id}).fetchall()


def matches(
    connection: Connection,
    caller: Caller,
    *,
    seen: bool,
    watch_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[FoundMatch]:
    """Return new answers to the organization's watched lookups, the newest first.

    `seen`: with those marked as seen. `watch_id`: only those to this watch.
    """
    at, after_id = after or (None, None)
    parameters: dict[str, Any] = {"organization_id": caller.organization_id, "cases": caller.sees_cases}
    parameters |= {"seen": seen, "watch_id": watch_id, "at": at, "after_id": after_id, "limit": limit}
    return [FoundMatch(**row) for row in connection.execute(_SQL["matches"], parameters)]


def count_matches(connection: Connection, organization_id: UUID) -> Tally:
    """Count the answers that nobody has marked as seen."""
    parameters = {"organization_id": organization_id, "limit": MOST}
    row = connection.execute(_SQL["count_matches"], parameters).fetchone()
    return Tally(**row) if row else Tally()


def mark_seen(connection: Connection, caller: Caller, until: datetime, of: tuple[UUID, UUID] | None) -> None:
    """Mark answers up to a time as seen: all, or those of one watch about one entry."""
    watch_id, entry_id = of or (None, None)
    parameters: dict[str, Any] = {"organization_id": caller.organization_id, "caller_id": caller.caller_id}
    parameters |= {"until": until, "watch_id": watch_id, "entry_id": entry_id}
    connection.execute(_SQL["mark_seen"], parameters)
