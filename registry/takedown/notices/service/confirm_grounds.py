"""A person stands for it that the fake is where notices say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.core.audit.service.record_event import event, record_events
from registry.core.errors import BadInput, Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.model import MOST_AT_ONCE
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import Ground
from registry.takedown.notices.store import notices


def confirm_grounds(
    service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID], ground: Ground
) -> dict[str, Any]:
    """Confirm of each of these notices, by name, that a lookup matched what is there (`match`), or that one
    has `seen` it there. All of them, or none. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `wrong_state`,
    `ground_refused` where a lookup says otherwise, or there was none), `BadInput` (`which_notices`).
    """
    caller.require("takedown")
    wanted = named(notice_ids)
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        rows = takedown.lock_notices(connection, caller, campaign_id, wanted)
        refused = [row for row in rows if not notice.may_stand(row["verdict"], ground)]
        if refused:
            said = refused[0]["verdict"] or "there was none"
            raise Conflict(
                f"The ground `{ground}` does not stand for {len(refused)} notices: of "
                f"{refused[0]['notice_id']} a lookup says: {said}.",
                code="ground_refused",
                next_step="Leave them away, or look up what is there and attach the match.",
                extra={"notice_ids": [str(row["notice_id"]) for row in refused[:100]]},
            )
        takedown.editable(connection, caller, rows)
        notices.confirm(connection, wanted, ground, caller.caller_id)
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.confirmed",
                    entry_id=row["entry_id"],
                    subject={"notice_id": row["notice_id"], "campaign_id": campaign_id},
                    said={"ground": ground, "verdict": row["verdict"]},
                )
                for row in rows
            ],
        )
    return {"confirmed": len(rows), "ground": ground}


def named(notice_ids: Sequence[UUID]) -> list[UUID]:
    """The notices that are meant, each once. Raises `BadInput` (`which_notices`) for none, or too many."""
    wanted = list(dict.fromkeys(notice_ids))
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise BadInput(f"Name 1 to {MOST_AT_ONCE} notices.", code="which_notices")
    return wanted
