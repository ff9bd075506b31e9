"""List what a bank holds, for those who may."""

from __future__ import annotations

from typing import Any

from registry.catalogue.banks.model import policy
from registry.catalogue.banks.service.find_bank import find_bank
from registry.catalogue.banks.store import banks
from registry.catalogue.entries.service.list_entries import paged
from registry.catalogue.entries.store import entries
from registry.core import cursor
from registry.core.errors import Forbidden
from registry.core.service import Service
from registry.identity.callers.model import Caller


def list_bank_entries(
    service: Service,
    caller: Caller,
    name: str,
    *,
    status: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """The bank's entries, newest first; `next` continues where this page ends. Of another organization's
    bank those that answer, where it is shared with the caller's by name and its policy says
    `subscribers_list`. Needs `register`, `review` or `admin`: whoever only asks lists nothing.

    Raises `Forbidden` (also `not_listed`), `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`),
    `BadInput` (`bad_cursor`).
    """
    caller.require_any("register", "review", "admin")
    with service.pool.transaction() as connection:
        found = find_bank(connection, caller, name)
        assert found is not None  # noqa: S101 - a name was given
        if not found.own:
            row = banks.show(connection, caller.organization_id, found.bank_id)
            if not (row["shared"] and policy(row["policy"]).subscribers_list):
                raise Forbidden(
                    "The bank answers lookups; its entries are not listed for others.",
                    code="not_listed",
                    next_step="Ask its owner: the policy setting `subscribers_list`, and a share by name.",
                )
        rows = entries.page(
            connection,
            caller.organization_id,
            cases=caller.sees_cases,
            bank_id=found.bank_id,
            status=status,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
            listed=not found.own,
        )
    return paged(rows, limit)
