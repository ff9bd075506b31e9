"""Webhooks of organizations, and the encrypted secrets that sign their messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from registry import jobs
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.tally import Tally
from registry.identity.callers.model import Caller
from registry.sharing.webhooks import model

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a webhook's messages go, which kinds of events it receives, and whether they are sent."""

    url: str
    kinds: list[str]
    state: model.State


@dataclass(frozen=True, slots=True, repr=False)
class Endpoint:
    """The destination of messages. `sealed`: the signing secrets, newest first, encrypted with the webhook's
    key."""

    webhook_id: UUID
    organization_id: UUID
    url: str
    state: str
    sealed: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A webhook with the kinds of events that it receives."""

    webhook_id: UUID
    organization_id: UUID
    kinds: Sequence[str]
    state: str


def insert(connection: Connection, caller: Caller, webhook_id: UUID, url: str, kinds: Sequence[str]) -> bool:
    """Insert a webhook of the caller's organization. Return False if it has as many as it may."""
    connection.execute(_SQL["lock_organization"], {"organization_id": caller.organization_id})
    parameters = {
        "webhook_id": webhook_id,
        "organization_id": caller.organization_id,
        "url": url,
        "kinds": list(kinds),
        "created_by": caller.caller_id,
        "most": model.MOST_OF_ORGANIZATION,
    }
    return connection.execute(_SQL["insert"], parameters).fetchone() is not None


def of_organization(
    connection: Connection, organization_id: UUID, webhook_id: UUID | None = None
) -> list[dict[str, Any]]:
    """Return all webhooks of an organization, or one, with their numbers of waiting and dead messages."""
    parameters = {"organization_id": organization_id, "webhook_id": webhook_id}
    return connection.execute(_SQL["list"], parameters).fetchall()


def count_failing(connection: Connection, organization_id: UUID) -> Tally:
    """Count an organization's webhooks that are disabled or have dead letters."""
    row = connection.execute(_SQL["failing"], {"organization_id": organization_id}).fetchone()
    return Tally(**row) if row else Tally()


def lock(connection: Connection, organization_id: UUID, webhook_id: UUID) -> Settings | None:
    """Return URL, kinds and state of an organization's webhook, locked until the transaction ends."""
    parameters = {"organization_id": organization_id, "webhook_id": webhook_id}
    row = connection.execute(_SQL["lock"], parameters).fetchone()
    return Settings(**row) if row else None


def change(connection: Connection, webhook_id: UUID, settings: Settings) -> None:
    """Change a webhook that is locked. An active or paused one has no reason and no dead letters in a row."""
    connection.execute(_SQL["change"], {"webhook_id": webhook_id, **asdict(settings)})


def delete(connection: Connection, webhook_id: UUID) -> None:
    """Delete a webhook with its secrets and messages, then its jobs."""
    connection.execute(_SQL["delete"], {"webhook_id": webhook_id})
    jobs.drop_all(connection, "deliver_messages", [webhook_id])


def add_secret(connection: Connection, webhook_id: UUID, sealed: bytes) -> None:
    """Add a secret that signs from now on."""
    connection.execute(_SQL["add_secret"], {"webhook_id": webhook_id, "sealed": sealed})


def expire_secrets(connection: Connection, webhook_id: UUID, *, overlap: float) -> None:
    """Let the current secrets expire in `overlap` seconds."""
    connection.execute(_SQL["expire_secrets"], {"webhook_id": webhook_id, "overlap": overlap})


def delete_expired_secrets(connection: Connection) -> None:
    """Delete expired secrets."""
    connection.execute(_SQL["delete_expired_secrets"])


def endpoint(connection: Connection, webhook_id: UUID) -> Endpoint | None:
    """Return the destination of a webhook's messages. None: the webhook is deleted or its organization
    closed."""
    row = connection.execute(_SQL["endpoint"], {"webhook_id": webhook_id}).fetchone()
    return Endpoint(**row) if row else None


def count_dead_letter(connection: Connection, webhook_id: UUID) -> int:
    """Count a dead letter and return the number of consecutive ones."""
    row = connection.execute(_SQL["count_dead_letter"], {"webhook_id": webhook_id}).fetchone()
    return row["deaths"] if row else 0


def reset_dead_letters(connection: Connection, webhook_id: UUID) -> None:
    """Reset the count of consecutive dead letters after a delivery."""
    connection.execute(_SQL["reset_dead_letters"], {"webhook_id": webhook_id})


def disable(connection: Connection, webhook_id: UUID, reason: str) -> bool:
    """Disable a webhook. Return False if it was disabled already."""
    parameters = {"webhook_id": webhook_id, "reason": reason}
    return connection.execute(_SQL["disable"], parameters).fetchone() is not None


def delete_ended_jobs(connection: Connection) -> None:
    """Delete ended jobs that sent messages."""
    webhook_ids = [row["webhook_id"] for row in connection.execute(_SQL["every"]).fetchall()]
    jobs.delete_ended(connection, "deliver_messages", webhook_ids)


def subscribers(connection: Connection, organization_ids: Collection[UUID]) -> list[Subscriber]:
    """Return the webhooks of these organizations, except closed ones."""
    parameters = {"organization_ids": list(organization_ids)}
    return [Subscriber(**row) for row in connection.execute(_SQL["subscribers"], parameters).fetchall()]


def of_closed(connection: Connection) -> list[UUID]:
    """Return webhooks of closed organizations."""
    return [row["webhook_id"] for row in connection.execute(_SQL["of_closed"]).fetchall()]


def disable_all(connection: Connection, organization_id: UUID) -> None:
    """Disable all webhooks of an organization."""
    connection.execute(_SQL["disable_all"], {"organization_id": organization_id})
