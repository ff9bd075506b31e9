"""Reads notices for exports and statistics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.weeks import Weeks, WeekValue
from registry.takedown.notices.model.notice import Stand
from registry.takedown.notices.store.notices import StoredNotice

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


def weeks(connection: Connection, organization_id: UUID, last: Weeks, *, limit: int) -> list[WeekValue]:
    """Return the letters of the organization by week and outcome, at most the last `limit`."""
    parameters = last.parameters | {"organization_id": organization_id, "limit": limit}
    return [WeekValue(**row) for row in connection.execute(_SQL["weeks"], parameters)]
