"""Organizations."""

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


def first_organization(connection: Connection) -> UUID | None:
    """Return the operating organization, whatever its name; None if there is no organization."""
    row = connection.execute(_SQL["first_organization"]).fetchone()
    return row["organization_id"] if row else None


def get_or_add_organization(connection: Connection, name: str) -> dict[str, Any]:
    """Return `organization_id` and `state` of the organization of that name, created if new (`made`)."""
    row = connection.execute(_SQL["upsert"], {"name": name}).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    return row


def insert(connection: Connection, name: str) -> UUID | None:
    """Insert an organization and return its id; None if the name is taken."""
    row = connection.execute(_SQL["insert"], {"name": name}).fetchone()
    return row["organization_id"] if row else None


def lock_organization(connection: Connection, organization_id: UUID) -> dict[str, Any] | None:
    """Serialise changes of this organization and its callers until the transaction ends."""
    return connection.execute(_SQL["lock_organization"], {"organization_id": organization_id}).fetchone()


def find_organization(connection: Connection, organization_id: UUID) -> dict[str, Any] | None:
    """Return one organization with its limits and its number of active callers."""
    return connection.execute(_SQL["find_organization"], {"organization_id": organization_id}).fetchone()


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
    """Rename it. False if the name is taken."""
    parameters = {"organization_id": organization_id, "name": name}
    return connection.execute(_SQL["rename"], parameters).fetchone() is not None


def close(connection: Connection, organization_id: UUID, entries: str) -> None:
    """Mark it as closed; see `closing` for the clean-up. `entries`: keep or withdraw."""
    connection.execute(_SQL["close"], {"organization_id": organization_id, "entries": entries})


def set_watch_rules(
    connection: Connection,
    organization_id: UUID,
    *,
    watch_days_most: int | None,
    tells_matches: bool,
    reports_places: bool,
) -> None:
    """Change the organization's rules for watches."""
    parameters = {
        "organization_id": organization_id,
        "watch_days_most": watch_days_most,
        "tells_matches": tells_matches,
        "reports_places": reports_places,
    }
    connection.execute(_SQL["set_rules"], parameters)


def set_recording(connection: Connection, organization_id: UUID, recording: str | None) -> None:
    """Set which lookups of the organization are recorded; None: the deployment's default."""
    connection.execute(_SQL["set_recording"], {"organization_id": organization_id, "recording": recording})
