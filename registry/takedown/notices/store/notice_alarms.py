"""Reminders and breaches: planned when a notice is handed over, raised once each by the database's clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def due(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """Return the alarms that are due, each with its organization, notice and delivery."""
    return connection.execute(_SQL["due"], {"limit": limit}).fetchall()


def lock_due(connection: Connection, delivery_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return the due alarms of these deliveries and lock them; call `notices.lock` first.

    `fate`: `raise`, `late` (raise, but the notice keeps the state that the answer gave it), `drop` or `wait`.
    """
    return connection.execute(_SQL["lock_due"], {"delivery_ids": list(delivery_ids)}).fetchall()


def mark_settled(connection: Connection, fate: str, alarms: Sequence[dict[str, Any]]) -> None:
    """Mark alarms as raised (`fate` raise) or dropped (`fate` drop)."""
    parameters = {"delivery_ids": [alarm["delivery_id"] for alarm in alarms], "fate": fate}
    parameters |= {"kinds": [alarm["kind"] for alarm in alarms], "steps": [alarm["step"] for alarm in alarms]}
    connection.execute(_SQL["mark_settled"], parameters)


def breaches(
    connection: Connection,
    organization_id: UUID,
    *,
    campaign_id: UUID | None,
    platform: str | None,
    since: datetime | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return terms that passed without an answer, latest first."""
    parameters: dict[str, Any] = {"organization_id": organization_id, "campaign_id": campaign_id}
    parameters |= {"platform": platform, "since": since, "limit": limit}
    return connection.execute(_SQL["breaches"], parameters).fetchall()


def by_platform(
    connection: Connection, organization_id: UUID, *, campaign_id: UUID | None, since: datetime | None
) -> list[dict[str, Any]]:
    """Count the notices and their results by platform."""
    parameters = {"organization_id": organization_id, "campaign_id": campaign_id, "since": since}
    return connection.execute(_SQL["by_platform"], parameters).fetchall()


def of_notice(connection: Connection, notice_id: UUID) -> list[dict[str, Any]]:
    """Return a notice's alarms, ordered by due time."""
    return connection.execute(_SQL["of_notice"], {"notice_id": notice_id}).fetchall()
