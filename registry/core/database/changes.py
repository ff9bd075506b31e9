"""Counters of the changes that no lookup may miss (`change_count`), raised in the same commits.

A replica that holds a count also holds the counted changes, because both are in one commit. So a lookup reads
the current counts from the primary. A replica with these counts answers like the primary about two things:
withdrawn or restricted entries, and entries that the caller's organization registered. All other data may be
as old as the replica's lag.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Changes:
    """`everybody`: count of withdrawals and restrictions, for all callers. `own`: count of entries of
    `organization_id` that became matchable."""

    everybody: int
    own: int = 0
    organization_id: UUID | None = None


def of_caller(connection: Connection, key_sha256: bytes) -> Changes | None:
    """Return the counts that a lookup with this API key must see, or None if the key is not valid now."""
    row = connection.execute(_SQL["of_caller"], {"key_sha256": key_sha256}, prepare=True).fetchone()
    return Changes(row["everybody"], row["own"], row["organization_id"]) if row else None


def of_organization(connection: Connection, organization_id: UUID | None) -> Changes:
    """Return the counts that a lookup of an organization must see, or that this database holds. None: only
    `everybody`."""
    row = connection.execute(
        _SQL["of_organization"], {"organization_id": organization_id}, prepare=True
    ).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return Changes(row["everybody"], row["own"], organization_id)
