"""Stored clients, mandates, campaigns and their releases."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.takedown.campaigns.model import CampaignFilter, Mandate, ReleasedField
from registry.takedown.notices.model.notice import GrantedBy

_SQL = sql.load(__name__)

Place = tuple[datetime, UUID]
"""Position of the last row of a page: its creation time and its id."""


@dataclass(frozen=True, slots=True, repr=False)
class StoredClient:
    """A client. `sealed`: its texts, encrypted; None once they were erased."""

    client_id: UUID
    sealed: bytes | None
    created_at: datetime
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredMandate:
    """A mandate. `document_sha256`: 64 hex digits. `holds`: valid now."""

    mandate_id: UUID
    granted_by: GrantedBy
    document_sha256: str
    valid_from: datetime
    valid_until: datetime
    created_at: datetime
    revoked_at: datetime | None
    holds: bool


@dataclass(frozen=True, slots=True, repr=False)
class ClientMandate:
    """A mandate with its client. `sealed`: the client's texts, encrypted."""

    mandate_id: UUID
    granted_by: GrantedBy
    valid_until: datetime
    client_id: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True, repr=False)
class NewCampaign:
    """A campaign to be inserted. `sealed`, `signatory_sealed`: its texts and its signatory, encrypted."""

    campaign_id: UUID
    organization_id: UUID
    client_id: UUID
    mandate_id: UUID
    regimes: list[str]
    language: str
    sealed: bytes
    signatory_sealed: bytes | None
    created_by: UUID


@dataclass(frozen=True, slots=True, repr=False)
class StoredCampaign(NewCampaign):
    """A campaign. `holds`: its mandate is valid now."""

    state: Literal["open", "closed"]
    created_at: datetime
    closed_by: UUID | None
    closed_at: datetime | None
    holds: bool


@dataclass(frozen=True, slots=True, repr=False)
class ListedCampaign(StoredCampaign):
    """A campaign with its number of notices."""

    notices: int


@dataclass(frozen=True, slots=True, repr=False)
class FullCampaign(StoredCampaign):
    """A campaign with its client's encrypted texts and its mandate."""

    client_sealed: bytes | None
    granted_by: GrantedBy
    document_sha256: str
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignChange:
    """New values of a campaign. None keeps a value."""

    mandate_id: UUID | None = None
    language: str | None = None
    sealed: bytes | None = None
    signatory_sealed: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewRelease:
    """A release to be inserted: which fields `recipient` may see until `valid_until`."""

    release_id: UUID
    organization_id: UUID
    campaign_id: UUID
    recipient: str
    fields: list[ReleasedField]
    valid_until: datetime
    caller_id: UUID


def add_client(
    connection: Connection, *, client_id: UUID, organization_id: UUID, caller_id: UUID, sealed: bytes
) -> None:
    """Insert a client, encrypted under the key with the client's id."""
    parameters = {"client_id": client_id, "organization_id": organization_id, "sealed": sealed}
    connection.execute(_SQL["add_client"], parameters | {"caller_id": caller_id})


def client(
    connection: Connection, organization_id: UUID, client_id: UUID, *, lock: bool = False
) -> StoredClient | None:
    """Return a client of the organization. `lock`: lock it until the transaction ends."""
    parameters = {"client_id": client_id, "organization_id": organization_id}
    row = connection.execute(_SQL["lock_client" if lock else "client"], parameters).fetchone()
    return StoredClient(**row) if row else None


def clients(
    connection: Connection, organization_id: UUID, *, after: Place | None, limit: int
) -> list[StoredClient]:
    """Return clients, newest first."""
    at, after_id = after or (None, None)
    parameters = {"organization_id": organization_id, "at": at, "after_id": after_id, "limit": limit}
    return [StoredClient(**row) for row in connection.execute(_SQL["clients"], parameters)]


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
    parameters = {"client_ids": list(destroyed), "limit": limit}
    rows = connection.execute(_SQL["unerased_clients"], parameters)
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


def add_mandate(connection: Connection, client_id: UUID, mandate: Mandate, caller_id: UUID) -> UUID:
    """Insert a mandate and return its id."""
    parameters = asdict(mandate) | {"client_id": client_id, "caller_id": caller_id}
    row = connection.execute(_SQL["add_mandate"], parameters).fetchone()
    if row is None:
        raise RuntimeError("an INSERT has to return its row")
    mandate_id: UUID = row["mandate_id"]
    return mandate_id


def mandates(connection: Connection, client_id: UUID) -> list[StoredMandate]:
    """Return a client's mandates, newest first."""
    rows = connection.execute(_SQL["mandates"], {"client_id": client_id})
    return [StoredMandate(**row) for row in rows]


def usable_mandates(connection: Connection, organization_id: UUID, limit: int) -> list[ClientMandate]:
    """Return mandates that are or will be valid, the newest first."""
    parameters = {"organization_id": organization_id, "limit": limit}
    return [ClientMandate(**row) for row in connection.execute(_SQL["usable_mandates"], parameters)]


def revoke_mandate(connection: Connection, client_id: UUID, mandate_id: UUID, caller_id: UUID) -> bool:
    """Revoke a mandate; return False if it does not exist or was revoked already."""
    parameters = {"client_id": client_id, "mandate_id": mandate_id, "caller_id": caller_id}
    return connection.execute(_SQL["revoke_mandate"], parameters).fetchone() is not None


def add(connection: Connection, campaign: NewCampaign) -> None:
    """Insert a campaign."""
    connection.execute(_SQL["add_campaign"], asdict(campaign))


def find(
    connection: Connection, organization_id: UUID, campaign_id: UUID, *, lock: bool = False
) -> FullCampaign | None:
    """Return a campaign of the organization with its client and mandate. `lock`: lock campaign and client."""
    parameters = {"campaign_id": campaign_id, "organization_id": organization_id}
    if lock:
        connection.execute(_SQL["lock_client_of"], parameters)
        connection.execute(_SQL["lock_campaign"], parameters)
    row = connection.execute(_SQL["campaign"], parameters).fetchone()
    return FullCampaign(**row) if row else None


def page(
    connection: Connection,
    organization_id: UUID,
    filter_: CampaignFilter,
    *,
    after: Place | None,
    limit: int,
) -> list[ListedCampaign]:
    """Return campaigns, newest first."""
    at, after_id = after or (None, None)
    parameters = asdict(filter_) | {"organization_id": organization_id, "limit": limit}
    rows = connection.execute(_SQL["campaigns"], parameters | {"at": at, "after_id": after_id})
    return [ListedCampaign(**row) for row in rows]


def change(connection: Connection, campaign_id: UUID, values: CampaignChange) -> None:
    """Change a campaign."""
    connection.execute(_SQL["change_campaign"], asdict(values) | {"campaign_id": campaign_id})


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


def add_release(connection: Connection, new: NewRelease) -> None:
    """Insert a release to a recipient."""
    connection.execute(_SQL["add_release"], asdict(new))


def releases(connection: Connection, campaign_id: UUID) -> list[dict[str, Any]]:
    """Return the releases of a campaign, newest first."""
    return connection.execute(_SQL["releases"], {"campaign_id": campaign_id}).fetchall()


def released_fields(connection: Connection, campaign_id: UUID, recipient: str) -> set[str]:
    """Return the fields that are released to a recipient now."""
    rows = connection.execute(_SQL["released_fields"], {"campaign_id": campaign_id, "recipient": recipient})
    return {row["field"] for row in rows}


def revoke_release(
    connection: Connection, campaign_id: UUID, release_id: UUID, caller_id: UUID
) -> str | None:
    """Revoke a release and return its recipient; None if no such release is in force."""
    parameters: dict[str, Any] = {"campaign_id": campaign_id, "release_id": release_id}
    row = connection.execute(_SQL["revoke_release"], parameters | {"caller_id": caller_id}).fetchone()
    return str(row["recipient"]) if row else None
