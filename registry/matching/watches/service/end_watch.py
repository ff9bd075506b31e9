"""End a watch before its time."""

from __future__ import annotations

from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.watches import store as watches
from registry.matching.watches.service.show_watch import unknown


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
