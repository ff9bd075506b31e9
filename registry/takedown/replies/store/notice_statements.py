"""Stored statements of reasons, and look-ups of the notices that they concern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.takedown.regimes.model.classification import FakeMedia
from registry.takedown.replies.model.reply import MatchedBy
from registry.takedown.replies.store.notice_replies import StoredReply

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class New:
    """The enumerated fields of a statement, stored in the clear beside its encrypted reply."""

    reply_id: UUID
    platform: str | None
    puid_digest: bytes
    content_digest: bytes
    outcome: str
    ground: str
    category: str
    keywords: Sequence[str]
    source_type: str
    automated_detection: bool
    automated_decision: str
    applied_on: date


def lock_number(connection: Connection, puid_digest: bytes) -> None:
    """Lock a statement's number until the transaction ends."""
    connection.execute(_SQL["lock_number"], {"puid_digest": puid_digest})


def same_number(
    connection: Connection, organization_id: UUID, puid_digest: bytes, platform: str | None
) -> dict[str, Any] | None:
    """Return the statement with that number, of this platform or of an unknown one."""
    parameters: dict[str, Any] = {"organization_id": organization_id, "puid_digest": puid_digest}
    return connection.execute(_SQL["same_number"], parameters | {"platform": platform}).fetchone()


def add(connection: Connection, new: New, organization_id: UUID) -> None:
    """Insert a statement."""
    parameters = {name: getattr(new, name) for name in New.__slots__} | {"keywords": list(new.keywords)}
    connection.execute(_SQL["add"], parameters | {"organization_id": organization_id})


def clients(connection: Connection, organization_id: UUID) -> list[UUID]:
    """Return the organization's clients for whom notices were sent."""
    parameters = {"organization_id": organization_id}
    return [row["client_id"] for row in connection.execute(_SQL["clients"], parameters)]


def at_places(
    connection: Connection, organization_id: UUID, digests: Sequence[bytes]
) -> list[tuple[UUID, UUID, MatchedBy]]:
    """Return the organization's sent notices about one of these places, in the form of
    `notice_replies.named`."""
    parameters: dict[str, Any] = {"organization_id": organization_id, "digests": list(digests)}
    rows = connection.execute(_SQL["at_places"], parameters)
    return [(row["notice_id"], row["client_id"], "place") for row in rows]


def platforms(connection: Connection, notice_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return the platform that each notice goes to."""
    rows = connection.execute(_SQL["platforms"], {"notice_ids": list(notice_ids)})
    return {row["notice_id"]: row["platform"] for row in rows}


def accept(connection: Connection, reply_id: UUID, caller_id: UUID) -> None:
    """Record that a person has accepted the statement."""
    connection.execute(_SQL["accept"], {"reply_id": reply_id, "caller_id": caller_id})


def of_notice(connection: Connection, notice_id: UUID) -> list[StoredReply]:
    """Return the statements that answer a notice, oldest first."""
    return [StoredReply(**row) for row in connection.execute(_SQL["of_notice"], {"notice_id": notice_id})]


def counts(connection: Connection, campaign_id: UUID) -> list[dict[str, Any]]:
    """Count the statements about a campaign's notices by decision and by degree of automation."""
    return connection.execute(_SQL["counts"], {"campaign_id": campaign_id}).fetchall()


def media(connection: Connection, notice_ids: Sequence[UUID]) -> Mapping[UUID, FakeMedia]:
    """Return how the fakes of notices were made, and the kinds of their media."""
    rows = connection.execute(_SQL["media"], {"notice_ids": list(notice_ids)})
    return {row["notice_id"]: FakeMedia(row["manipulation"], row["kinds"]) for row in rows}
