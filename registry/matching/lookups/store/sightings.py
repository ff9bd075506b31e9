"""Where what lookups asked about was seen, until that was followed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller

_SQL = sql.load(__name__)


def keep(
    connection: Connection,
    lookup_id: UUID,
    caller: Caller,
    *,
    platform: str,
    sealed: bytes,
    seen_time: datetime | None,
) -> None:
    """Where it was seen; what is told of its watch waits until the transaction ends. None: now."""
    connection.execute(_SQL["lock_watch"], {"lookup_id": lookup_id})
    given: dict[str, Any] = {"lookup_id": lookup_id, "organization_id": caller.organization_id}
    given |= {"caller_id": caller.caller_id, "platform": platform, "sealed": sealed, "seen_time": seen_time}
    connection.execute(_SQL["keep"], given)


def is_kept(connection: Connection, lookup_id: UUID) -> bool:
    """Whether a lookup says where; whoever follows it waits until the transaction ends."""
    return connection.execute(_SQL["is_kept"], {"lookup_id": lookup_id}).fetchone() is not None


def lock(connection: Connection, lookup_id: UUID) -> dict[str, Any] | None:
    """The sighting, still sealed; nothing new is told of it until the transaction ends."""
    return connection.execute(_SQL["lock"], {"lookup_id": lookup_id}).fetchone()


def findings(connection: Connection, lookup_id: UUID) -> list[dict[str, Any]]:
    """`via` (lookup, watch) and `answer` of all that was answered to it."""
    return connection.execute(_SQL["findings"], {"lookup_id": lookup_id}).fetchall()


def campaigns(
    connection: Connection, entry_ids: Sequence[UUID], platform: str, organization_id: UUID
) -> list[dict[str, Any]]:
    """Campaigns that may be told what a lookup of the organization found there, each with an entry."""
    given = {"entry_ids": list(entry_ids), "platform": platform, "organization_id": organization_id}
    return connection.execute(_SQL["campaigns"], given).fetchall()


def let_go(connection: Connection, lookup_id: UUID) -> None:
    """It was followed."""
    connection.execute(_SQL["let_go"], {"lookup_id": lookup_id})


def forget(connection: Connection, *, letter_days: int, media_days: int) -> int:
    """Those that nobody follows any more; how many. One that has a dead letter which nobody has dealt with is
    kept for `letter_days`, or where the lookup itself failed for `media_days`, as its media is."""
    given = {"letter_days": letter_days, "media_days": media_days}
    return connection.execute(_SQL["forget"], given).rowcount


def of_organization(
    connection: Connection, organization_id: UUID, after: UUID, *, limit: int = 1_000
) -> list[dict[str, Any]]:
    """A page of what its lookups have said, still sealed. Begin after UUID(int=0)."""
    given = {"organization_id": organization_id, "after": after, "limit": limit}
    return connection.execute(_SQL["of_organization"], given).fetchall()


def forget_these(connection: Connection, organization_id: UUID, lookup_ids: Sequence[UUID]) -> int:
    """How many were forgotten."""
    given = {"organization_id": organization_id, "lookup_ids": list(lookup_ids)}
    return connection.execute(_SQL["forget_these"], given).rowcount
