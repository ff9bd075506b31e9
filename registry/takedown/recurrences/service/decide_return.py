"""A person decides about a place where what had been removed may be again."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.platforms.service import platforms
from registry.takedown.recurrences import store as notice_returns
from registry.takedown.recurrences.service.bring_back import Finding, bring_back
from registry.takedown.recurrences.service.list_returns import shown

Decision = Literal["take", "dismiss"]


def decide_return(
    service: Service, caller: Caller, campaign_id: UUID, return_id: UUID, decision: Decision
) -> dict[str, Any]:
    """The return. `take`: its place is brought back, as where a person says that it is there; `dismiss`: it
    is not, or is none of the campaign's. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_return`, `nothing_removed`), `Conflict`
    (`campaign_closed`, `client_erased`, `already_decided`, `place_taken`), `BadInput` (as
    `platforms.place`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = takedown.key_of(service, campaign["client_id"])
        notice_returns.take_turns(connection, campaign_id)
        row = notice_returns.show(connection, campaign_id, return_id)
        if row is None:
            raise NotFound(f"There is no return {return_id} in that campaign.", code="unknown_return")
        if row["outcome"] != "proposed":
            raise Conflict(
                f"The return is {row['outcome']}.", code="already_decided", extra={"outcome": row["outcome"]}
            )
        if decision == "take":
            place = takedown.open_sealed(key, row["sealed"], takedown.PLACE) or {}
            found = Finding(
                organization_id=caller.organization_id,
                campaign_id=campaign_id,
                entry_id=row["entry_id"],
                address=platforms.place(place.get("url"), None, None),
                lookup_id=row["lookup_id"],
                asked_by=row["asked_by"],
                verdict=row["verdict"],
                match=row["match"],
                seen_time=row["seen_time"],
                via="person",
                caller_id=caller.caller_id,
            )
            bring_back(connection, key, found)
        else:
            notice_returns.settle(
                connection,
                campaign_id,
                row["entry_id"],
                row["place_digest"],
                lookup_id=row["lookup_id"],
                outcome="dismissed",
                notice_id=None,
                caller_id=caller.caller_id,
            )
        record_event(
            connection,
            caller,
            "notice.return_decided",
            entry_id=row["entry_id"],
            subject={"campaign_id": campaign_id, "return_id": return_id},
            said={"decision": decision},
        )
        decided = notice_returns.show(connection, campaign_id, return_id)
    return shown(key, decided or row)
