"""What an organization leaves when it is closed. Everything here belongs into one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

CODE: Final = "organization_closed"
MESSAGE: Final = "The organization was closed."


def be_patient(connection: Connection) -> None:
    """Let statements of this transaction take up to ten minutes."""
    connection.execute(_SQL["patience"])


def late(connection: Connection) -> list[tuple[UUID, str]]:
    """Organizations that were closed within a day, and `keep` or `withdraw`."""
    rows = connection.execute(_SQL["late"]).fetchall()
    return [(row["organization_id"], row["closed_entries"]) for row in rows]


def fail_media_jobs(connection: Connection, organization_id: UUID) -> None:
    """Work on its media ends."""
    connection.execute(
        _SQL["fail_media_jobs"], {"organization_id": organization_id, "code": CODE, "message": MESSAGE}
    )


def settle_disputes(
    connection: Connection, caller_id: UUID, entry_ids: Sequence[UUID]
) -> list[dict[str, Any]]:
    """The disputes about entries that were withdrawn, settled by that: `dispute_id`, `entry_id`."""
    given = {"entry_ids": list(entry_ids), "caller_id": caller_id}
    return connection.execute(_SQL["settle_disputes"], given).fetchall()


def own_disputes(connection: Connection, organization_id: UUID) -> list[UUID]:
    """The open disputes that it has opened."""
    rows = connection.execute(_SQL["own_disputes"], {"organization_id": organization_id}).fetchall()
    return [row["dispute_id"] for row in rows]


def discard_letters(connection: Connection, organization_id: UUID, caller_id: UUID | None) -> list[UUID]:
    """The open dead letters of its lookups are settled as `discarded`; their jobs. `caller_id` None: by the
    service itself."""
    given = {"organization_id": organization_id, "caller_id": caller_id}
    return [row["job_id"] for row in connection.execute(_SQL["discard_letters"], given).fetchall()]


def persons(connection: Connection, organization_id: UUID) -> list[UUID]:
    """The persons whom it has enrolled and of whom anything is kept, locked."""
    rows = connection.execute(_SQL["persons"], {"organization_id": organization_id}).fetchall()
    return [row["person_id"] for row in rows]
