"""Search the entries of an organization by text, digest and encrypted details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.model.found_entry import FoundEntry
from registry.catalogue.entries.store.details import Sealed
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)
MOST_READ: Final = 400
"""Entries of a bank that are read for one search by text. Of more matches, any of them are shown."""


def by_text(
    connection: Connection, organization_id: UUID, text: str, *, cases: bool, limit: int
) -> list[FoundEntry]:
    """Return entries in whose title or claim each word of the text occurs, as a part of a word too.

    Case, accents and vowel signs are ignored. `cases`: include private intake cases.
    """
    parameters = {"organization_id": organization_id, "text": text, "cases": cases, "limit": limit}
    rows = connection.execute(_SQL["by_text"], parameters | {"most": MOST_READ}).fetchall()
    return [FoundEntry(**row) for row in rows]


def by_digest(
    connection: Connection, organization_id: UUID, sha256: bytes, *, cases: bool, limit: int
) -> list[FoundEntry]:
    """Return entries with a medium of this SHA-256."""
    parameters = {"organization_id": organization_id, "sha256": sha256, "cases": cases, "limit": limit}
    return [FoundEntry(**row) for row in connection.execute(_SQL["by_digest"], parameters).fetchall()]


def described(
    connection: Connection, organization_id: UUID, *, cases: bool, limit: int
) -> list[tuple[FoundEntry, Sealed]]:
    """Return the newest entries with encrypted details."""
    parameters = {"organization_id": organization_id, "cases": cases, "limit": limit}
    rows = connection.execute(_SQL["described"], parameters).fetchall()
    return [(_entry(row), Sealed(row["key_id"], row["sealed"])) for row in rows]


def _entry(row: Mapping[str, Any]) -> FoundEntry:
    return FoundEntry(**{name: row[name] for name in FoundEntry.__slots__})
