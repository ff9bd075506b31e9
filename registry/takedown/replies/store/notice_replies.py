"""What came back to notices: kept once, and matched with the notice that it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.takedown.replies.model.reply import Names

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class New:
    """A reply to be kept. `notice_id` and `matched_by` None: it waits for a person."""

    reply_id: UUID
    digest: bytes
    source: str
    notice_id: UUID | None
    matched_by: str | None
    candidates: Sequence[UUID]
    automatic: bool
    key_id: UUID
    sealed: bytes
    said_at: datetime | None


def named(connection: Connection, organization_id: UUID, names: Names) -> list[tuple[UUID, UUID, str]]:
    """The notices of the organization that are named, with their client, and by what; only of those that
    were sent."""
    parameters: dict[str, Any] = {"organization_id": organization_id, "notices": list(names.notices)}
    parameters |= {"deliveries": list(names.deliveries), "tokens": list(names.tokens)}
    rows = connection.execute(_SQL["named"], parameters)
    return [(row["notice_id"], row["client_id"], row["named_by"]) for row in rows]


def add(connection: Connection, new: New, *, organization_id: UUID, caller_id: UUID) -> bool:
    """Keep it; False where it is there already."""
    parameters = {name: getattr(new, name) for name in New.__slots__} | {"candidates": list(new.candidates)}
    parameters |= {"organization_id": organization_id, "caller_id": caller_id}
    return connection.execute(_SQL["add"], parameters).fetchone() is not None


def find(connection: Connection, organization_id: UUID, reply_id: UUID) -> dict[str, Any] | None:
    """`source` of a reply of the organization, and the `notice_id` that it answers now."""
    parameters = {"organization_id": organization_id, "reply_id": reply_id}
    return connection.execute(_SQL["find"], parameters).fetchone()


def lock(connection: Connection, organization_id: UUID, reply_id: UUID) -> dict[str, Any] | None:
    """A reply of the organization, which nobody else changes."""
    parameters = {"organization_id": organization_id, "reply_id": reply_id}
    return connection.execute(_SQL["lock"], parameters).fetchone()


def match(
    connection: Connection, reply_id: UUID, *, notice_id: UUID, key_id: UUID, sealed: bytes, caller_id: UUID
) -> None:
    """A person says which notice it answers."""
    parameters: dict[str, Any] = {"reply_id": reply_id, "notice_id": notice_id, "key_id": key_id}
    connection.execute(_SQL["match"], parameters | {"sealed": sealed, "caller_id": caller_id})


def dismiss(connection: Connection, reply_id: UUID, caller_id: UUID) -> None:
    """It is none; what it said is forgotten."""
    connection.execute(_SQL["dismiss"], {"reply_id": reply_id, "caller_id": caller_id})


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    state: str | None,
    notice_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Replies, newest first."""
    at, after_id = after or (None, None)
    parameters: dict[str, Any] = {"organization_id": organization_id, "state": state, "notice_id": notice_id}
    return connection.execute(
        _SQL["page"], parameters | {"at": at, "after_id": after_id, "limit": limit}
    ).fetchall()


def of_closed(connection: Connection) -> list[UUID]:
    """Organizations that were closed and have replies that wait."""
    return [row["organization_id"] for row in connection.execute(_SQL["of_closed"])]


def forget(connection: Connection, organization_id: UUID) -> None:
    """Forget a closed organization's replies that no client's key seals."""
    connection.execute(_SQL["forget"], {"organization_id": organization_id})


def waiting(
    connection: Connection, organization_id: UUID, after: UUID, *, limit: int = 500
) -> list[dict[str, Any]]:
    """A page of those that wait for a person, still sealed: `reply_id`, `sealed`, and `clients`, whose
    notices each may answer. Begin after UUID(int=0)."""
    parameters = {"organization_id": organization_id, "after": after, "limit": limit}
    return connection.execute(_SQL["waiting"], parameters).fetchall()


def forget_these(connection: Connection, organization_id: UUID, reply_ids: Sequence[UUID]) -> int:
    """What these said is gone, of those that still wait for a person; how many."""
    parameters = {"organization_id": organization_id, "reply_ids": list(reply_ids)}
    return connection.execute(_SQL["forget_these"], parameters).rowcount
