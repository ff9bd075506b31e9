"""Record events in the same commit as the change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from registry.core import logs
from registry.core.audit.model.event import Actor, Event
from registry.core.audit.model.ledger import Commitment, commit
from registry.core.audit.store import events
from registry.core.crypto.keys import FolderKeys, Key
from registry.core.database.pool import Connection
from registry.core.service import Service

_NOTHING: Final[Mapping[str, Any]] = {}


def record_event(  # noqa: PLR0913  # the columns of an event
    connection: Connection,
    caller: Actor | None,
    kind: str,
    *,
    organization_id: UUID | None = None,
    entry_id: UUID | None = None,
    subject: Mapping[str, str | UUID] = _NOTHING,
    said: Mapping[str, Any] = _NOTHING,
) -> int:
    """Record an event and return its id. `caller` None: the service itself. `organization_id`: the owner of
    the event, who may read it; default: the caller's. `said`: ids, codes, integers and commitments
    (`core.audit.model.ledger.commit`), never texts; see `core.audit.model.event.Event`. The request id comes
    from the log's fields."""
    return events.record(
        connection, event(caller, kind, organization_id, entry_id, subject, said), request_id=_request_id()
    )


def record_events(connection: Connection, happened: Sequence[Event]) -> list[int]:
    """Record several events, built with `event`, in one statement. Return their ids in the order given."""
    return events.record_all(connection, happened, request_id=_request_id()) if happened else []


def event(
    caller: Actor | None,
    kind: str,
    organization_id: UUID | None = None,
    entry_id: UUID | None = None,
    subject: Mapping[str, str | UUID] = _NOTHING,
    said: Mapping[str, Any] = _NOTHING,
) -> Event:
    """Build the event that `record_event` would record."""
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


STATEMENT: Final = "statement"
ANSWER: Final = "answer"
REASONS: Final = "reasons"
"""Purposes of encrypted texts: a text opens only for its own purpose."""


def keys(service: Service) -> FolderKeys:
    """The keys of statements, stored beside those of persons. Raises `BadInput` (`bad_keys_url`)."""
    return service.keys.within("statements")


def pack(key: Key, value: Mapping[str, Any], purpose: str) -> tuple[bytes, Commitment]:
    """Encrypt a JSON object and return it with its commitment for the event. The salt is encrypted with the
    text."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    bound = commit(text)
    sealed = json.dumps({"salt": bound.salt.hex(), "text": text}, ensure_ascii=False)
    return key.seal(sealed.encode(), purpose), bound


def unpack(key: Key | None, sealed: bytes | None, purpose: str) -> dict[str, Any] | None:
    """Decrypt the result of `pack`; None if it was erased or never existed. Raises `Unavailable`
    (`sealed_damaged`)."""
    if key is None or sealed is None:
        return None
    value: dict[str, Any] = json.loads(json.loads(key.open(sealed, purpose))["text"])
    return value
