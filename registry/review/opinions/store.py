"""Opinions on matches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller

_SQL = sql.load(__name__)

After = tuple[datetime, UUID, UUID, UUID]
"""Time of the opinion, its entry, lookup and caller."""


_MATCH: Final = ("relation", "reasons", "exact", "coverage", "signals")
"""Fields of a match that are stored with an opinion on it."""


def give(
    connection: Connection,
    caller: Caller,
    lookup_id: UUID,
    entry_id: UUID,
    opinion: str,
    match: Mapping[str, Any],
) -> dict[str, Any]:
    """Store an opinion and replace the caller's earlier one on this match. Returns its row."""
    row = connection.execute(
        _SQL["give"],
        {
            "lookup_id": lookup_id,
            "entry_id": entry_id,
            "caller_id": caller.caller_id,
            "organization_id": caller.organization_id,
            "opinion": opinion,
            "verdict": match["verdict"],
            "confidence": match["confidence"],
            "match": Jsonb({name: match[name] for name in _MATCH}),
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    return row


def denials(connection: Connection, entry_id: UUID) -> list[UUID]:
    """Return the organization of each opinion that denies a match with the entry."""
    rows = connection.execute(_SQL["denials"], {"entry_id": entry_id}).fetchall()
    return [row["organization_id"] for row in rows]


def summary(connection: Connection, entry_id: UUID) -> dict[str, Any]:
    """Return the number of opinions of each kind."""
    row = connection.execute(_SQL["summary"], {"entry_id": entry_id}).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has a row
    return row


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    everybody: bool = False,
    entry_id: UUID | None = None,
    after: After | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return opinions on the organization's entries and by its callers, oldest first. `everybody`: all
    opinions."""
    given_at, entry, lookup, caller = after or (None, None, None, None)
    return connection.execute(
        _SQL["page"],
        {
            "organization_id": organization_id,
            "everybody": everybody,
            "entry_id": entry_id,
            "given_at": given_at,
            "after_entry": entry,
            "after_lookup": lookup,
            "after_caller": caller,
            "limit": limit,
        },
    ).fetchall()


@dataclass(frozen=True, slots=True)
class FoundBy:
    """A lookup that found an entry. `created_at`: UTC. `opinion`: the caller's own, if any."""

    lookup_id: UUID
    verdict: str
    created_at: datetime
    opinion: str | None


def matched(
    connection: Connection,
    caller: Caller,
    entry_id: UUID,
    lookup_id: UUID | None,
    *,
    looked: int,
    limit: int,
) -> list[FoundBy]:
    """Return those of the caller's latest `looked` lookups that found the entry.

    `lookup_id`: put this lookup first if the organization made it.
    """
    parameters = {
        "caller_id": caller.caller_id,
        "organization_id": caller.organization_id,
        "entry_id": entry_id,
        "lookup_id": lookup_id,
        "looked": looked,
        "limit": limit,
    }
    return [FoundBy(**row) for row in connection.execute(_SQL["matched"], parameters).fetchall()]
