"""Notices whose place had been cleared, and that are found again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class New:
    """That something was found again. `sealed`: its place, under the client's key; `digest`: 32 bytes that
    name it; `first_id`: the notice on which it had been removed; `notice_id`: the one about the place now."""

    campaign_id: UUID
    entry_id: UUID
    lookup_id: UUID
    asked_by: UUID
    via: str
    platform: str
    sealed: bytes
    digest: bytes
    verdict: str
    match: Mapping[str, Any]
    seen_time: datetime
    outcome: str
    why: str | None
    first_id: UUID
    notice_id: UUID | None
    caller_id: UUID | None


def take_turns(connection: Connection, campaign_id: UUID) -> None:
    """Nobody else deals with what was found again for the campaign until the transaction ends."""
    connection.execute(_SQL["take_turns"], {"campaign_id": campaign_id})


def removed(
    connection: Connection, campaign_id: UUID, platform: str, entry_ids: Sequence[UUID]
) -> list[dict[str, Any]]:
    """Notices of a campaign at a platform about these entries that it had removed at some time, in whichever
    state they are by now; the latest first."""
    parameters = {"campaign_id": campaign_id, "platform": platform, "entry_ids": list(entry_ids)}
    return connection.execute(_SQL["removed"], parameters).fetchall()


def at_place(connection: Connection, campaign_id: UUID, digest: bytes) -> list[dict[str, Any]]:
    """The campaign's notices of a place."""
    parameters = {"campaign_id": campaign_id, "digest": digest}
    return connection.execute(_SQL["at_place"], parameters).fetchall()


def used(
    connection: Connection, campaign_id: UUID, entry_id: UUID, lookup_id: UUID, verdict: str, digest: bytes
) -> dict[str, Any] | None:
    """What became of this proof, where it was used before."""
    given: dict[str, Any] = {"campaign_id": campaign_id, "entry_id": entry_id, "lookup_id": lookup_id}
    given |= {"verdict": verdict, "digest": digest}
    return connection.execute(_SQL["used"], given).fetchone()


def add(connection: Connection, new: New) -> UUID | None:
    """Its id; None where the proof was used, or a person is to decide about that place already."""
    given = {name: getattr(new, name) for name in New.__slots__} | {"match": Jsonb(dict(new.match))}
    row = connection.execute(_SQL["add"], given).fetchone()
    return row["return_id"] if row else None


def settle(
    connection: Connection,
    campaign_id: UUID,
    entry_id: UUID,
    digest: bytes,
    *,
    lookup_id: UUID,
    outcome: str,
    notice_id: UUID | None,
    caller_id: UUID | None,
) -> int:
    """What was proposed of that place is decided; how many proposals that were."""
    given: dict[str, Any] = {"campaign_id": campaign_id, "entry_id": entry_id, "digest": digest}
    given |= {"lookup_id": lookup_id, "outcome": outcome, "notice_id": notice_id, "caller_id": caller_id}
    return connection.execute(_SQL["settle"], given).rowcount


def page(
    connection: Connection,
    campaign_id: UUID,
    *,
    outcome: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """What was found again, the newest first, still sealed."""
    at, before_id = before or (None, None)
    given: dict[str, Any] = {"campaign_id": campaign_id, "outcome": outcome, "limit": limit}
    return connection.execute(_SQL["page"], given | {"at": at, "before_id": before_id}).fetchall()


def proposed(connection: Connection, campaign_id: UUID) -> int:
    """How many wait for a person."""
    row = connection.execute(_SQL["proposed"], {"campaign_id": campaign_id}).fetchone()
    return int(row["number"]) if row else 0


def show(connection: Connection, campaign_id: UUID, return_id: UUID) -> dict[str, Any] | None:
    """One of a campaign's."""
    given = {"campaign_id": campaign_id, "return_id": return_id}
    return connection.execute(_SQL["show"], given).fetchone()
