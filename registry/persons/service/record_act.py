"""Put an act that concerns an enrolled person on record: beside the person, and in the ledger."""

from __future__ import annotations

from uuid import UUID

from registry.core.audit.model.event import Event
from registry.core.audit.service.record_event import record_events
from registry.core.database.pool import Connection
from registry.persons import store as persons


def record_act(
    connection: Connection,
    person_id: UUID,
    act: str,
    *,
    actor: str = "caller",
    caller_id: UUID | None = None,
    photo_id: UUID | None = None,
) -> None:
    """`act`: a code of `persons.model`. `actor`: caller, person (by the revocation code) or service."""
    kept = persons.record(connection, person_id, act, actor=actor, caller_id=caller_id, photo_id=photo_id)
    if kept is None:
        return
    organization_id, revision = kept
    subject = {"person_id": person_id} | ({"photo_id": photo_id} if photo_id else {})
    said = {"act": act, "actor": actor, "revision": revision}
    record_events(
        connection,
        [Event("person.changed", organization_id, caller_id, subject=subject, said=said)],
    )
