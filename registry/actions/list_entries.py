"""List entries."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.actions.find_bank import find_bank
from registry.actions.service import Service
from registry.actions.show_entry import shape
from registry.domain.caller import Caller
from registry.errors import BadInput
from registry.store import entries


def list_entries(
    service: Service,
    caller: Caller,
    *,
    bank: str | None = None,
    status: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """The caller's organization's entries, newest first; `next` continues where this page ends.

    A lookup-only caller cannot list a bank. Raises `Forbidden`, `NotFound` (`unknown_bank`), `BadInput`
    (`bad_cursor`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        found = find_bank(connection, caller, bank)
        rows = entries.page(
            connection,
            caller.organization_id,
            bank_id=found.bank_id if found else None,
            status=status,
            after=_decode(after) if after else None,
            limit=limit + 1,
        )
    more = len(rows) > limit
    rows = rows[:limit]
    return {
        "entries": [shape(row) for row in rows],
        "next": _encode(rows[-1]["created_at"], rows[-1]["entry_id"]) if more else None,
    }


def _encode(at: datetime, entry_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {entry_id}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, UUID]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, entry_id = text.split(" ")
        return datetime.fromisoformat(at), UUID(entry_id)
    except (ValueError, binascii.Error) as error:
        raise BadInput("`after` is not a cursor of this list.", code="bad_cursor") from error
