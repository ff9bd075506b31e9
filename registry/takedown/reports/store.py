"""Reads notices for exports and statistics; stores releases of campaigns to recipients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def page(
    connection: Connection,
    campaign_id: UUID,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
    written: bool = False,
) -> list[dict[str, Any]]:
    """Return notices of a campaign with their results, oldest first, still encrypted.

    `written`: include the letters, which are most of the data.
    """
    at, after_id = after or (None, None)
    parameters: dict[str, Any] = {"campaign_id": campaign_id, "at": at, "after_id": after_id, "limit": limit}
    parameters["written"] = written
    return connection.execute(_SQL["page"], parameters).fetchall()


def statistics(
    connection: Connection, organization_id: UUID, *, campaign_id: UUID | None, by: str, zone: str
) -> list[dict[str, Any]]:
    """Return the results of letters, grouped by platform, regime, week or month, or as a `total`."""
    parameters: dict[str, Any] = {"organization_id": organization_id, "campaign_id": campaign_id}
    return connection.execute(_SQL["statistics"], parameters | {"by": by, "zone": zone}).fetchall()


def knows_zone(connection: Connection, zone: str) -> bool:
    """Return whether the database knows a time zone of that name."""
    return connection.execute(_SQL["knows_zone"], {"zone": zone}).fetchone() is not None


def release(
    connection: Connection,
    release_id: UUID,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    recipient: str,
    fields: Sequence[str],
    valid_until: datetime,
    caller_id: UUID,
) -> None:
    """Insert a release to a recipient."""
    parameters: dict[str, Any] = {"release_id": release_id, "organization_id": organization_id}
    parameters |= {"campaign_id": campaign_id, "recipient": recipient, "fields": list(fields)}
    connection.execute(_SQL["release"], parameters | {"valid_until": valid_until, "caller_id": caller_id})


def releases(connection: Connection, campaign_id: UUID) -> list[dict[str, Any]]:
    """Return the releases of a campaign, newest first."""
    return connection.execute(_SQL["releases"], {"campaign_id": campaign_id}).fetchall()


def released(connection: Connection, campaign_id: UUID, recipient: str) -> set[str]:
    """Return the fields that are released to a recipient now."""
    rows = connection.execute(_SQL["released"], {"campaign_id": campaign_id, "recipient": recipient})
    return {row["field"] for row in rows}


def revoke(connection: Connection, campaign_id: UUID, release_id: UUID, caller_id: UUID) -> str | None:
    """Revoke a release and return its recipient; None if no such release is in force."""
    parameters: dict[str, Any] = {"campaign_id": campaign_id, "release_id": release_id}
    row = connection.execute(_SQL["revoke"], parameters | {"caller_id": caller_id}).fetchone()
    return str(row["recipient"]) if row else None
