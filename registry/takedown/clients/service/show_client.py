"""Show a client and its mandates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.service import takedown


def show_client(service: Service, caller: Caller, client_id: UUID) -> dict[str, Any]:
    """A client of the caller's organization; its texts are null once they were erased. Needs `takedown`.
    Raises `NotFound` (`unknown_client`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = takedown.find_client(connection, caller, client_id)
        mandates = campaigns.mandates(connection, client_id)
    return client(service, row) | {"mandates": [mandate(one) for one in mandates]}


def client(service: Service, row: Mapping[str, Any]) -> dict[str, Any]:
    """A client as it is shown in a list."""
    key = takedown.keys(service).find(row["client_id"])
    record = takedown.open_sealed(key, row["sealed"], takedown.CLIENT) or {}
    texts = {name: record.get(name) for name in ("name", "depicted_name", "email", "address", "country")}
    return {
        "client_id": str(row["client_id"]),
        **texts,
        "created_at": row["created_at"].isoformat(),
        "erased_at": row["erased_at"].isoformat() if row["erased_at"] else None,
    }


def mandate(row: Mapping[str, Any]) -> dict[str, Any]:
    """A mandate as it is shown."""
    return {
        "mandate_id": str(row["mandate_id"]),
        "granted_by": row["granted_by"],
        "document_sha256": row["document_sha256"],
        "valid_from": row["valid_from"].isoformat(),
        "valid_until": row["valid_until"].isoformat(),
        "revoked_at": row["revoked_at"].isoformat() if row["revoked_at"] else None,
        "holds": row["holds"],
    }
