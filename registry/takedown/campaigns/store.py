"""Clients, their mandates, and campaigns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

Place = tuple[datetime, UUID]
"""Where a page ended: when the last row was made, and its id."""


def add_client(
    connection: Connection, *, client_id: UUID, organization_id: UUID, caller_id: UUID, sealed: bytes
) -> None:
    """A client, sealed under the key of that id."""
    parameters = {"client_id": client_id, "organization_id": organization_id, "sealed": sealed}
    connection.execute(_SQL["add_client"], parameters | {"caller_id": caller_id})


def client(
    connection: Connection, organization_id: UUID, client_id: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    """A client of the organization. `lock`: it does not change until the transaction ends."""
    parameters = {"client_id": client_id, "organization_id": organization_id}
    return connection.execute(_SQL["lock_client" if lock else "client"], parameters).fetchone()


def clients(
    connection: Connection, organization_id: UUID, *, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Clients, newest first."""
    at, after_id = after or (None, None)
    parameters = {"organization_id": organization_id, "at": at, "after_id": after_id, "limit": limit}
    return connection.execute(_SQL["clients"], parameters).fetchall()


def places_of_client(connection: Connection, client_id: UUID) -> Iterator[tuple[str, bytes]]:
    """Everything sealed that holds a place of its campaigns: for what it is sealed, and that."""
    with connection.cursor() as cursor:
        for row in cursor.execute(_SQL["places_of_client"], {"client_id": client_id}):
            yield row["purpose"], bytes(row["sealed"])


def erased_clients(connection: Connection, client_ids: Collection[UUID]) -> list[UUID]:
    """Which of these clients are erased."""
    rows = connection.execute(_SQL["erased_clients"], {"client_ids": list(client_ids)})
    return [row["client_id"] for row in rows]


def unerased_clients(
    connection: Connection, destroyed: Collection[UUID], *, limit: int = 100
) -> list[tuple[UUID, UUID]]:
    """Clients that are to be erased, each with its organization: those of closed organizations, and those
    whose key is destroyed."""
    given = {"client_ids": list(destroyed), "limit": limit}
    rows = connection.execute(_SQL["unerased_clients"], given)
    return [(row["client_id"], row["organization_id"]) for row in rows]


def closed_organizations(connection: Connection, ids: Collection[UUID]) -> list[UUID]:
    """Which of these are organizations that were closed."""
    rows = connection.execute(_SQL["closed_organizations"], {"organization_ids": list(ids)})
    return [row["organization_id"] for row in rows]


def erase_client(connection: Connection, client_id: UUID, caller_id: UUID | None) -> bool:
    """Whether there was anything to forget. Destroy the key after the commit. `caller_id` None: the service
    itself erases it."""
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
    """A mandate; its id. `document_sha256`: 64 hex digits."""
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
    """A client's mandates, newest first; `holds`: now."""
    return connection.execute(_SQL["mandates"], {"client_id": client_id}).fetchall()


def revoke_mandate(connection: Connection, client_id: UUID, mandate_id: UUID, caller_id: UUID) -> bool:
    """Whether it was there and had not been taken back."""
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
    """A campaign."""
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
    """A campaign of the organization with its client and mandate. `lock`: both stay as they are."""
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
    """Campaigns, newest first; those that are about an entry, where it is named."""
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
    """What it says; None: as it was."""
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
    """Whether it was open."""
    parameters = {"campaign_id": campaign_id, "caller_id": caller_id}
    return connection.execute(_SQL["close_campaign"], parameters).fetchone() is not None


def add_entry(connection: Connection, campaign_id: UUID, entry_id: UUID, caller_id: UUID) -> bool:
    """Whether it was not about that entry before."""
    parameters = {"campaign_id": campaign_id, "entry_id": entry_id, "caller_id": caller_id}
    return connection.execute(_SQL["add_entry"], parameters).fetchone() is not None


def entries(connection: Connection, organization_id: UUID, campaign_id: UUID) -> list[dict[str, Any]]:
    """What it is about; `sendable`: whether nothing about the entry itself keeps notices from being sent."""
    parameters = {"campaign_id": campaign_id, "organization_id": organization_id}
    return connection.execute(_SQL["entries"], parameters).fetchall()


def counts(connection: Connection, campaign_id: UUID) -> list[dict[str, Any]]:
    """How many notices stand in which state, by regime."""
    return connection.execute(_SQL["counts"], {"campaign_id": campaign_id}).fetchall()


def platforms(connection: Connection, campaign_id: UUID) -> list[dict[str, Any]]:
    """How many notices go to whom, most first; a thousand platforms at most."""
    return connection.execute(_SQL["platforms"], {"campaign_id": campaign_id}).fetchall()
