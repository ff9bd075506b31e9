"""Take out of a kept answer what entries say that its organization may not see any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.store import entries
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller

NOTE: Final = "entry_gone"


def conceal_gone(connection: Connection, caller: Caller, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer as `GET /v1/lookups` shows it: verdict and ids stay as they were told; title, bank, action,
    origin and references of entries that were withdrawn, disputed or hidden since do not. A note says so."""
    wanted = {UUID(one["entry_id"]) for one in answer.get("matches", ()) if one["entry_id"]}
    seen = entries.visible(connection, caller.organization_id, wanted) if wanted else wanted
    if len(seen) == len(wanted):
        return dict(answer)
    matches = [
        one if one["entry_id"] is None or UUID(one["entry_id"]) in seen else _bare(one)
        for one in answer["matches"]
    ]
    return {**answer, "matches": matches, "notes": [*answer["notes"], NOTE]}


def _bare(match: Mapping[str, Any]) -> dict[str, Any]:
    nothing = {"bank": None, "action": None, "provenance": None}
    return {**match, **nothing, "title": "", "foreign": [], "references": []}
