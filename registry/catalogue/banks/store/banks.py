"""Banks."""

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
    connection: Connection,
    *,
    organization_id: UUID,
    name: str,
    visibility: str,
    policy: Mapping[str, Any],
    kind: str = "fakes",
) -> dict[str, Any] | None:
    """The new bank, or None where the owner has one of that name."""
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


def show(connection: Connection, organization_id: UUID, bank_id: UUID) -> dict[str, Any]:
    """A bank that the organization sees, with what it may hold and holds."""
    parameters = {"organization_id": organization_id, "bank_id": bank_id}
    row = connection.execute(_SQL["show"], parameters).fetchone()
    assert row is not None  # noqa: S101 - it was found in this transaction, and no row of a bank goes
    return row


def lock(connection: Connection, bank_id: UUID) -> dict[str, Any]:
    """A bank, locked until the transaction ends."""
    row = connection.execute(_SQL["lock"], {"bank_id": bank_id}).fetchone()
    assert row is not None  # noqa: S101 - as in `show`
    return row


def change(
    connection: Connection, bank_id: UUID, *, name: str, visibility: str, policy: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The bank, locked before, with these; None where its owner has another one of that name, be it since
    this moment: then the transaction is of no more use."""
    given = {"bank_id": bank_id, "name": name, "visibility": visibility, "policy": Jsonb(dict(policy))}
    try:
        return connection.execute(_SQL["change"], given).fetchone()
    except UniqueViolation:
        return None


def limit(
    connection: Connection, bank_id: UUID, *, entries: int | None, media: int | None, most_bytes: int | None
) -> UUID | None:
    """Let a bank hold so much; its owner, None where there is no such bank."""
    given = {"bank_id": bank_id, "entries": entries, "media": media, "bytes": most_bytes}
    row = connection.execute(_SQL["limit"], given).fetchone()
    return row["organization_id"] if row else None


def room(connection: Connection, bank_id: UUID) -> dict[str, Any]:
    """`closed`, what it may hold (`most_…`), and what it holds of that which is limited; else null."""
    row = connection.execute(_SQL["room"], {"bank_id": bank_id}).fetchone()
    assert row is not None  # noqa: S101 - as in `show`
    return row


def close(connection: Connection, bank_id: UUID) -> None:
    """It is there for nobody any more."""
    connection.execute(_SQL["close"], {"bank_id": bank_id})
    connection.execute(_SQL["closed"], {"bank_id": bank_id})


def organization(connection: Connection, name: str, organization_id: UUID | None) -> dict[str, Any] | None:
    """`organization_id` and `name` of an organization that takes part; by its id, where the name reads as
    one."""
    given = {"name": None if organization_id else name, "organization_id": organization_id}
    return connection.execute(_SQL["organization"], given).fetchone()


def share(connection: Connection, bank_id: UUID, organization_id: UUID, shared_by: UUID) -> bool:
    """Whether it was not shared with that organization before."""
    given = {"bank_id": bank_id, "organization_id": organization_id, "shared_by": shared_by}
    return connection.execute(_SQL["share"], given).fetchone() is not None


def unshare(connection: Connection, bank_id: UUID, organization_id: UUID) -> bool:
    """Whether it was shared with that organization."""
    given = {"bank_id": bank_id, "organization_id": organization_id}
    return connection.execute(_SQL["unshare"], given).fetchone() is not None


def shares(connection: Connection, bank_id: UUID) -> list[dict[str, Any]]:
    """With whom it is shared, by name."""
    return connection.execute(_SQL["shares"], {"bank_id": bank_id}).fetchall()


def set_overlay(
    connection: Connection, bank_id: UUID, organization_id: UUID, policy: Mapping[str, Any], *, set_by: UUID
) -> None:
    """What an organization changes for itself of a bank."""
    given = {
        "bank_id": bank_id,
        "organization_id": organization_id,
        "policy": Jsonb(dict(policy)),
        "set_by": set_by,
    }
    connection.execute(_SQL["overlay"], given)


def drop_overlay(connection: Connection, bank_id: UUID, organization_id: UUID) -> bool:
    """Whether it had changed anything."""
    given = {"bank_id": bank_id, "organization_id": organization_id}
    return connection.execute(_SQL["drop_overlay"], given).fetchone() is not None


def limits(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """How much each of its banks holds (`held`, `media`, `bytes`) and may (`most_…`), oldest first, 200 at
    most."""
    return connection.execute(_SQL["limits"], {"organization_id": organization_id}).fetchall()


def set_recording(
    connection: Connection, organization_id: UUID, bank_id: UUID, recording: str | None
) -> None:
    """Which lookups are recorded that concern a bank of the organization; None: as the asker's does."""
    given = {"organization_id": organization_id, "bank_id": bank_id, "recording": recording}
    connection.execute(_SQL["set_recording"], given)
