"""Store events in the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from registry.core.audit.model.event import Event
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def record(connection: Connection, event: Event, *, request_id: str | None) -> int:
    """Insert one event and return its id."""
    row = connection.execute(
        _SQL["record"],
        {
            "kind": event.kind,
            "organization_id": event.organization_id,
            "caller_id": event.caller_id,
            "request_id": request_id,
            "entry_id": event.entry_id,
            "subject": orjson.dumps(event.subject).decode(),
            "said": orjson.dumps(event.said).decode(),
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    event_id: int = row["event_id"]
    return event_id


def record_all(connection: Connection, events: Sequence[Event], *, request_id: str | None) -> list[int]:
    """Insert several events in one statement. Return their ids in the order given."""
    rows = connection.execute(
        _SQL["record_all"],
        {
            "request_id": request_id,
            "kinds": [event.kind for event in events],
            "organization_ids": [event.organization_id for event in events],
            "caller_ids": [event.caller_id for event in events],
            "entry_ids": [event.entry_id for event in events],
            "subjects": [orjson.dumps(event.subject).decode() for event in events],
            "saids": [orjson.dumps(event.said).decode() for event in events],
        },
    ).fetchall()
    return sorted(row["event_id"] for row in rows)


def dequeue_events(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Take rows of `event` off the queue for a position in the ledger, and return them."""
    return connection.execute(_SQL["take_waiting"], {"limit": limit}).fetchall()
