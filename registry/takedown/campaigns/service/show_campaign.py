"""Show a campaign: for whom, by whose leave, about what, and how its notices stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.crypto.keys import Key
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.model import MOST_NOTICES
from registry.takedown.campaigns.service import takedown
from registry.takedown.clients.service.show_client import mandate
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.recurrences import store as notice_returns
from registry.takedown.replies.store import notice_statements


def show_campaign(service: Service, caller: Caller, campaign_id: UUID) -> dict[str, Any]:
    """A campaign of the caller's organization. Needs `takedown`. Raises `NotFound` (`unknown_campaign`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = takedown.find_campaign(connection, caller, campaign_id)
        entries = campaigns.entries(connection, caller.organization_id, campaign_id)
        counts = campaigns.counts(connection, campaign_id)
        platforms = campaigns.platforms(connection, campaign_id)
        statements = notice_statements.counts(connection, campaign_id)
        proposed = notice_returns.proposed(connection, campaign_id)
        retractions = notice_deliveries.retractions_due(connection, campaign_id, limit=MOST_NOTICES)
    key = takedown.keys(service).find(row["client_id"])
    client = takedown.open_sealed(key, row["client_sealed"], takedown.CLIENT) or {}
    said = takedown.open_sealed(key, row["sealed"], takedown.CAMPAIGN) or {}
    return campaign(key, row) | {
        "client": {"name": client.get("name"), "depicted_name": client.get("depicted_name")},
        "mandate": mandate(row),
        "signatory": takedown.open_sealed(key, row["signatory_sealed"], takedown.SIGNATORY),
        "elements": said.get("elements", {}),
        "entries": [{**one, "entry_id": str(one["entry_id"])} for one in entries],
        "notices": counts,
        "platforms": platforms,
        "statements": statements,
        "returns_proposed": proposed,
        "retractions_due": len(retractions),
    }


def campaign(key: Key | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """A campaign as it is shown in a list. `key`: the client's."""
    said = takedown.open_sealed(key, row["sealed"], takedown.CAMPAIGN) or {}
    return {
        "campaign_id": str(row["campaign_id"]),
        "title": said.get("title"),
        "client_id": str(row["client_id"]),
        "mandate_id": str(row["mandate_id"]),
        "mandate_holds": row["holds"],
        "regimes": row["regimes"],
        "language": row["language"],
        "state": row["state"],
        "created_at": row["created_at"].isoformat(),
        "closed_at": row["closed_at"].isoformat() if row["closed_at"] else None,
    }
