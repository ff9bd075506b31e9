"""Fetch a lookup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import MEDIA_CODES, BadMedia, FakeprintError, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.conceal_gone import conceal_gone
from registry.matching.lookups.store import lookups
from registry.persons.search import store as face_searches
from registry.persons.search.service import reveal_persons


class LookupFailed(FakeprintError):
    """The worker could not answer, for a reason that is not the media's."""

    status = 500
    default_code = "lookup_failed"
    title = "The lookup could not be answered"


def show_lookup(service: Service, caller: Caller, lookup_id: UUID) -> dict[str, Any]:
    """The answer, or `{"lookup_id", "status": "queued"}`. Needs `lookup`. Callers with the
    scope `faces` also see, by their id, enrolled persons whom the file shows and whose consent is in force.
    Of entries that are gone since, ids and verdicts alone are left.

    Raises `NotFound` (`unknown_lookup`), and what the worker met: `BadMedia` with its code, or
    `LookupFailed`.
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        row = lookups.show(connection, caller.organization_id, lookup_id)
        found = _persons(connection, caller, lookup_id)
        answer = conceal_gone(connection, caller, row["answer"]) if row and row["answer"] else {}
    if row is None:
        raise NotFound(f"There is no lookup {lookup_id} of your organization.", code="unknown_lookup")
    if row["status"] == "failed":
        extra = {"lookup_id": str(lookup_id)}
        if row["error_code"] in MEDIA_CODES:
            raise BadMedia(row["error_message"], code=row["error_code"], extra=extra)
        raise LookupFailed(row["error_message"], code=row["error_code"], extra=extra)
    if row["status"] == "queued":
        return {"lookup_id": str(lookup_id), "status": "queued"}
    return reveal_persons(service, answer, found)


def _persons(connection: Connection, caller: Caller, lookup_id: UUID) -> Mapping[UUID, bytes]:
    """Whom the lookup found, sealed; nobody for a caller who may not search faces."""
    if not caller.searches_faces:
        return {}
    return face_searches.matches(connection, caller.organization_id, lookup_id)
