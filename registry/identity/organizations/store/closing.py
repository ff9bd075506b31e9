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
_WHY: Final = {"code": CODE, "message": MESSAGE}


def be_patient(connection: Connection) -> None:
    """Let statements of this transaction take up to ten minutes."""
    connection.execute(_SQL["patience"])


def late(connection: Connection) -> list[tuple[UUID, str]]:
    """Organizations that were closed within a day, and `keep` or `withdraw`."""
    rows = connection.execute(_SQL["late"]).fetchall()
    return [(row["organization_id"], row["closed_entries"]) for row in rows]


def withdraw_entries(connection: Connection, organization_id: UUID) -> list[UUID]:
    """All its entries answer nobody from this commit on; which they are. Work on their media ends."""
    whose: dict[str, Any] = {"organization_id": organization_id}
    rows = connection.execute(_SQL["lock_entries"], whose).fetchall()
    entry_ids = [row["entry_id"] for row in rows]
    connection.execute(_SQL["fail_media"], whose | _WHY)
    connection.execute(_SQL["fail_media_jobs"], whose | _WHY)
    if entry_ids:
        connection.execute(_SQL["withdraw"], {"entry_ids": entry_ids})
        connection.execute(_SQL["unqueue"], {"entry_ids": entry_ids})
    return entry_ids


def settle_disputes(
    connection: Connection, caller_id: UUID, entry_ids: Sequence[UUID]
) -> list[dict[str, Any]]:
    """The disputes about entries that were withdrawn, settled by that: `dispute_id`, `entry_id`."""
    given = {"entry_ids": list(entry_ids), "caller_id": caller_id}
    return connection.execute(_SQL["settle_disputes"], given).fetchall()


def release_claims(connection: Connection, organization_id: UUID) -> list[UUID]:
    """Entries that its reviewers had claimed, free for others."""
    rows = connection.execute(_SQL["release_claims"], {"organization_id": organization_id}).fetchall()
    return [row["entry_id"] for row in rows]


def own_disputes(connection: Connection, organization_id: UUID) -> list[UUID]:
    """The open disputes that it has opened."""
    rows = connection.execute(_SQL["own_disputes"], {"organization_id": organization_id}).fetchall()
    return [row["dispute_id"] for row in rows]


def fail_lookups(connection: Connection, organization_id: UUID) -> int:
    """Its queued lookups fail, and the jobs that would answer them; how many."""
    rows = connection.execute(_SQL["fail_lookups"], {"organization_id": organization_id, **_WHY}).fetchall()
    lookup_ids = [row["lookup_id"] for row in rows]
    if lookup_ids:
        connection.execute(_SQL["fail_lookup_jobs"], {"lookup_ids": lookup_ids, **_WHY})
    return len(lookup_ids)


def discard_letters(connection: Connection, organization_id: UUID, caller_id: UUID | None) -> list[UUID]:
    """The open dead letters of its lookups are settled as `discarded`; their jobs. `caller_id` None: by the
    service itself."""
    given = {"organization_id": organization_id, "caller_id": caller_id}
    return [row["job_id"] for row in connection.execute(_SQL["discard_letters"], given).fetchall()]


def stop(connection: Connection, organization_id: UUID) -> None:
    """It is told nothing more, and nothing more is read for it."""
    connection.execute(_SQL["stop_webhooks"], {"organization_id": organization_id})
    connection.execute(_SQL["stop_exchanges"], {"organization_id": organization_id})


def end_watches(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """Nothing is kept of the lookups that it has watched: `watch_id`, `lookup_id` of each."""
    return connection.execute(_SQL["end_watches"], {"organization_id": organization_id}).fetchall()


def persons(connection: Connection, organization_id: UUID) -> list[UUID]:
    """The persons whom it has enrolled and of whom anything is kept, locked."""
    rows = connection.execute(_SQL["persons"], {"organization_id": organization_id}).fetchall()
    return [row["person_id"] for row in rows]
