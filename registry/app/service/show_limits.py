"""How much an organization may ask and keep, all told, and what is used of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.catalogue import banks
from registry.core import cursor
from registry.core.service import Service
from registry.identity import callers, organizations, quotas
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.organizations import unknown
from registry.identity.quotas.model import Book, Limits


def show_limits(
    service: Service, caller: Caller, organization_id: UUID, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """The limits of an organization, of its callers that work (oldest first; `next` continues) and of its
    banks, with what is used of each. The own one; that which runs the deployment sees every one, and is told
    neither names of other organizations' callers nor of their banks. Needs `admin`.

    Raises `NotFound` (`unknown_organization`), `BadInput` (`bad_cursor`).
    """
    caller.require("admin")
    own = organization_id == caller.organization_id
    place = cursor.place(after) if after else None
    with service.pool.transaction() as connection:
        if not own and not organizations.operates(connection, caller.organization_id):
            raise unknown(organization_id)
        row = organizations.find_organization(connection, organization_id)
        if row is None:
            raise unknown(organization_id)
        rows = callers.list_callers(
            connection, organization_id, everything=False, after=place, limit=limit + 1
        )
        more, rows = len(rows) > limit, rows[:limit]
        books = quotas.usage(connection, [organization_id, *(row["caller_id"] for row in rows)])
        kept = banks.limits(connection, organization_id)
    last = rows[-1] if more else None
    return {
        "organization_id": str(organization_id),
        "name": row["name"],
        "state": row["state"],
        **_asked(row, books.get(organization_id)),
        "callers": [
            {
                "caller_id": str(row["caller_id"]),
                "name": row["name"] if own else None,
                "roles": sorted(row["roles"]),
                **_asked(row, books.get(row["caller_id"])),
            }
            for row in rows
        ],
        "banks": [_kept(limit, own=own) for limit in kept],
        "next": cursor.encode(last["created_at"].isoformat(), last["caller_id"]) if last else None,
    }


def _asked(row: Mapping[str, Any], book: Book | None) -> dict[str, Any]:
    used = {"day": book.day_used, "month": book.month_used} if book else {"day": 0, "month": 0}
    return {"limits": Limits(row["rate"], row["daily"], row["monthly"]).shown(), "used": used}


def _kept(row: Mapping[str, Any], *, own: bool) -> dict[str, Any]:
    return {
        "bank_id": str(row["bank_id"]),
        "name": row["name"] if own else None,
        "kind": row["kind"],
        "holds": {"entries": row["held"], "media": row["media"], "bytes": row["bytes"]},
        "limits": {"entries": row["most_entries"], "media": row["most_media"], "bytes": row["most_bytes"]},
    }
