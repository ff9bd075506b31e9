"""Forget a client."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.actions import takedown
from registry.actions.record_event import record_event
from registry.actions.service import Service
from registry.actions.show_client import show_client
from registry.domain.caller import Caller
from registry.store import campaigns


def erase_client(service: Service, caller: Caller, client_id: UUID) -> dict[str, Any]:
    """The client without its texts: its key is destroyed, so that names, addresses and places of its
    campaigns can be read nowhere, backups included, and its campaigns are closed. States and times stay.
    Twice, nothing more happens. Needs `takedown`. Raises `NotFound` (`unknown_client`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_client(connection, caller, client_id, lock=True)
        if campaigns.erase_client(connection, client_id, caller.caller_id):
            record_event(connection, caller, "client.erased", subject={"client_id": client_id})
    takedown.keys(service).destroy(client_id)
    return show_client(service, caller, client_id)
