"""What other registries have signed of their ledgers, as it was shown here."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.store import peers
from registry.transparency.ledger.model import witness


def list_witnessed(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """The newest checkpoint of each ledger that is read here, and both notes of one that has forked, so that
    others find out whether they were shown the same. Needs the scope `peer`."""
    caller.require("peer")
    with service.pool.transaction() as connection:
        rows = peers.witnessed(connection, limit=witness.MOST)
    return [{"key": row["verifier_key"], "note": row["note"]} for row in rows]
