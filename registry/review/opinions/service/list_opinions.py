"""What was said of matches: of one entry, or as pairs that the calibration can learn from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.catalogue.entries.service.visibility import own_entry
from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.store import organizations
from registry.matching.decision.model import coarse
from registry.review.opinions import store as opinions
from registry.review.opinions.store import After
from registry.review.queue.service.show_review import counted


def entry_opinions(
    service: Service, caller: Caller, entry_id: UUID, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """What was said of an entry's matches, summed up and one by one, oldest first, for its owner. Needs
    `register`, `review` or `admin`. Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`)."""
    caller.require_any("review", "register", "admin")
    with service.pool.transaction() as connection:
        own_entry(connection, caller, entry_id)
        said = opinions.summary(connection, entry_id)
        rows = opinions.page(
            connection, caller.organization_id, entry_id=entry_id, after=_decode(after), limit=limit + 1
        )
    return {"entry_id": str(entry_id), "summary": counted(said), **_page(rows, caller, limit)}


def list_opinions(
    service: Service, caller: Caller, *, limit: int = 200, after: str | None = None
) -> dict[str, Any]:
    """Opinions of the organization's entries and of its callers, oldest first, each with the confidence and
    the signals that the answer had; for administrators of the first organization, all. Needs `admin`, and the
    scope `signals` for the signals.

    Raises `BadInput` (`bad_cursor`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = opinions.page(
            connection,
            caller.organization_id,
            everybody=organizations.operates(connection, caller.organization_id),
            after=_decode(after),
            limit=limit + 1,
        )
    return _page(rows, caller, limit)


def _page(rows: list[dict[str, Any]], caller: Caller, limit: int) -> dict[str, Any]:
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if rows else None
    words = (
        (last["given_at"].isoformat(), last["entry_id"], last["lookup_id"], last["caller_id"]) if last else ()
    )
    return {
        "opinions": [_shape(row, caller) for row in rows],
        "next": cursor.encode(*words) if more else None,
    }


def _shape(row: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Strangers' callers are told by their organization, and their lookups not at all."""
    own = row["organization_id"] == caller.organization_id
    match = row["match"]
    return {
        "entry_id": str(row["entry_id"]),
        "lookup_id": str(row["lookup_id"]) if own else None,
        "caller_id": str(row["caller_id"]) if own else None,
        "organization": row["organization"],
        "opinion": row["opinion"],
        "verdict": row["verdict"],
        "confidence": _confidence(row["confidence"], caller),
        "relation": match["relation"],
        "reasons": match["reasons"],
        "exact": match["exact"],
        "signals": match["signals"] if caller.sees_signals else None,
        "given_at": row["given_at"].isoformat(),
        "changed_at": row["changed_at"].isoformat() if row["changed_at"] else None,
    }


def _confidence(value: float | None, caller: Caller) -> float | None:
    return value if caller.sees_signals else coarse.confidence(value)


def _decode(given: str | None) -> After | None:
    if not given:
        return None
    at, *ids = cursor.decode(given, words=4)
    try:
        entry, lookup, caller = map(UUID, ids)
        return datetime.fromisoformat(at), entry, lookup, caller
    except ValueError as error:
        raise cursor.refused() from error
