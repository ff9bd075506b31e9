"""How many changes there were that no lookup may miss, counted in the commits of them (`change_count`).

A copy that holds a count holds the changes counted, since both come with one commit. So a lookup asks the
primary for the counts as they are now, and a copy that has them answers as the primary would, as far as what
was withdrawn or restricted goes, and what the organization itself has registered. Everything else may be as
old as the copy's lag.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Changes:
    """`everybody`: withdrawn or restricted, whoever asks; `own`: made matchable by `organization_id`."""

    everybody: int
    own: int = 0
    organization_id: UUID | None = None


def of_caller(connection: Connection, key_sha256: bytes) -> Changes | None:
    """What a lookup must see of whoever's key has this digest; None where the key does not work now."""
    row = connection.execute(_SQL["of_caller"], {"key_sha256": key_sha256}, prepare=True).fetchone()
    return Changes(row["everybody"], row["own"], row["organization_id"]) if row else None


def of_organization(connection: Connection, organization_id: UUID | None) -> Changes:
    """What a lookup of an organization must see, or what this database holds of that. None: of everybody."""
    row = connection.execute(
        _SQL["of_organization"], {"organization_id": organization_id}, prepare=True
    ).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return Changes(row["everybody"], row["own"], organization_id)
