"""Record for whom removals are asked for."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from registry.core.audit.service.record_event import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.model import Client
from registry.takedown.campaigns.service import takedown
from registry.takedown.clients.service.show_client import show_client


def record_client(service: Service, caller: Caller, who: Client) -> dict[str, Any]:
    """The client; all that is personal is sealed under a key of its own. Needs `takedown`. Raises `BadInput`
    (`bad_label`, `bad_email`)."""
    caller.require("takedown")
    record = who.record()
    client_id = uuid4()
    with takedown.keys(service).making(client_id) as key, service.pool.transaction() as connection:
        sealed, bound = takedown.seal(key, record, takedown.CLIENT)
        campaigns.add_client(
            connection,
            client_id=client_id,
            organization_id=caller.organization_id,
            caller_id=caller.caller_id,
            sealed=sealed,
        )
        record_event(
            connection,
            caller,
            "client.recorded",
            subject={"client_id": client_id},
            said={"record": bound.digest},
        )
    return show_client(service, caller, client_id)
