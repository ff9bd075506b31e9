"""List the letters of a campaign: which were handed over or delivered, and which wait for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.model.delivery import Status, Way


def list_notice_deliveries(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    status: Status | None = None,
    channel: Way | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """A page of a campaign's deliveries, oldest first; those by `paper` that are `waiting` are to be printed.
    Needs `takedown`. Raises `NotFound` (`unknown_campaign`), `BadInput` (`bad_cursor`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id)
        rows = notice_deliveries.page(
            connection,
            caller.organization_id,
            campaign_id,
            status=status,
            channel=channel,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more = len(rows) > limit
    rows = rows[:limit]
    ends = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["delivery_id"]) if more else None
    return {"deliveries": [shown(row) for row in rows], "next": ends}


def show_notice_delivery(service: Service, caller: Caller, delivery_id: UUID) -> dict[str, Any]:
    """A delivery of the caller's organization with its attempts. Needs `takedown`. Raises `NotFound`
    (`unknown_delivery`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = notice_deliveries.show(connection, caller.organization_id, delivery_id)
        attempts = notice_deliveries.attempts(connection, delivery_id) if row else []
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id} of your organization.", code="unknown_delivery")
    return shown(row) | {"made": [attempt(one) for one in attempts]}


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A delivery as it is shown."""
    tried_again = row["status"] == "waiting" and row["channel"] != "paper"
    return {
        "delivery_id": str(row["delivery_id"]),
        "notice_id": str(row["notice_id"]),
        "campaign_id": str(row["campaign_id"]),
        "kind": row["kind"],
        "platform": row["platform"],
        "regime": row["regime"],
        "channel": row["channel"],
        "address": row["address"],
        "language": row["language"],
        "reference": f"FP-{row['token']}",
        "status": row["status"],
        "attempts": row["attempts"],
        "outcome": row["outcome"],
        "response_code": row["response_code"],
        "next_at": _text(row["next_at"]) if tried_again else None,
        "created_at": _text(row["created_at"]),
        "handed_at": _text(row["handed_at"]),
        "delivered_at": _text(row["delivered_at"]),
        "decided_at": _text(row["decided_at"]),
        "decided_by": row["decider"],
        "proof_sha256": row["proof_sha256"].hex() if row["proof_sha256"] else None,
        "receipt_by": row["receipt_giver"],
        "receipt_sha256": row["receipt_sha256"].hex() if row["receipt_sha256"] else None,
        "content_sha256": row["content_sha256"].hex(),
    }


def attempt(row: Mapping[str, Any]) -> dict[str, Any]:
    """An attempt as it is shown."""
    meaning = delivery.OUTCOMES.get(row["outcome"]) if row["outcome"] else None
    times = {"at": _text(row["at"]), "ended_at": _text(row["ended_at"])}
    said = {"outcome": row["outcome"], "meaning": meaning, "response_code": row["response_code"]}
    return {"attempt": row["attempt_no"], **times, **said}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
