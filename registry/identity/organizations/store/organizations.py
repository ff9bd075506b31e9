"""Organizations: who takes part."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def operates(connection: Connection, organization_id: UUID) -> bool:
    """Whether the organization is the first, whose administrators run the deployment."""
    row = connection.execute(_SQL["operates"], {"organization_id": organization_id}).fetchone()
    return bool(row and row["operates"])


def first(connection: Connection) -> UUID | None:
    """The organization that runs the deployment, whatever it is called by now; None where there is none."""
    row = connection.execute(_SQL["first"]).fetchone()
    return row["organization_id"] if row else None


def named(connection: Connection, name: str) -> dict[str, Any]:
    """`organization_id` and `state` of the organization of that name; `made`: it is new."""
    row = connection.execute(_SQL["upsert"], {"name": name}).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    return row


def insert(connection: Connection, name: str) -> UUID | None:
    """The id of a new organization; None where one is called so."""
    row = connection.execute(_SQL["insert"], {"name": name}).fetchone()
    return row["organization_id"] if row else None


def lock(connection: Connection, organization_id: UUID) -> dict[str, Any] | None:
    """Take turns with other changes of this organization and its callers until the transaction ends."""
    return connection.execute(_SQL["lock"], {"organization_id": organization_id}).fetchone()


def show(connection: Connection, organization_id: UUID) -> dict[str, Any] | None:
    """One organization with its limits and the number of its callers that work."""
    return connection.execute(_SQL["show"], {"organization_id": organization_id}).fetchone()


def page(
    connection: Connection, *, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Organizations, oldest first."""
    return connection.execute(
        _SQL["page"],
        {
            "state": state,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
    ).fetchall()


def rename(connection: Connection, organization_id: UUID, name: str) -> bool:
    """False where another one is called so."""
    given = {"organization_id": organization_id, "name": name}
    return connection.execute(_SQL["rename"], given).fetchone() is not None


def close(connection: Connection, organization_id: UUID, entries: str) -> None:
    """It takes part no longer; see `closing` for what it leaves. `entries`: keep or withdraw."""
    connection.execute(_SQL["close"], {"organization_id": organization_id, "entries": entries})


def set_watch_rules(
    connection: Connection,
    organization_id: UUID,
    *,
    watch_days_most: int | None,
    tells_matches: bool,
    reports_places: bool,
) -> None:
    """Change them."""
    given = {
        "organization_id": organization_id,
        "watch_days_most": watch_days_most,
        "tells_matches": tells_matches,
        "reports_places": reports_places,
    }
    connection.execute(_SQL["set_rules"], given)


def set_recording(connection: Connection, organization_id: UUID, recording: str | None) -> None:
    """Which lookups of the organization are recorded; None: as the deployment does."""
    connection.execute(_SQL["set_recording"], {"organization_id": organization_id, "recording": recording})
