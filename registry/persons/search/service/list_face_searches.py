"""Who has searched an organization's enrolled persons, and when?"""

from __future__ import annotations

from typing import Any

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.search import store as face_searches


def list_face_searches(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """The searches on record of the caller's organization, newest first; `next` continues.

    Needs `faces` and `review`. Raises `BadInput` (`bad_cursor`), `Forbidden`.
    """
    caller.require("faces")
    caller.require("review")
    before = _decode(after) if after else None
    with service.pool.transaction() as connection:
        rows = face_searches.page(connection, caller.organization_id, before=before, limit=limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return {
        "searches": [_shape(row) for row in rows],
        "next": cursor.encode(rows[-1]["face_search_id"]) if more else None,
    }


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": row["at"].isoformat(),
        "caller_id": _text(row["caller_id"]),
        "lookup_id": _text(row["lookup_id"]),
        "asset_id": _text(row["asset_id"]),
        "tracks": row["tracks"],
        "persons": row["persons"],
        "skipped": row["skipped"],
        "matched": [str(person_id) for person_id in row["matched"]],
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _decode(given: str) -> int:
    (number,) = cursor.decode(given, words=1)
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise cursor.refused()
    return int(number)
