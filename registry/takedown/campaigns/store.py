"""Stored clients, mandates and campaigns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

Place = tuple[datetime, UUID]
"""Position of the last row of a page: its creation time and its id."""


def add_client(
    connection: Connection, *, client_id: UUID, organization_id: UUID, caller_id: UUID, sealed: bytes
) -> None:
    """Insert a client, encrypted under the key with the client's id."""
    parameters = {"client_id": client_id, "organization_id": organization_id, "sealed": sealed}
    connection.execute(_SQL["add_client"], parameters | {"caller_id": caller_id})


def client(
    connection: Connection, organization_id: UUID, client_id: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a client of the organization. `lock`: lock it until the transaction ends."""
    parameters = {"client_id": client_id, "organization_id": organization_id}
    return connection.execute(_SQL["lock_client" if lock else "client"], parameters).fetchone()


def clients(
    connection: Connection, organization_id: UUID, *, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Return clients, newest first."""
    at, after_id = after or (None, None)
    parameters = {"organization_id": organization_id, "at": at, "after_id": after_id, "limit": limit}
    return connection.execute(_SQL["clients"], parameters).fetchall()


def places_of_client(connection: Connection, client_id: UUID) -> Iterator[tuple[str, bytes]]:
    """Yield every encrypted text that contains a place of the client's campaigns, with its purpose."""
    with connection.cursor() as cursor:
        for row in cursor.execute(_SQL["places_of_client"], {"client_id": client_id}):
            yield row["purpose"], bytes(row["sealed"])


def erased_clients(connection: Connection, client_ids: Collection[UUID]) -> list[UUID]:
    """Return those of these clients that are erased."""
    rows = connection.execute(_SQL["erased_clients"], {"client_ids": list(client_ids)})
    return [row["client_id"] for row in rows]


def unerased_clients(
    connection: Connection, destroyed: Collection[UUID], *, limit: int = 100
) -> list[tuple[UUID, UUID]]:
    """Return clients to be erased, each with its organization.

    These are clients of closed organizations, and clients whose key is destroyed.
    """
    given = {"client_ids": list(destroyed), "limit": limit}
    rows = connection.execute(_SQL["unerased_clients"], given)
    return [(row["client_id"], row["organization_id"]) for row in rows]


def closed_organizations(connection: Connection, ids: Collection[UUID]) -> list[UUID]:
    """Return those of these ids that belong to closed organizations."""
    rows = connection.execute(_SQL["closed_organizations"], {"organization_ids": list(ids)})
    return [row["organization_id"] for row in rows]


def erase_client(connection: Connection, client_id: UUID, caller_id: UUID | None) -> bool:
    """Erase a client's encrypted data; return False if it was erased already.

    Destroy the key after the commit. `caller_id` None: the service itself erases.
    """
    parameters = {"client_id": client_id, "caller_id": caller_id}
    return connection.execute(_SQL["erase_client"], parameters).fetchone() is not None


def add_mandate(
    connection: Connection,
    *,
    client_id: UUID,
    caller_id: UUID,
    granted_by: str,
    document_sha256: str,
    valid_from: datetime,
    valid_until: datetime,
) -> UUID:
    """Insert a mandate and return its id. `document_sha256`: 64 hex digits."""
    row = connection.execute(
        _SQL["add_mandate"],
        {
            "client_id": client_id,
            "caller_id": caller_id,
            "granted_by": granted_by,
            "document_sha256": document_sha256,
            "valid_from": valid_from,
            "valid_until": valid_until,
        },
    ).fetchone()
    if row is None:
        raise RuntimeError("an INSERT has to return its row")
    found: UUID = row["mandate_id"]
    return found


def mandates(connection: Connection, client_id: UUID) -> list[dict[str, Any]]:
    """Return a client's mandates, newest first. `holds`: valid now."""
    return connection.execute(_SQL["mandates"], {"client_id": client_id}).fetchall()


def revoke_mandate(connection: Connection, client_id: UUID, mandate_id: UUID, caller_id: UUID) -> bool:
    """Revoke a mandate; return False if it does not exist or was revoked already."""
    parameters = {"client_id": client_id, "mandate_id": mandate_id, "caller_id": caller_id}
    return connection.execute(_SQL["revoke_mandate"], parameters).fetchone() is not None


def add(
    connection: Connection,
    *,
    campaign_id: UUID,
    organization_id: UUID,
    client_id: UUID,
    mandate_id: UUID,
    regimes: Sequence[str],
    language: str,
    sealed: bytes,
    signatory_sealed: bytes | None,
    caller_id: UUID,
) -> None:
    """Insert a campaign."""
    connection.execute(
        _SQL["add_campaign"],
        {
            "campaign_id": campaign_id,
            "organization_id": organization_id,
            "client_id": client_id,
            "mandate_id": mandate_id,
            "regimes": list(regimes),
            "language": language,
            "sealed": sealed,
            "signatory_sealed": signatory_sealed,
            "caller_id": caller_id,
        },
    )


def find(
    connection: Connection, organization_id: UUID, campaign_id: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a campaign of the organization with its client and mandate. `lock`: lock campaign and client."""
    parameters = {"campaign_id": campaign_id, "organization_id": organization_id}
    if lock:
        connection.execute(_SQL["lock_client_of"], parameters)
        connection.execute(_SQL["lock_campaign"], parameters)
    return connection.execute(_SQL["campaign"], parameters).fetchone()


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    state: str | None,
    after: Place | None,
    limit: int,
    entry_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """Return campaigns, newest first. `entry_id`: only those with this entry."""
    at, after_id = after or (None, None)
    parameters = {"organization_id": organization_id, "state": state, "entry_id": entry_id, "limit": limit}
    return connection.execute(_SQL["campaigns"], parameters | {"at": at, "after_id": after_id}).fetchall()


def change(
    connection: Connection,
    campaign_id: UUID,
    *,
    mandate_id: UUID | None,
    language: str | None,
    sealed: bytes | None,
    signatory_sealed: bytes | None,
) -> None:
    """Change a campaign; None keeps a value."""
    connection.execute(
        _SQL["change_campaign"],
        {
            "campaign_id": campaign_id,
            "mandate_id": mandate_id,
            "language": language,
            "sealed": sealed,
            "signatory_sealed": signatory_sealed,
        },
    )


def close(connection: Connection, campaign_id: UUID, caller_id: UUID) -> bool:
    """Close a campaign; return False if it was closed already."""
    parameters = {"campaign_id": campaign_id, "caller_id": caller_id}
    return connection.execute(_SQL["close_campaign"], parameters).fetchone() is not None


def add_entry(connection: Connection, campaign_id: UUID, entry_id: UUID, caller_id: UUID) -> bool:
    """Add an entry to a campaign; return False if it was there already."""
    parameters = {"campaign_id": campaign_id, "entry_id": entry_id, "caller_id": caller_id}
    return connection.execute(_SQL["add_entry"], parameters).fetchone() is not None


def entries(connection: Connection, organization_id: UUID, campaign_id: UUID) -> list[dict[str, Any]]:
    """Return the entries of a campaign. `sendable`: no hindrance comes from the entry itself."""
    parameters = {"campaign_id": campaign_id, "organization_id": organization_id}
    return connection.execute(_SQL["entries"], parameters).fetchall()


def counts(connection: Connection, campaign_id: UUID) -> list[dict[str, Any]]:
    """Count notices by regime and state."""
    return connection.execute(_SQL["counts"], {"campaign_id": campaign_id}).fetchall()


def platforms(connection: Connection, campaign_id: UUID) -> list[dict[str, Any]]:
    """Count notices by platform, most first; at most 1,000 platforms."""
    return connection.execute(_SQL["platforms"], {"campaign_id": campaign_id}).fetchall()
