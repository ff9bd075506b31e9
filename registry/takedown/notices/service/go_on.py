"""A person goes on with notices although their entry is disputed."""

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


def go_on(service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]) -> dict[str, Any]:
    """Say of each of these notices, by name, that it goes on although somebody disputes its entry and no
    reviewer has accepted or rejected that yet (`entry_disputed`). Who said so is on record with the disputes.
    A dispute that is opened later hinders it again, and so does one that is accepted. All of them, or none.
    Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`), `BadInput`
    (`which_notices`).
    """
    caller.require("takedown")
    wanted = named(notice_ids)
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        rows = takedown.lock_notices(connection, caller, campaign_id, wanted)
        disputes = notices.open_disputes(connection, [row["entry_id"] for row in rows])
        disputed = [row for row in rows if row["entry_id"] in disputes]
        notices.go_on_despite_dispute(connection, [row["notice_id"] for row in disputed], caller.caller_id)
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.despite_dispute",
                    entry_id=row["entry_id"],
                    subject={"notice_id": row["notice_id"], "campaign_id": campaign_id},
                    said={"disputes": disputes[row["entry_id"]]},
                )
                for row in disputed
            ],
        )
    return {
        "campaign_id": str(campaign_id),
        "gone_on": len(disputed),
        "undisputed": len(rows) - len(disputed),
        "disputes": sorted({str(one) for found in disputes.values() for one in found}),
    }
