"""Which other entries show the same footage as one: other fakes of it, copies, and what it was made from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.catalogue.entries.service.visibility import find_entry
from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.lineage.model.related import MODEL
from registry.lineage.store import related
from registry.lineage.store.related import Place
from registry.matching.alignment.model.align import Span


def show_related(
    service: Service, caller: Caller, entry_id: UUID, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """The relatives of an entry that the caller may see, as far as it may see them, newest first: those with
    the same footage and, for the scope `faces`, with the same enrolled person; `next` continues where this
    page ends. `count`: how many entries in all. `pending`: nobody has looked yet, or not since something
    changed.

    Raises `NotFound` (`unknown_entry`), `BadInput` (`bad_cursor`).
    """
    place = _decode(after) if after else None
    with service.pool.transaction() as connection:
        find_entry(connection, caller, entry_id)
        organization = caller.organization_id
        pending = related.pending(connection, entry_id, model=MODEL)
        seen = {"faces": caller.searches_faces, "cases": caller.sees_cases}
        count = related.count(connection, organization, entry_id, **seen)
        rows = related.page(connection, organization, entry_id, **seen, after=place, limit=limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return {
        "entry_id": str(entry_id),
        "pending": pending,
        "count": count,
        "related": [_shape(row) for row in rows],
        "next": _encode(rows[-1]) if more else None,
    }


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "entry_id": str(row["entry_id"]),
        "title": row["title"],
        "bank": row["bank"],
        "tier": row["tier"],
        "manipulation": row["manipulation"],
        "kind": row["kind"],
        "relation": row["relation"],
        "faces": row["faces"],
        "score": None if row["score"] is None else round(row["score"], 3),
        "persons": [str(person_id) for person_id in row["persons"] or ()],
        "asset_id": str(row["asset_id"]),
        "role": row["role"],
        "related_asset_id": str(row["related_asset_id"]),
        "related_role": row["related_role"],
        "spans": [_span(span) for span in row["spans"]],
        "pairs": row["pairs"],
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        "entry": list(span.query),
        "related": list(span.asset),
        "speed": span.speed,
        "mirrored": span.mirrored,
    }


def _encode(row: dict[str, Any]) -> str:
    return cursor.encode(row["created_at"].isoformat(), row["entry_id"], row["kind"])


def _decode(given: str) -> Place:
    at, entry_id, kind = cursor.decode(given, words=3)
    try:
        return Place(datetime.fromisoformat(at), UUID(entry_id), kind)
    except ValueError as error:
        raise cursor.refused() from error
