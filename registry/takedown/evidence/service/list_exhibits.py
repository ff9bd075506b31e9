"""List the exhibits of a notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.crypto.keys import Key
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.evidence import store as evidence
from registry.takedown.notices.store import notices


def list_exhibits(service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID) -> dict[str, Any]:
    """Oldest first, with who brought each. Needs `takedown`. Raises `NotFound` (`unknown_campaign`,
    `unknown_notice`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        found = takedown.find_campaign(connection, caller, campaign_id)
        rows = notices.full(connection, caller.organization_id, [notice_id])
        if not rows or rows[0]["campaign_id"] != campaign_id:
            raise NotFound(f"There is no notice {notice_id} in that campaign.", code="unknown_notice")
        kept = evidence.exhibits(connection, [notice_id])
    key = takedown.keys(service).find(found["client_id"])
    return {"notice_id": str(notice_id), "exhibits": [shown(key, one) for one in kept]}


def shown(key: Key | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """An exhibit as it is shown; name and note are null once they were erased. `kept`: the file is, too."""
    said = takedown.open_sealed(key, row["sealed"], takedown.WORDS) or {}
    return {
        "exhibit_id": str(row["exhibit_id"]),
        "kind": row["kind"],
        "sha256": row["sha256"],
        "bytes": row["bytes"],
        "name": said.get("name"),
        "note": said.get("note"),
        "made_at": row["made_at"].isoformat() if row["made_at"] else None,
        "kept": row["kept"] and key is not None,
        "added_by": str(row["added_by"]),
        "caller": row["caller"],
        "added_at": row["added_at"].isoformat(),
    }
