"""Change what a notice says of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import model as campaign
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.service.show_notice import show_notice
from registry.takedown.notices.store import notices


def change_notice(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, *, elements: Mapping[str, Any]
) -> dict[str, Any]:
    """The notice with these elements of its own, in place of those it had; one that is ready becomes a draft
    again. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `wrong_state`,
    `client_erased`), `BadInput` (`bad_element`, `bad_label`).
    """
    caller.require("takedown")
    said = campaign.elements(elements)
    with service.pool.transaction() as connection:
        found = takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = takedown.key_of(service, found["client_id"])
        rows = takedown.lock_notices(connection, caller, campaign_id, [notice_id])
        takedown.editable(connection, caller, rows)
        sealed, bound = takedown.seal(key, said, takedown.ELEMENTS)
        notices.set_elements(connection, notice_id, sealed)
        record_event(
            connection,
            caller,
            "notice.changed",
            entry_id=rows[0]["entry_id"],
            subject={"notice_id": notice_id, "campaign_id": campaign_id},
            said={"elements": bound.digest},
        )
    return show_notice(service, caller, campaign_id, notice_id)
