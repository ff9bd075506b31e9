"""Which enrolled person is meant by an id?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.identity.callers.model import Caller
from registry.persons import store as persons


def find_person(
    connection: Connection, caller: Caller, person_id: UUID, *, lock: bool = False
) -> dict[str, Any]:
    """The row of a person of the caller's organization, locked if wanted. Needs `faces`.

    Raises `Forbidden`, `NotFound` (`unknown_person`): another organization's persons are not there.
    """
    caller.require("faces")
    find = persons.lock if lock else persons.show
    row = find(connection, caller.organization_id, person_id)
    if row is None:
        raise NotFound(
            f"There is no person {person_id} in your organization.",
            code="unknown_person",
            next_step="List them with GET /v1/persons or `fakeprint persons list`.",
        )
    return row


def may_enrol(caller: Caller) -> None:
    """Raise `Forbidden` unless the caller may enrol persons: scope `faces`, and role `register` (who keeps
    the registry) or `takedown` (who acts for people shown)."""
    caller.require("faces")
    caller.require_any("register", "takedown")
