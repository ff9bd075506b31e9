"""Record the leave of whoever is depicted, or that it was taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import model as campaign
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.service import takedown
from registry.takedown.clients.service.show_client import show_client
from registry.takedown.notices.model.notice import GrantedBy


def record_mandate(
    service: Service,
    caller: Caller,
    client_id: UUID,
    *,
    granted_by: GrantedBy,
    document_sha256: str,
    valid_from: datetime,
    valid_until: datetime,
) -> dict[str, Any]:
    """The client with its mandates, the new one first. Needs `takedown`. Raises `NotFound`
    (`unknown_client`), `Conflict` (`client_erased`), `BadInput` (`bad_time`, `bad_sha256`,
    `mandate_expired`)."""
    caller.require("takedown")
    found = campaign.mandate(
        granted_by=granted_by,
        document_sha256=document_sha256,
        valid_from=valid_from,
        valid_until=valid_until,
        now=datetime.now(UTC),
    )
    with service.pool.transaction() as connection:
        takedown.find_client(connection, caller, client_id, lock=True)
        takedown.key_of(service, client_id)
        mandate_id = campaigns.add_mandate(
            connection,
            client_id=client_id,
            caller_id=caller.caller_id,
            granted_by=found.granted_by,
            document_sha256=found.document_sha256,
            valid_from=found.valid_from,
            valid_until=found.valid_until,
        )
        record_event(
            connection,
            caller,
            "mandate.recorded",
            subject={"client_id": client_id, "mandate_id": mandate_id},
            said={"document_sha256": found.document_sha256, "granted_by": found.granted_by},
        )
    return show_client(service, caller, client_id)


def revoke_mandate(service: Service, caller: Caller, client_id: UUID, mandate_id: UUID) -> dict[str, Any]:
    """The client; from this commit on nothing is sent by that mandate. Twice, nothing more happens. Needs
    `takedown`. Raises `NotFound` (`unknown_client`, `unknown_mandate`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_client(connection, caller, client_id, lock=True)
        if mandate_id not in {one["mandate_id"] for one in campaigns.mandates(connection, client_id)}:
            raise NotFound(f"The client has no mandate {mandate_id}.", code="unknown_mandate")
        if campaigns.revoke_mandate(connection, client_id, mandate_id, caller.caller_id):
            subject = {"client_id": client_id, "mandate_id": mandate_id}
            record_event(connection, caller, "mandate.revoked", subject=subject)
    return show_client(service, caller, client_id)
