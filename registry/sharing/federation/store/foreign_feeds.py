"""Read the feeds of published banks for clients of ThreatExchange and StopNCII."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.catalogue.banks.model import Tier
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.sharing.federation.model.foreign_feed import Signal

_SQL = sql.load(__name__)


def bank(connection: Connection, organization_id: UUID, span: tuple[UUID, UUID]) -> dict[str, Any] | None:
    """Return a readable bank: bank_id, organization_id, organization (the owner's name), own, answer_tier.
    None: no such bank."""
    asked = {"organization_id": organization_id, "first": span[0], "last": span[1]}
    return connection.execute(_SQL["bank"], asked).fetchone()


def page(
    connection: Connection, bank_id: UUID, *, since: datetime, after: tuple[int, int], limit: int
) -> list[dict[str, Any]]:
    """Return rows of entry_id, page_no, position, made_at, status, tier and said (whether it was ever
    published).

    `after`: page and position of the last known row.
    """
    asked = {"bank_id": bank_id, "since": since, "page_no": after[0], "position": after[1], "limit": limit}
    return connection.execute(_SQL["page"], asked).fetchall()


def still(
    connection: Connection, bank_id: UUID, signals: Iterable[Signal], tiers: Sequence[Tier]
) -> frozenset[str]:
    """Return those hashes that fakes of these tiers in the bank still have."""
    given = list(signals)
    pdqs = [f"{int(signal.value, 16):0256b}" for signal in given if signal.type == "pdq"]
    digests = [bytes.fromhex(signal.value) for signal in given if signal.type != "pdq"]
    asked = {"bank_id": bank_id, "pdqs": pdqs, "digests": digests, "tiers": list(tiers)}
    return frozenset(row["value"] for row in connection.execute(_SQL["still"], asked))


def entry(connection: Connection, organization_id: UUID, span: tuple[UUID, UUID]) -> UUID | None:
    """Return the entry with this number, if the organization may read a feed that contains it."""
    asked = {"organization_id": organization_id, "first": span[0], "last": span[1]}
    row = connection.execute(_SQL["entry"], asked).fetchone()
    return row["entry_id"] if row else None
