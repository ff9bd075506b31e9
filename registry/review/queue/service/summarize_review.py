"""What reviewers, and those who matched it, say of an entry of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.review.opinions import store as opinions
from registry.review.queue import store as reviews

Summary = dict[str, Any]


def summarize_review(connection: Connection, caller: Caller, entry: Mapping[str, Any]) -> Summary | None:
    """`own_tier`, `own_original_tier`, `suspended_for`, `opinions`; None for another organization's entry."""
    if not entry["own"]:
        return None
    row = reviews.find(connection, caller.organization_id, entry["entry_id"])
    if row is None:
        return None
    said = opinions.summary(connection, entry["entry_id"])
    latest = said["latest"].isoformat() if said["latest"] else None
    named = ("own_tier", "own_original_tier", "suspended_for")
    return {**{name: row[name] for name in named}, "opinions": {**said, "latest": latest}}
