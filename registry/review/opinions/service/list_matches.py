"""Of which lookups that found an entry may a caller say whether they are right?"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.service.visibility import find_entry
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.opinions import store as opinions

LATEST: Final = 500
"""Lookups of the caller that are looked through: an entry does not know whom it was told to."""
MOST: Final = 10


def list_matches(
    service: Service, caller: Caller, entry_id: UUID, lookup_id: UUID | None = None
) -> list[dict[str, Any]]:
    """Those among the caller's LATEST lookups that found the entry, newest first, before them the one that is
    named where its organization asked it: `lookup_id`, `verdict`, `created_at` (UTC), and `opinion`, what the
    caller has said of it, or None. For `give_opinion`. Needs `lookup`.

    Raises `NotFound` (`unknown_entry`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        find_entry(connection, caller, entry_id)
        return opinions.matched(
            connection,
            caller_id=caller.caller_id,
            organization_id=caller.organization_id,
            entry_id=entry_id,
            lookup_id=lookup_id,
            looked=LATEST,
            limit=MOST,
        )
