"""Reads notices for exports and statistics; stores releases of campaigns to recipients."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.takedown.notices.model.notice import Stand
from registry.takedown.notices.store.notices import StoredNotice
from registry.takedown.reports import model as lumen

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class ExportedNotice(StoredNotice):
    """A notice with its last move, last letter, breach and statement of reasons; texts are encrypted.

    `since`: the time of the last move. `manipulation`, `kinds`: how the fake was made, kinds of its media.
    """

    stands: Stand
    reason_code: str
    since: datetime
    words_sealed: bytes | None
    token: str | None
    channel: str | None
    handed_at: datetime | None
    proof_sha256: bytes | None
    delivered_at: datetime | None
    receipt_sha256: bytes | None
    written_sealed: bytes | None
    breach: str | None
    breached_at: datetime | None
    outcome: str | None
    statement_ground: str | None
    automated_decision: str | None
    contested_at: datetime | None
    manipulation: str | None
    kinds: list[str]


@dataclass(frozen=True, slots=True)
class NewRelease:
    """A release to be inserted: which fields `recipient` may see until `valid_until`."""

    release_id: UUID
    organization_id: UUID
    campaign_id: UUID
    recipient: str
    fields: list[lumen.Field]
    valid_until: datetime
    caller_id: UUID


def page(
    connection: Connection,
    campaign_id: UUID,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
    written: bool = False,
) -> list[ExportedNotice]:
    """Return notices of a campaign with their results, oldest first, still encrypted.

    `written`: include the letters, which are most of the data.
    """
    at, after_id = after or (None, None)
    parameters: dict[str, Any] = {"campaign_id": campaign_id, "at": at, "after_id": after_id, "limit": limit}
    parameters["written"] = written
    return [ExportedNotice(**row) for row in connection.execute(_SQL["page"], parameters)]


def statistics(
    connection: Connection, organization_id: UUID, *, campaign_id: UUID | None, by: str, zone: str
) -> list[dict[str, Any]]:
    """Return the results of letters, grouped by platform, regime, week or month, or as a `total`."""
    parameters: dict[str, Any] = {"organization_id": organization_id, "campaign_id": campaign_id}
    return connection.execute(_SQL["statistics"], parameters | {"by": by, "zone": zone}).fetchall()


def knows_zone(connection: Connection, zone: str) -> bool:
    """Return whether the database knows a time zone of that name."""
    return connection.execute(_SQL["knows_zone"], {"zone": zone}).fetchone() is not None


def release(connection: Connection, new: NewRelease) -> None:
    """Insert a release to a recipient."""
    connection.execute(_SQL["release"], asdict(new))


def releases(connection: Connection, campaign_id: UUID) -> list[dict[str, Any]]:
    """Return the releases of a campaign, newest first."""
    return connection.execute(_SQL["releases"], {"campaign_id": campaign_id}).fetchall()


def released_fields(connection: Connection, campaign_id: UUID, recipient: str) -> set[str]:
    """Return the fields that are released to a recipient now."""
    rows = connection.execute(_SQL["released_fields"], {"campaign_id": campaign_id, "recipient": recipient})
    return {row["field"] for row in rows}


def revoke(connection: Connection, campaign_id: UUID, release_id: UUID, caller_id: UUID) -> str | None:
    """Revoke a release and return its recipient; None if no such release is in force."""
    parameters: dict[str, Any] = {"campaign_id": campaign_id, "release_id": release_id}
    row = connection.execute(_SQL["revoke"], parameters | {"caller_id": caller_id}).fetchone()
    return str(row["recipient"]) if row else None
