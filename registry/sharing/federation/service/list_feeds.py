"""The feeds that another registry may read here."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.store import feeds
from registry.transparency.ledger import store as ledger


def list_feeds(service: Service, caller: Caller) -> dict[str, Any]:
    """The ledger's name and keys, and the published banks that the caller's organization may see. Needs the
    scope `peer`. Whoever verifies with the keys told here alone believes the service."""
    caller.require("peer")
    with service.pool.transaction() as connection:
        keys = ledger.keys(connection)
        rows = feeds.published(connection, caller.organization_id)
    return {
        "origin": service.settings.ledger_origin,
        "keys": [row["verifier_key"] for row in keys],
        "feeds": [
            {
                "bank_id": str(row["bank_id"]),
                "bank": row["name"],
                "organization": row["organization"],
                "licence": row["licence"],
                "share_claims": row["share_claims"],
                "pages": row["pages"],
            }
            for row in rows
        ],
    }
