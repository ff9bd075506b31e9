"""Stored recurrences: fakes found again after a platform had removed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.takedown.notices.model.notice import State
from registry.takedown.recurrences.schemas import Outcome, Via

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class New:
    """A recurrence to be inserted.

    `sealed`: its place, encrypted under the client's key. `digest`: 32 bytes that identify the place.
    `first_id`: the notice that led to the removal. `notice_id`: the notice that concerns the place now.
    """

    campaign_id: UUID
    entry_id: UUID
    lookup_id: UUID
    asked_by: UUID
    via: Via
    platform: str
    sealed: bytes
    digest: bytes
    verdict: str
    match: Mapping[str, Any]
    seen_time: datetime
    outcome: Outcome
    why: str | None
    first_id: UUID
    notice_id: UUID | None
    caller_id: UUID | None


@dataclass(frozen=True, slots=True, repr=False)
class StoredRecurrence:
    """A recurrence. `sealed`: its place, encrypted."""

    recurrence_id: UUID
    organization_id: UUID
    campaign_id: UUID
    entry_id: UUID
    lookup_id: UUID
    asked_by: UUID
    via: Via
    platform: str
    sealed: bytes
    place_digest: bytes
    verdict: str
    match: dict[str, Any]
    seen_time: datetime
    outcome: Outcome
    why: str | None
    first_id: UUID
    notice_id: UUID | None
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """A decision on the open proposals about a place. `digest`: of the place."""

    campaign_id: UUID
    entry_id: UUID
    digest: bytes
    lookup_id: UUID
    outcome: Outcome
    notice_id: UUID | None
    caller_id: UUID | None


@dataclass(frozen=True, slots=True)
class RemovedNotice:
    """A notice that its platform has removed at some time; its present `state` may be any."""

    notice_id: UUID
    entry_id: UUID
    regime: str
    state: State
    place_digest: bytes
    removed_at: datetime


def lock_campaign(connection: Connection, campaign_id: UUID) -> None:
    """Lock the recurrences of a campaign until the transaction ends."""
    connection.execute(_SQL["lock_campaign"], {"campaign_id": campaign_id})


def list_removed_notices(
    connection: Connection, campaign_id: UUID, platform: str, entry_ids: Sequence[UUID]
) -> list[RemovedNotice]:
    """Return the campaign's notices about these entries that the platform has removed, latest first."""
    parameters = {"campaign_id": campaign_id, "platform": platform, "entry_ids": list(entry_ids)}
    return [RemovedNotice(**row) for row in connection.execute(_SQL["list_removed_notices"], parameters)]


def at_place(connection: Connection, campaign_id: UUID, digest: bytes) -> list[dict[str, Any]]:
    """Return the campaign's notices about a place."""
    parameters = {"campaign_id": campaign_id, "digest": digest}
    return connection.execute(_SQL["at_place"], parameters).fetchall()


def find_by_lookup(
    connection: Connection, campaign_id: UUID, entry_id: UUID, lookup_id: UUID, verdict: str, digest: bytes
) -> dict[str, Any] | None:
    """Return the recurrence that used this lookup as proof before, or None."""
    parameters: dict[str, Any] = {"campaign_id": campaign_id, "entry_id": entry_id, "lookup_id": lookup_id}
    parameters |= {"verdict": verdict, "digest": digest}
    return connection.execute(_SQL["find_by_lookup"], parameters).fetchone()


def add(connection: Connection, new: New) -> UUID | None:
    """Insert a recurrence and return its id.

    Returns None if the proof was used already, or if a proposal for that place waits for a person.
    """
    parameters = {name: getattr(new, name) for name in New.__slots__} | {"match": Jsonb(dict(new.match))}
    row = connection.execute(_SQL["add"], parameters).fetchone()
    return row["recurrence_id"] if row else None


def settle(connection: Connection, settlement: Settlement) -> int:
    """Decide the open proposals about a place, and return their number."""
    return connection.execute(_SQL["settle"], asdict(settlement)).rowcount


def page(
    connection: Connection,
    campaign_id: UUID,
    *,
    outcome: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[StoredRecurrence]:
    """Return a page of recurrences, newest first, still encrypted."""
    at, before_id = before or (None, None)
    parameters: dict[str, Any] = {"campaign_id": campaign_id, "outcome": outcome, "limit": limit}
    rows = connection.execute(_SQL["page"], parameters | {"at": at, "before_id": before_id})
    return [StoredRecurrence(**row) for row in rows]


def count_proposed(connection: Connection, campaign_id: UUID) -> int:
    """Return the number of proposals that wait for a person."""
    row = connection.execute(_SQL["count_proposed"], {"campaign_id": campaign_id}).fetchone()
    return int(row["number"]) if row else 0


def find(connection: Connection, campaign_id: UUID, recurrence_id: UUID) -> StoredRecurrence | None:
    """Return a recurrence of a campaign."""
    parameters = {"campaign_id": campaign_id, "recurrence_id": recurrence_id}
    row = connection.execute(_SQL["find"], parameters).fetchone()
    return StoredRecurrence(**row) if row else None
