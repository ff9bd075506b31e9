"""Give a caller another key, beside its keys or instead of them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import (
    MOST_KEYS,
    Caller,
    checked_expiry,
    checked_overlap,
    new_key,
    prefix_of,
)
from registry.identity.callers.service.find_caller import find_caller, require_admin_left
from registry.identity.callers.service.show_caller import key_shape
from registry.identity.callers.store import api_keys, callers


def add_key(
    service: Service,
    caller: Caller,
    caller_id: UUID,
    *,
    overlap_hours: float | None = None,
    expires_at: datetime | None = None,
) -> dict[str, Any]:
    """The new key, shown this once. `overlap_hours`: the caller's other keys work on for so long, if they do
    not end before; with 0 they stop in this commit; None leaves them as they are. Needs `admin`.

    Raises `NotFound` (`unknown_caller`), `BadInput` (`bad_time`, `bad_expiry`, `bad_overlap`), `Conflict`
    (`caller_over`, `too_many_keys`, `last_admin`).
    """
    caller.require("admin")
    ends = checked_expiry(expires_at, datetime.now(UTC))
    hours = None if overlap_hours is None else checked_overlap(overlap_hours)
    key = new_key()
    with service.pool.transaction() as connection:
        row = find_caller(connection, caller, caller_id, lock=True)
        if row["state"] != "active":
            raise Conflict(f"The caller is {row['state']}.", code="caller_over")
        if hours != 0 and len(api_keys.of_callers(connection, [caller_id], everything=False)) >= MOST_KEYS:
            raise Conflict(
                f"The caller has {MOST_KEYS} keys that work.",
                code="too_many_keys",
                next_step="Revoke one of them, or replace all with `overlap_hours` 0.",
            )
        before = callers.is_administered(connection, caller.organization_id)
        made = api_keys.insert(
            connection,
            caller_id=caller_id,
            key_sha256=hashlib.sha256(key.encode()).digest(),
            prefix=prefix_of(key),
            expires_at=ends,
        )
        ended = (
            [] if hours is None else api_keys.overlap(connection, caller_id, but=made["key_id"], hours=hours)
        )
        require_admin_left(connection, caller.organization_id, before=before)
        record_event(
            connection,
            caller,
            "key.created" if hours is None else "key.rotated",
            subject={"caller_id": caller_id, "key_id": made["key_id"]},
            said={
                "expires_at": ends.isoformat() if ends else None,
                "overlap_seconds": None if hours is None else round(hours * 3600),
                "ending": ended,
            },
        )
    return {"caller_id": str(caller_id), **key_shape(made), "key": key}
