"""Read the feeds of published banks for clients of ThreatExchange and StopNCII."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registry.catalogue.banks.model import Tier
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.sharing.federation.model.foreign_feed import Signal

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class PublishedBank:
    """A published bank. `organization`: the owner's name. `own`: the reader's organization owns it."""

    bank_id: UUID
    organization_id: UUID
    organization: str
    own: bool
    answer_tier: Tier | None


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """An entry of a feed with its place in it. `said`: it was ever published."""

    entry_id: UUID
    page_no: int
    position: int
    made_at: datetime
    status: str
    tier: Tier
    said: bool


def bank(connection: Connection, organization_id: UUID, span: tuple[UUID, UUID]) -> PublishedBank | None:
    """Return a bank that the organization may read. None: no such bank."""
    parameters = {"organization_id": organization_id, "first": span[0], "last": span[1]}
    row = connection.execute(_SQL["bank"], parameters).fetchone()
    return PublishedBank(**row) if row else None


def page(
    connection: Connection, bank_id: UUID, *, since: datetime, after: tuple[int, int], limit: int
) -> list[ChangedEntry]:
    """Return changed entries in their order. `after`: page and position of the last known one."""
    parameters = {
        "bank_id": bank_id,
        "since": since,
        "page_no": after[0],
        "position": after[1],
        "limit": limit,
    }
    return [ChangedEntry(**row) for row in connection.execute(_SQL["page"], parameters).fetchall()]


def still(
    connection: Connection, bank_id: UUID, signals: Iterable[Signal], tiers: Sequence[Tier]
) -> frozenset[str]:
    """Return those hashes that fakes of these tiers in the bank still have."""
    listed = list(signals)
    pdqs = [f"{int(signal.value, 16):0256b}" for signal in listed if signal.type == "pdq"]
    digests = [bytes.fromhex(signal.value) for signal in listed if signal.type != "pdq"]
    parameters = {"bank_id": bank_id, "pdqs": pdqs, "digests": digests, "tiers": list(tiers)}
    return frozenset(row["value"] for row in connection.execute(_SQL["still"], parameters))


def entry(connection: Connection, organization_id: UUID, span: tuple[UUID, UUID]) -> UUID | None:
    """Return the entry with this number, if the organization may read a feed that contains it."""
    parameters = {"organization_id": organization_id, "first": span[0], "last": span[1]}
    row = connection.execute(_SQL["entry"], parameters).fetchone()
    return row["entry_id"] if row else None
