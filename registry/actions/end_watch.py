"""End a watch before its time."""

from __future__ import annotations

from uuid import UUID

from registry.actions.record_event import record_event
from registry.actions.service import Service
from registry.actions.show_watch import unknown
from registry.domain.caller import Caller
from registry.store import watches


def end_watch(service: Service, caller: Caller, watch_id: UUID) -> None:
    """Delete all that is kept of a watched lookup; the lookup's own answer stays. Needs `lookup`.

    Raises `NotFound` (`unknown_watch`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        lookup_id = watches.delete(connection, caller.organization_id, watch_id)
        if lookup_id is None:
            raise unknown(watch_id)
        record_event(
            connection, caller, "watch.ended", subject={"watch_id": watch_id, "lookup_id": lookup_id}
        )
