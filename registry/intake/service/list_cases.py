"""The private cases that an organization has taken."""

from __future__ import annotations

from typing import Any

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.intake import model as private_case
from registry.intake import store as private_cases


def list_cases(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Cases of the caller's organization, newest first. Needs `review`: whoever opens a case is told that
    reviewers read it, and nobody else. What was written with one is in its entry's details. Raises `BadInput`
    (`bad_cursor`)."""
    caller.require("review")
    with service.pool.transaction() as connection:
        rows = private_cases.page(
            connection,
            caller.organization_id,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if rows else None
    ends = cursor.encode(last["opened_at"].isoformat(), last["case_id"]) if last and more else None
    return {"cases": [_shape(row) for row in rows], "next": ends}


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "case_id": str(row["case_id"]),
        "entry_id": str(row["entry_id"]),
        "case_number": private_case.shown(row["case_number"]) if row["case_number"] else None,
        "state": private_case.state(row),
        **{name: row[name] for name in ("standing", "intimate", "files", "bank")},
        "opened_at": row["opened_at"].isoformat(),
    }
