"""Places where the media of lookups were seen, stored until they are followed up."""

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
    """Save a sighting. `seen_time`: None means now. Answers of its watch wait until the transaction ends."""
    connection.execute(_SQL["lock_watch"], {"lookup_id": lookup_id})
    parameters: dict[str, Any] = {"lookup_id": lookup_id, "organization_id": caller.organization_id}
    parameters |= {
        "caller_id": caller.caller_id,
        "platform": platform,
        "sealed": sealed,
        "seen_time": seen_time,
    }
    connection.execute(_SQL["keep"], parameters)


def is_kept(connection: Connection, lookup_id: UUID) -> bool:
    """Tell whether a lookup has a sighting. The follow-up waits until the transaction ends."""
    return connection.execute(_SQL["is_kept"], {"lookup_id": lookup_id}).fetchone() is not None


def move(connection: Connection, lookup_id: UUID, to: UUID) -> None:
    """Give a lookup's sighting to another lookup of the same file."""
    connection.execute(_SQL["move"], {"lookup_id": lookup_id, "to": to})


def lock_sighting(connection: Connection, lookup_id: UUID) -> dict[str, Any] | None:
    """Return the encrypted sighting, and lock it: no new answer is added until the transaction ends."""
    return connection.execute(_SQL["lock_sighting"], {"lookup_id": lookup_id}).fetchone()


def answers_to_sighting(connection: Connection, lookup_id: UUID) -> list[dict[str, Any]]:
    """Return `via` (lookup, watch) and `answer` of every answer to the lookup."""
    return connection.execute(_SQL["answers_to_sighting"], {"lookup_id": lookup_id}).fetchall()


def campaigns_of_sighting(
    connection: Connection, entry_ids: Sequence[UUID], platform: str, organization_id: UUID
) -> list[dict[str, Any]]:
    """Return campaigns that may receive the organization's finding on the platform, each with an entry."""
    parameters = {"entry_ids": list(entry_ids), "platform": platform, "organization_id": organization_id}
    return connection.execute(_SQL["campaigns_of_sighting"], parameters).fetchall()


def forget_sighting(connection: Connection, lookup_id: UUID) -> None:
    """Delete a sighting that was followed up."""
    connection.execute(_SQL["forget_sighting"], {"lookup_id": lookup_id})


def forget(connection: Connection, *, letter_days: int, media_days: int) -> int:
    """Delete sightings that nothing will follow up, and return their number.

    A sighting with an unhandled dead letter is kept for `letter_days`. If the lookup itself failed, it is
    kept for `media_days`, as its media is.
    """
    parameters = {"letter_days": letter_days, "media_days": media_days}
    return connection.execute(_SQL["forget"], parameters).rowcount


def list_sightings(
    connection: Connection, organization_id: UUID, after: UUID, *, limit: int = 1_000
) -> list[dict[str, Any]]:
    """Return a page of an organization's encrypted sightings. Begin with `after` UUID(int=0)."""
    parameters = {"organization_id": organization_id, "after": after, "limit": limit}
    return connection.execute(_SQL["list_sightings"], parameters).fetchall()


def forget_sightings(connection: Connection, organization_id: UUID, lookup_ids: Sequence[UUID]) -> int:
    """Delete the sightings of these lookups and return their number."""
    parameters = {"organization_id": organization_id, "lookup_ids": list(lookup_ids)}
    return connection.execute(_SQL["forget_sightings"], parameters).rowcount
