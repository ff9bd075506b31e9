"""What the ledger is: its name, its keys, its size, and what of the caller's lookups goes into it."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.ledger import store as ledger
from registry.transparency.timestamps import store as ledger_stamps


def show_ledger(service: Service, caller: Caller) -> dict[str, Any]:
    """For every caller. The keys are told so that people can compare them with those they have from
    elsewhere: whoever verifies with these alone believes the service."""
    with service.pool.transaction() as connection:
        size, _ = ledger.sizes(connection)
        signed = ledger.checkpoint(connection)
        keys = ledger.keys(connection)
        stamp = ledger_stamps.newest(connection)
        stamping = ledger_stamps.state(connection)
        own = ledger.recording(connection, caller.organization_id)
    return {
        "origin": service.settings.ledger_origin,
        "size": size,
        "signed_size": signed["size"] if signed else None,
        "signed_at": signed["signed_at"].isoformat() if signed else None,
        "stamped_size": stamp["size"] if stamp else None,
        "stamped_at": stamp["stamped_at"].isoformat() if stamp else None,
        "stamping_error": stamping["error_code"],
        "keys": [
            {
                "key": row["verifier_key"],
                "first_size": row["first_size"],
                "first_used": row["first_used"].isoformat(),
            }
            for row in keys
        ],
        "lookups": own or service.settings.ledger_lookups,
    }
