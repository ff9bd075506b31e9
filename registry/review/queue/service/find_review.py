"""Which entry does a reviewer mean, and is it theirs to decide on?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import Conflict, NotFound
from registry.identity.callers.model import Caller
from registry.review.queue import store as reviews


def find_review(
    connection: Connection, caller: Caller, entry_id: UUID, *, lock: bool = False
) -> dict[str, Any]:
    """The row of an entry that the caller may look at, also one that answers nobody now. `lock`: it does not
    change until the transaction ends. Raises `NotFound` (`unknown_entry`)."""
    if lock:
        reviews.lock(connection, entry_id)
    row = reviews.find(connection, caller.organization_id, entry_id)
    if row is None:
        raise NotFound(
            f"There is no entry {entry_id} that this key may see.",
            code="unknown_entry",
            next_step="`fakeprint review list` shows what waits; `fakeprint entries` lists yours.",
        )
    return row


def require_claim(connection: Connection, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """The caller's claim of an entry, locked. Raises `Conflict` (`claimed_by_another`, `not_claimed`)."""
    claim = reviews.claim_of(connection, entry_id)
    if claim is None or not claim["holds"]:
        raise Conflict(
            "You have not claimed the entry, or your claim has ended.",
            code="not_claimed",
            next_step=f"Look at it and claim it: `fakeprint review claim {entry_id}`.",
        )
    if claim["caller_id"] != caller.caller_id:
        raise claimed_by_another(claim)
    return claim


def claimed_by_another(claim: dict[str, Any]) -> Conflict:
    """The error for an entry that another reviewer has before them."""
    until = claim["lease_until"].isoformat()
    return Conflict(
        f"Another reviewer has claimed the entry until {until}.",
        code="claimed_by_another",
        next_step="Take another one, or wait.",
        extra={"lease_until": until},
    )
