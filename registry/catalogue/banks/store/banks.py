"""Banks, their shares and overlays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from registry.catalogue.banks.model import Policy, overlaid, policy
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


Overlays = Mapping[UUID, Mapping[str, Any]]
"""An organization's overlays, by bank."""
NONE: Final[Overlays] = {}


def overlays(
    connection: Connection, organization_id: UUID | None, rows: Iterable[Mapping[str, Any]]
) -> Overlays:
    """Return the organization's overlays for the banks of these rows (`bank_id`, `overlaid`, `own`).

    Sends no query if none of the banks has an overlay.
    """
    bank_ids = {row["bank_id"] for row in rows if row["overlaid"] and not row["own"]}
    if not bank_ids or organization_id is None:
        return NONE
    parameters = {"bank_ids": list(bank_ids), "organization_id": organization_id}
    policies = connection.execute(_SQL["overlays"], parameters, prepare=True).fetchall()
    return {row["bank_id"]: row["policy"] for row in policies}


def policy_of(row: Mapping[str, Any], overlays: Overlays = NONE) -> Policy:
    """Return the policy of a row's bank, with the caller's overlay applied."""
    overlay = overlays.get(row["bank_id"]) if overlays else None
    return _policy(orjson.dumps(row["policy"]), None if overlay is None else orjson.dumps(overlay))


@lru_cache(maxsize=1024)
def _policy(raw: bytes, overlay: bytes | None) -> Policy:
    base = policy(orjson.loads(raw))
    return base if overlay is None else overlaid(base, orjson.loads(overlay))


@dataclass(frozen=True, slots=True)
class BankRef:
    """Reference to a bank."""

    bank_id: UUID
    name: str
    own: bool


def insert(
    connection: Connection,
    *,
    organization_id: UUID,
    name: str,
    visibility: str,
    policy: Mapping[str, Any],
    kind: str = "fakes",
) -> dict[str, Any] | None:
    """Insert a bank. None if the owner already has a bank of that name."""
    return connection.execute(
        _SQL["insert"],
        {
            "organization_id": organization_id,
            "name": name,
            "kind": kind,
            "visibility": visibility,
            "policy": Jsonb(dict(policy)),
        },
    ).fetchone()


def visible(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """Return every bank that answers this organization."""
    return connection.execute(_SQL["visible"], {"organization_id": organization_id}).fetchall()


def by_name(connection: Connection, organization_id: UUID, name: str) -> list[BankRef]:
    """Return the visible banks of that name, at most two, the organization's own first."""
    parameters = {"organization_id": organization_id, "name": name}
    return [BankRef(**row) for row in connection.execute(_SQL["by_name"], parameters).fetchall()]


def by_id(connection: Connection, organization_id: UUID, bank_id: UUID) -> BankRef | None:
    """Return a visible bank by its id."""
    parameters = {"organization_id": organization_id, "bank_id": bank_id}
    row = connection.execute(_SQL["by_id"], parameters).fetchone()
    return BankRef(**row) if row else None


def get_bank(connection: Connection, organization_id: UUID, bank_id: UUID) -> dict[str, Any]:
    """Return a bank that the organization may see, with its limits and contents."""
    parameters = {"organization_id": organization_id, "bank_id": bank_id}
    row = connection.execute(_SQL["get"], parameters).fetchone()
    assert row is not None  # noqa: S101 - it was found in this transaction, and banks' rows are never deleted
    return row


def lock(connection: Connection, bank_id: UUID) -> dict[str, Any]:
    """Return a bank, locked until the transaction ends."""
    row = connection.execute(_SQL["lock"], {"bank_id": bank_id}).fetchone()
    assert row is not None  # noqa: S101 - as in `get_bank`
    return row


def change(
    connection: Connection, bank_id: UUID, *, name: str, visibility: str, policy: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Change a bank that is locked. None if its owner has another bank of that name.

    The conflict may come from a concurrent commit. The transaction is then aborted and cannot be used any
    more.
    """
    parameters = {"bank_id": bank_id, "name": name, "visibility": visibility, "policy": Jsonb(dict(policy))}
    try:
        return connection.execute(_SQL["change"], parameters).fetchone()
    except UniqueViolation:
        return None


def limit(
    connection: Connection, bank_id: UUID, *, entries: int | None, media: int | None, most_bytes: int | None
) -> UUID | None:
    """Set a bank's limits and return its owner. None if there is no such bank."""
    parameters = {"bank_id": bank_id, "entries": entries, "media": media, "bytes": most_bytes}
    row = connection.execute(_SQL["limit"], parameters).fetchone()
    return row["organization_id"] if row else None


def room(connection: Connection, bank_id: UUID) -> dict[str, Any]:
    """Return `closed`, the limits (`most_…`) and the usage of each limited quantity. Other quantities are
    null."""
    row = connection.execute(_SQL["room"], {"bank_id": bank_id}).fetchone()
    assert row is not None  # noqa: S101 - as in `get_bank`
    return row


def close(connection: Connection, bank_id: UUID) -> None:
    """Close the bank for everybody."""
    connection.execute(_SQL["close"], {"bank_id": bank_id})
    connection.execute(_SQL["closed"], {"bank_id": bank_id})


def organization(connection: Connection, name: str, organization_id: UUID | None) -> UUID | None:
    """Return the id of an active organization. An `organization_id` takes precedence over the name."""
    parameters = {"name": None if organization_id else name, "organization_id": organization_id}
    row = connection.execute(_SQL["organization"], parameters).fetchone()
    return row["organization_id"] if row else None


def share(connection: Connection, bank_id: UUID, organization_id: UUID, shared_by: UUID) -> bool:
    """Share the bank with an organization. False if it was shared already."""
    parameters = {"bank_id": bank_id, "organization_id": organization_id, "shared_by": shared_by}
    return connection.execute(_SQL["share"], parameters).fetchone() is not None


def unshare(connection: Connection, bank_id: UUID, organization_id: UUID) -> bool:
    """End the share with an organization. False if there was none."""
    parameters = {"bank_id": bank_id, "organization_id": organization_id}
    return connection.execute(_SQL["unshare"], parameters).fetchone() is not None


def shares(connection: Connection, bank_id: UUID) -> list[dict[str, Any]]:
    """Return the organizations that the bank is shared with, by name."""
    return connection.execute(_SQL["shares"], {"bank_id": bank_id}).fetchall()


def set_overlay(
    connection: Connection, bank_id: UUID, organization_id: UUID, policy: Mapping[str, Any], *, set_by: UUID
) -> None:
    """Store an organization's overlay on a bank."""
    parameters = {
        "bank_id": bank_id,
        "organization_id": organization_id,
        "policy": Jsonb(dict(policy)),
        "set_by": set_by,
    }
    connection.execute(_SQL["overlay"], parameters)


def drop_overlay(connection: Connection, bank_id: UUID, organization_id: UUID) -> bool:
    """Delete an organization's overlay on a bank. False if there was none."""
    parameters = {"bank_id": bank_id, "organization_id": organization_id}
    return connection.execute(_SQL["drop_overlay"], parameters).fetchone() is not None


def limits(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """Return what the organization's banks hold (`holds`) and may hold (`limits`), oldest first, at most
    200."""
    return connection.execute(_SQL["limits"], {"organization_id": organization_id}).fetchall()


def set_recording(
    connection: Connection, organization_id: UUID, bank_id: UUID, recording: str | None
) -> None:
    """Set which lookups that concern the bank are recorded. None: as the caller's organization is set."""
    parameters = {"organization_id": organization_id, "bank_id": bank_id, "recording": recording}
    connection.execute(_SQL["set_recording"], parameters)
