"""Release fields of a campaign to recipients of exports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from registry.core.audit.service import record_event
from registry.core.errors import BadTime
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import model
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.campaigns.errors import UnknownRelease
from registry.takedown.campaigns.schemas import Release, Releases
from registry.takedown.campaigns.service import access


def release_campaign(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    recipient: str,
    fields: Sequence[str],
    valid_until: datetime,
) -> Releases:
    """Release fields of a campaign to a recipient, and record it in the ledger. Needs `takedown`.

    Returns all releases of the campaign, newest first.

    Raises `NotFound` (`unknown_campaign`), `Conflict` (`client_erased`), `BadInput` (`bad_receiver`,
    `bad_release`, `bad_time`).
    """
    caller.require("takedown")
    name, released = model.recipient(recipient), model.released_fields(fields)
    ends = valid_until.astimezone(UTC) if valid_until.tzinfo else None
    now = datetime.now(UTC)
    if ends is None or not now < ends <= now + model.LONGEST_RELEASE:
        raise BadTime(
            "A release ends within a year, at a time with its offset.",
            next_step="Name one such as 2026-12-31T00:00:00+01:00.",
        )
    with service.pool.transaction() as connection:
        row = access.find_campaign(connection, caller, campaign_id)
        access.key_of(service, row.client_id)
        release_id = uuid4()
        new = campaign_store.NewRelease(
            release_id=release_id,
            organization_id=caller.organization_id,
            campaign_id=campaign_id,
            recipient=name,
            fields=released,
            valid_until=ends,
            caller_id=caller.caller_id,
        )
        campaign_store.add_release(connection, new)
        record_event(
            connection,
            caller,
            "campaign.released",
            subject={"campaign_id": campaign_id, "release_id": release_id},
            said={"recipient": name, "fields": released, "valid_until": ends.isoformat()},
        )
    return list_releases(service, caller, campaign_id)


def withhold_campaign(service: Service, caller: Caller, campaign_id: UUID, release_id: UUID) -> Releases:
    """Revoke a release and return the campaign's releases. Idempotent. Needs `takedown`.

    The recipient keeps the data received until then. Raises `NotFound` (`unknown_campaign`,
    `unknown_release`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id)
        if all(row["release_id"] != release_id for row in campaign_store.releases(connection, campaign_id)):
            raise UnknownRelease(f"The campaign has no release {release_id}.")
        recipient = campaign_store.revoke_release(connection, campaign_id, release_id, caller.caller_id)
        if recipient is not None:
            record_event(
                connection,
                caller,
                "campaign.withheld",
                subject={"campaign_id": campaign_id, "release_id": release_id},
                said={"recipient": recipient},
            )
    return list_releases(service, caller, campaign_id)


def list_releases(service: Service, caller: Caller, campaign_id: UUID) -> Releases:
    """List a campaign's releases and their recipients, newest first. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id)
        rows = campaign_store.releases(connection, campaign_id)
    return Releases(
        campaign_id=campaign_id, releases=[Release.from_row(row, caller_id=row["created_by"]) for row in rows]
    )
