"""Put a change on record, in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from registry.core import logs
from registry.core.audit.model.event import Actor, Event
from registry.core.audit.store import events
from registry.core.database.pool import Connection

_NOTHING: Final[Mapping[str, Any]] = {}


def record_event(
    connection: Connection,
    caller: Actor | None,
    kind: str,
    *,
    organization_id: UUID | None = None,
    entry_id: UUID | None = None,
    subject: Mapping[str, str | UUID] = _NOTHING,
    said: Mapping[str, Any] = _NOTHING,
) -> int:
    """The new event's id. `caller` None: the service itself. `organization_id`: whose event it is and who may
    read it, else the caller's. `said`: ids, codes, whole numbers and commitments
    (`core.audit.model.ledger.commit`),
    never a text; see `core.audit.model.event.Event`. The request's id comes from the log's bindings.
    """
    return events.record(
        connection, event(caller, kind, organization_id, entry_id, subject, said), request_id=_request_id()
    )


def record_events(connection: Connection, happened: Sequence[Event]) -> list[int]:
    """As `record_event` for many, in one statement; ids in the order given. Build them with `event`."""
    return events.record_all(connection, happened, request_id=_request_id()) if happened else []


def event(
    caller: Actor | None,
    kind: str,
    organization_id: UUID | None = None,
    entry_id: UUID | None = None,
    subject: Mapping[str, str | UUID] = _NOTHING,
    said: Mapping[str, Any] = _NOTHING,
) -> Event:
    """What `record_event` would put on record."""
    return Event(
        kind,
        organization_id=organization_id or (caller.organization_id if caller else None),
        caller_id=caller.caller_id if caller else None,
        entry_id=entry_id,
        subject=subject,
        said=said,
    )


def _request_id() -> str | None:
    bound = logs.fields().get("request_id")
    return str(bound)[:128] if bound else None
