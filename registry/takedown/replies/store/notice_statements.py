"""Statements of reasons: which there are, and whom an address means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class New:
    """What of a statement is an enumeration, to be kept beside its reply."""

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
    """Nobody else takes a statement of that number until the transaction ends."""
    connection.execute(_SQL["lock_number"], {"puid_digest": puid_digest})


def same_number(
    connection: Connection, organization_id: UUID, puid_digest: bytes, platform: str | None
) -> dict[str, Any] | None:
    """The statement of that number of the platform, or of one of which nobody said whose it is."""
    parameters: dict[str, Any] = {"organization_id": organization_id, "puid_digest": puid_digest}
    return connection.execute(_SQL["same_number"], parameters | {"platform": platform}).fetchone()


def add(connection: Connection, new: New, organization_id: UUID) -> None:
    """Keep it."""
    parameters = {name: getattr(new, name) for name in New.__slots__} | {"keywords": list(new.keywords)}
    connection.execute(_SQL["add"], parameters | {"organization_id": organization_id})


def clients(connection: Connection, organization_id: UUID) -> list[UUID]:
    """Clients of the organization for whom notices were sent."""
    parameters = {"organization_id": organization_id}
    return [row["client_id"] for row in connection.execute(_SQL["clients"], parameters)]


def at_places(
    connection: Connection, organization_id: UUID, digests: Sequence[bytes]
) -> list[tuple[UUID, UUID, str]]:
    """Notices of the organization that were sent about one of these places, as `notice_replies.named`."""
    parameters: dict[str, Any] = {"organization_id": organization_id, "digests": list(digests)}
    rows = connection.execute(_SQL["at_places"], parameters)
    return [(row["notice_id"], row["client_id"], "place") for row in rows]


def platforms(connection: Connection, notice_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """To whom notices go."""
    rows = connection.execute(_SQL["platforms"], {"notice_ids": list(notice_ids)})
    return {row["notice_id"]: row["platform"] for row in rows}


def accept(connection: Connection, reply_id: UUID, caller_id: UUID) -> None:
    """A person has moved the notice by it."""
    connection.execute(_SQL["accept"], {"reply_id": reply_id, "caller_id": caller_id})


def of_notice(connection: Connection, notice_id: UUID) -> list[dict[str, Any]]:
    """The replies of a notice that are statements, oldest first."""
    return connection.execute(_SQL["of_notice"], {"notice_id": notice_id}).fetchall()


def counts(connection: Connection, campaign_id: UUID) -> list[dict[str, Any]]:
    """How many statements about a campaign's notices say what, and how far machines decided."""
    return connection.execute(_SQL["counts"], {"campaign_id": campaign_id}).fetchall()


def media(connection: Connection, notice_ids: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
    """How the fakes of notices were made (`manipulation`, None: not given) and of which `kinds` they are."""
    rows = connection.execute(_SQL["media"], {"notice_ids": list(notice_ids)})
    return {row.pop("notice_id"): row for row in rows}
