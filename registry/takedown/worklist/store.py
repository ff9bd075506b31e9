"""Reads what waits for a person, over all campaigns of an organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.tally import MOST, Tally
from registry.takedown.delivery.model.delivery import Status
from registry.takedown.notices.model.notice import Stand
from registry.takedown.worklist.model import NEAR, Kind

_SQL = sql.load(__name__)
_LISTS: Final[dict[Kind, tuple[LiteralString, LiteralString]]] = {
    "due": (_SQL["due"], _SQL["count_due"]),
    "letters": (_SQL["letters"], _SQL["count_letters"]),
    "unsent": (_SQL["unsent"], _SQL["count_unsent"]),
    "recurrences": (_SQL["recurrences"], _SQL["count_recurrences"]),
    "reopened": (_SQL["reopened"], _SQL["count_reopened"]),
    "ready": (_SQL["ready"], _SQL["count_ready"]),
}


@dataclass(frozen=True, slots=True, repr=False)
class StoredItem:
    """A waiting item. `campaign_sealed`, `place_sealed`: encrypted under the client's key."""

    item_id: UUID
    campaign_id: UUID
    notice_id: UUID
    client_id: UUID
    campaign_sealed: bytes
    title: str
    platform: str
    place_sealed: bytes
    at: datetime
    stands: Stand | None
    status: Status | None


def page(
    connection: Connection,
    organization_id: UUID,
    kind: Kind,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[StoredItem]:
    """Return waiting items, most urgent first."""
    at, after_id = after or (None, None)
    parameters: dict[str, Any] = {"organization_id": organization_id, "near": NEAR}
    parameters |= {"at": at, "after_id": after_id, "limit": limit}
    return [StoredItem(**row) for row in connection.execute(_LISTS[kind][0], parameters)]


def count(connection: Connection, organization_id: UUID, kind: Kind) -> Tally:
    """Count the waiting items, up to a limit."""
    parameters = {"organization_id": organization_id, "near": NEAR, "limit": MOST}
    row = connection.execute(_LISTS[kind][1], parameters).fetchone()
    return Tally(**row) if row else Tally()
