"""Webhooks: where an organization is told of what happens, and the sealed secrets that sign it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry import jobs
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """Where messages go. `sealed`: the secrets that sign, the newest first; the webhook's key opens them."""

    webhook_id: UUID
    organization_id: UUID
    url: str
    state: str
    sealed: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A webhook and what it is told of."""

    webhook_id: UUID
    organization_id: UUID
    kinds: Sequence[str]
    state: str


def insert(
    connection: Connection,
    *,
    webhook_id: UUID,
    organization_id: UUID,
    url: str,
    kinds: Sequence[str],
    created_by: UUID,
    most: int,
) -> bool:
    """Make one; False where the organization has `most` already."""
    connection.execute(_SQL["take_turns"], {"organization_id": organization_id})
    given = {
        "webhook_id": webhook_id,
        "organization_id": organization_id,
        "url": url,
        "kinds": list(kinds),
        "created_by": created_by,
        "most": most,
    }
    return connection.execute(_SQL["insert"], given).fetchone() is not None


def of_organization(
    connection: Connection, organization_id: UUID, webhook_id: UUID | None = None
) -> list[dict[str, Any]]:
    """All of an organization, or the one of that id, with how many messages wait and are dead."""
    given = {"organization_id": organization_id, "webhook_id": webhook_id}
    return connection.execute(_SQL["list"], given).fetchall()


def lock(connection: Connection, organization_id: UUID, webhook_id: UUID) -> dict[str, Any] | None:
    """url, kinds and state of one of an organization, locked until the transaction ends."""
    given = {"organization_id": organization_id, "webhook_id": webhook_id}
    return connection.execute(_SQL["lock"], given).fetchone()


def change(connection: Connection, webhook_id: UUID, *, url: str, kinds: Sequence[str], state: str) -> None:
    """Change one that is locked."""
    given = {"webhook_id": webhook_id, "url": url, "kinds": list(kinds), "state": state}
    connection.execute(_SQL["change"], given)


def delete(connection: Connection, webhook_id: UUID) -> None:
    """Delete a webhook, its secrets and messages, and then its jobs."""
    connection.execute(_SQL["delete"], {"webhook_id": webhook_id})
    jobs.drop_all(connection, "deliver_messages", webhook_id)


def add_secret(connection: Connection, webhook_id: UUID, sealed: bytes) -> None:
    """Sign with this one from now on."""
    connection.execute(_SQL["add_secret"], {"webhook_id": webhook_id, "sealed": sealed})


def expire_secrets(connection: Connection, webhook_id: UUID, *, overlap: float) -> None:
    """Those before sign on for `overlap` seconds."""
    connection.execute(_SQL["expire_secrets"], {"webhook_id": webhook_id, "overlap": overlap})


def forget_secrets(connection: Connection) -> None:
    """Forget those that sign no longer."""
    connection.execute(_SQL["forget_secrets"])


def to_send(connection: Connection, webhook_id: UUID) -> Target | None:
    """Where its messages go; None where it is gone, or its organization closed."""
    row = connection.execute(_SQL["to_send"], {"webhook_id": webhook_id}).fetchone()
    return Target(**row) if row else None


def died(connection: Connection, webhook_id: UUID) -> int:
    """A message died; how many have, one after another."""
    row = connection.execute(_SQL["died"], {"webhook_id": webhook_id}).fetchone()
    return row["deaths"] if row else 0


def lived(connection: Connection, webhook_id: UUID) -> None:
    """A message was delivered."""
    connection.execute(_SQL["lived"], {"webhook_id": webhook_id})


def disable(connection: Connection, webhook_id: UUID, reason: str) -> bool:
    """Send nothing more; whether it was not disabled before."""
    given = {"webhook_id": webhook_id, "reason": reason}
    return connection.execute(_SQL["disable"], given).fetchone() is not None


def subscribers(connection: Connection, organization_ids: Collection[UUID]) -> list[Subscriber]:
    """The webhooks of these organizations."""
    given = {"organization_ids": list(organization_ids)}
    return [Subscriber(**row) for row in connection.execute(_SQL["of_kinds"], given).fetchall()]


def of_closed(connection: Connection) -> list[UUID]:
    """Webhooks of organizations that were closed."""
    return [row["webhook_id"] for row in connection.execute(_SQL["of_closed"]).fetchall()]


def stop_all(connection: Connection, organization_id: UUID) -> None:
    """An organization is told nothing more."""
    connection.execute(_SQL["stop_all"], {"organization_id": organization_id})
