"""Banks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from registry.domain.policy import Policy, overlaid, policy
from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("banks")


Overlays = Mapping[UUID, Mapping[str, Any]]
"""What an organization has set for itself, by bank."""
NONE: Final[Overlays] = {}


def overlays(
    connection: Connection, organization_id: UUID | None, rows: Iterable[Mapping[str, Any]]
) -> Overlays:
    """What an organization has set for itself of the banks of these rows (`bank_id`, `overlaid`, `own`). Asks
    nothing where nobody has set anything for itself."""
    wanted = {row["bank_id"] for row in rows if row["overlaid"] and not row["own"]}
    if not wanted or organization_id is None:
        return NONE
    asked = {"bank_ids": list(wanted), "organization_id": organization_id}
    found = connection.execute(_SQL["overlays"], asked, prepare=True).fetchall()
    return {row["bank_id"]: row["policy"] for row in found}


def policy_of(row: Mapping[str, Any], overlays: Overlays = NONE) -> Policy:
    """The policy of a row's bank for whoever asks."""
    overlay = overlays.get(row["bank_id"]) if overlays else None
    return _policy(orjson.dumps(row["policy"]), None if overlay is None else orjson.dumps(overlay))


@lru_cache(maxsize=1024)
def _policy(raw: bytes, overlay: bytes | None) -> Policy:
    said = policy(orjson.loads(raw))
    return said if overlay is None else overlaid(said, orjson.loads(overlay))


@dataclass(frozen=True, slots=True)
class BankRef:
    """A bank as another row refers to it."""

    bank_id: UUID
    name: str
    own: bool


def insert(
    connection: Connection, *, organization_id: UUID, name: str, visibility: str, policy: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The new bank, or None where the owner has one of that name."""
    return connection.execute(
        _SQL["insert"],
        {
            "organization_id": organization_id,
            "name": name,
            "visibility": visibility,
            "policy": Jsonb(dict(policy)),
        },
    ).fetchone()


def visible(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """Every bank that answers this organization."""
    return connection.execute(_SQL["visible"], {"organization_id": organization_id}).fetchall()


def by_name(connection: Connection, organization_id: UUID, name: str) -> list[BankRef]:
    """The visible banks of that name, at most two, the organization's own first."""
    parameters = {"organization_id": organization_id, "name": name}
    return [BankRef(**row) for row in connection.execute(_SQL["by_name"], parameters).fetchall()]


def by_id(connection: Connection, organization_id: UUID, bank_id: UUID) -> BankRef | None:
    """A visible bank."""
    parameters = {"organization_id": organization_id, "bank_id": bank_id}
    row = connection.execute(_SQL["by_id"], parameters).fetchone()
    return BankRef(**row) if row else None


def lock_policy(connection: Connection, bank_id: UUID) -> dict[str, Any]:
    """A bank's policy, locked until the transaction ends."""
    row = connection.execute(_SQL["lock_policy"], {"bank_id": bank_id}).fetchone()
    found: dict[str, Any] = row["policy"] if row else {}
    return found


def set_policy(connection: Connection, bank_id: UUID, policy: Mapping[str, Any]) -> dict[str, Any]:
    """The bank with another policy."""
    parameters = {"bank_id": bank_id, "policy": Jsonb(dict(policy))}
    row = connection.execute(_SQL["set_policy"], parameters).fetchone()
    assert row is not None  # noqa: S101 - it was locked in this transaction
    return row
