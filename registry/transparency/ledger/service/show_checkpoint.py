"""What was last signed of the ledger."""

from __future__ import annotations

from typing import Any

from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.ledger import store as ledger


def show_checkpoint(service: Service, _: Caller) -> str:
    """The newest signed note, for every caller. Raises `NotFound` (`no_checkpoint`)."""
    with service.pool.transaction() as connection:
        note: str = newest(connection)["note"]
    return note


def newest(connection: Connection) -> dict[str, Any]:
    """size, root, note and signed_at of the newest checkpoint. Raises `NotFound` (`no_checkpoint`)."""
    found = ledger.checkpoint(connection)
    if found is None:
        raise NotFound(
            "Nothing of the ledger was signed yet.",
            code="no_checkpoint",
            next_step="The worker of the queue `control` signs it each second; is one running, with its key?",
        )
    return found
