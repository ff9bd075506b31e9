"""A person has looked at addresses that are easily taken for others, and stands for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.core.audit.service.record_event import event, record_events
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.service.confirm_grounds import named
from registry.takedown.notices.store import notices


def confirm_addresses(
    service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]
) -> dict[str, Any]:
    """Confirm of each of these notices, by name, that its address is the one that is meant; what it is marked
    for (`url_list.LOOKED_AT`) hinders it no more. All of them, or none. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `client_erased`,
    `wrong_state`), `BadInput` (`which_notices`).
    """
    caller.require("takedown")
    wanted = named(notice_ids)
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = takedown.key_of(service, campaign["client_id"])
        rows = takedown.lock_notices(connection, caller, campaign_id, wanted)
        for row in rows:
            takedown.require_editable(row)
        notices.confirm_addresses(connection, wanted, caller.caller_id)
        marked = [row for row in rows if row["address_marks"]]
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.address_confirmed",
                    entry_id=row["entry_id"],
                    subject={"notice_id": row["notice_id"], "campaign_id": campaign_id},
                    said={"marks": row["address_marks"], "place": row["place_digest"]},
                )
                for row in marked
            ],
        )
    places = {
        row["notice_id"]: takedown.open_sealed(key, row["place_sealed"], takedown.PLACE) or {}
        for row in marked
    }
    return {
        "confirmed": len(marked),
        "unmarked": len(rows) - len(marked),
        "addresses": [
            {
                "notice_id": str(row["notice_id"]),
                "url": places[row["notice_id"]].get("url"),
                "marks": row["address_marks"],
            }
            for row in marked[:1000]
        ],
    }
