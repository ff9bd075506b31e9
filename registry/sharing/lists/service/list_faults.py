"""Say what was wrong with the lines of a hash list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.lists.service.show_import import unknown_import
from registry.sharing.lists.store import imports


def list_faults(
    service: Service, caller: Caller, import_id: UUID, *, after: int = 0, limit: int = 1000
) -> list[dict[str, Any]]:
    """The faults after line `after`, in the order of lines: line, code, message, next_step. Needs `register`.

    Raises `NotFound` (`unknown_import`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        if imports.show(connection, caller.organization_id, import_id) is None:
            raise unknown_import()
        return imports.faults(connection, import_id, after=after, limit=limit)
