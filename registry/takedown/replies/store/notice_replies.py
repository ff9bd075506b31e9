"""Stored replies to notices. Each is stored once and matched with the notice that it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.tally import MOST, Tally
from registry.takedown.replies.model.reply import MatchedBy, Names, Source, State

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class New:
    """A reply to be inserted. `notice_id` and `matched_by` None: it waits for a person."""

    reply_id: UUID
    digest: bytes
    source: Source
    notice_id: UUID | None
    matched_by: MatchedBy | None
    candidates: Sequence[UUID]
    automatic: bool
    key_id: UUID
    sealed: bytes
    said_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class StoredReply:
    """A reply. `sealed`: its content, encrypted; None once dismissed. `accepted_at`: of a statement."""

    reply_id: UUID
    organization_id: UUID
    digest: bytes
    source: Source
    state: State
    notice_id: UUID | None
    matched_by: MatchedBy | None
    candidates: list[UUID]
    automatic: bool
    key_id: UUID
    sealed: bytes | None
    said_at: datetime | None
    created_by: UUID
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    accepted_at: datetime | None


def named(connection: Connection, organization_id: UUID, names: Names) -> list[tuple[UUID, UUID, MatchedBy]]:
    """Return the sent notices of the organization that are named, with their client and the kind of
    identifier."""
    parameters: dict[str, Any] = {"organization_id": organization_id, "notices": list(names.notices)}
    parameters |= {"deliveries": list(names.deliveries), "tokens": list(names.tokens)}
    rows = connection.execute(_SQL["named"], parameters)
    return [(row["notice_id"], row["client_id"], row["named_by"]) for row in rows]


def add(connection: Connection, new: New, *, organization_id: UUID, caller_id: UUID) -> bool:
    """Insert a reply; return False if it exists already."""
    parameters = {name: getattr(new, name) for name in New.__slots__} | {"candidates": list(new.candidates)}
    parameters |= {"organization_id": organization_id, "caller_id": caller_id}
    return connection.execute(_SQL["add"], parameters).fetchone() is not None


def find(connection: Connection, organization_id: UUID, reply_id: UUID) -> dict[str, Any] | None:
    """Return the `source` of a reply of the organization, and the `notice_id` that it answers now."""
    parameters = {"organization_id": organization_id, "reply_id": reply_id}
    return connection.execute(_SQL["find"], parameters).fetchone()


def lock(connection: Connection, organization_id: UUID, reply_id: UUID) -> StoredReply | None:
    """Lock a reply of the organization and return it."""
    parameters = {"organization_id": organization_id, "reply_id": reply_id}
    row = connection.execute(_SQL["lock"], parameters).fetchone()
    return StoredReply(**row) if row else None


def match(
    connection: Connection, reply_id: UUID, *, notice_id: UUID, key_id: UUID, sealed: bytes, caller_id: UUID
) -> None:
    """Record the notice that a person has matched the reply with."""
    parameters: dict[str, Any] = {"reply_id": reply_id, "notice_id": notice_id, "key_id": key_id}
    connection.execute(_SQL["match"], parameters | {"sealed": sealed, "caller_id": caller_id})


def dismiss(connection: Connection, reply_id: UUID, caller_id: UUID) -> None:
    """Dismiss a reply and delete its content."""
    connection.execute(_SQL["dismiss"], {"reply_id": reply_id, "caller_id": caller_id})


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    state: str | None,
    notice_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[StoredReply]:
    """Return replies, newest first."""
    at, after_id = after or (None, None)
    parameters: dict[str, Any] = {"organization_id": organization_id, "state": state, "notice_id": notice_id}
    parameters |= {"at": at, "after_id": after_id, "limit": limit}
    return [StoredReply(**row) for row in connection.execute(_SQL["page"], parameters)]


def count_unmatched(connection: Connection, organization_id: UUID) -> Tally:
    """Count the organization's unmatched replies."""
    parameters = {"organization_id": organization_id, "limit": MOST}
    row = connection.execute(_SQL["unmatched"], parameters).fetchone()
    return Tally(**row) if row else Tally()


def of_closed(connection: Connection) -> list[UUID]:
    """Return closed organizations with unmatched replies."""
    return [row["organization_id"] for row in connection.execute(_SQL["of_closed"])]


def delete_unmatched(connection: Connection, organization_id: UUID) -> None:
    """Delete the replies of a closed organization that are not encrypted under a client's key."""
    connection.execute(_SQL["delete_unmatched"], {"organization_id": organization_id})


def waiting(
    connection: Connection, organization_id: UUID, after: UUID, *, limit: int = 500
) -> list[dict[str, Any]]:
    """Return a page of the replies that wait for a person, still encrypted. Start with `after` UUID(int=0).

    Each row has `reply_id`, `sealed` and `clients`, the clients whose notices it may answer.
    """
    parameters = {"organization_id": organization_id, "after": after, "limit": limit}
    return connection.execute(_SQL["waiting"], parameters).fetchall()


def delete_content(connection: Connection, organization_id: UUID, reply_ids: Sequence[UUID]) -> int:
    """Delete the content of these replies, if they still wait for a person; return their number."""
    parameters = {"organization_id": organization_id, "reply_ids": list(reply_ids)}
    return connection.execute(_SQL["delete_content"], parameters).rowcount
