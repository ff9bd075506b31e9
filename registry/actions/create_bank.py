"""Open a bank."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from registry.actions.find_bank import as_id
from registry.actions.service import Service
from registry.domain import entry
from registry.domain.caller import Caller
from registry.domain.labels import label
from registry.errors import BadInput, Conflict
from registry.store import banks

_NAME: Final = re.compile(r"[^/]{1,100}\Z")


def create_bank(
    service: Service,
    caller: Caller,
    *,
    name: str,
    visibility: str = "public",
    policy: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A new bank of the caller's organization. Needs `admin`.

    Raises `BadInput` (`bad_label`, `bad_policy`, `bad_visibility`), `Conflict` (`bank_exists`).
    """
    caller.require("admin")
    name = label(name, "name", longest=100)
    if not _NAME.match(name):
        raise BadInput("A bank's name holds no slash.", code="bad_label")
    if as_id(name):
        raise BadInput("A bank's name does not look like an id.", code="bad_label")
    if visibility not in {"private", "public"}:
        raise BadInput("`visibility` is private or public.", code="bad_visibility")
    entry.policy(policy or {})
    with service.pool.transaction() as connection:
        row = banks.insert(
            connection,
            organization_id=caller.organization_id,
            name=name,
            visibility=visibility,
            policy=policy or {},
        )
    if row is None:
        raise Conflict(f"Your organization has a bank named {name!r} already.", code="bank_exists")
    return {**row, "bank_id": str(row["bank_id"]), "created_at": row["created_at"].isoformat()}
