"""The feed of a bank, for who may read it."""

from __future__ import annotations

from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.identity.callers.model import Caller
from registry.sharing.federation.store import feeds


def require_feed(connection: Connection, caller: Caller, bank_id: UUID) -> None:
    """Raise `NotFound` (`unknown_feed`) where the bank has none that the caller's organization may read."""
    if not feeds.readable(connection, bank_id, caller.organization_id):
        raise NotFound(
            "There is no feed of that bank.",
            code="unknown_feed",
            next_step="List those that you may read with GET /v1/feeds.",
        )
