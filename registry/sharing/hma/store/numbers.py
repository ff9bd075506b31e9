"""Media by the numbers that clients of Hasher-Matcher-Actioner use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def of_media(connection: Connection, asset_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the number of each medium."""
    rows = connection.execute(_SQL["of_media"], {"asset_ids": list(asset_ids)}).fetchall()
    return {row["asset_id"]: row["asset_no"] for row in rows}


def bank_names(
    connection: Connection, organization_id: UUID, entry_ids: Iterable[UUID]
) -> dict[UUID, tuple[str, float]]:
    """Return the bank of each entry: `NAME` in the organization itself, else `ORGANIZATION/NAME`; and the
    share of lookups that it answers (1 for others' banks)."""
    parameters = {"organization_id": organization_id, "entry_ids": list(entry_ids)}
    rows = connection.execute(_SQL["bank_names"], parameters).fetchall()
    return {row["entry_id"]: (row["name"], float(row["share"])) for row in rows}


def videos(connection: Connection, asset_ids: Iterable[UUID]) -> set[UUID]:
    """Return those media that are videos."""
    rows = connection.execute(_SQL["videos"], {"asset_ids": list(asset_ids)}).fetchall()
    return {row["asset_id"] for row in rows}


def withdrawn(connection: Connection, entry_ids: Iterable[UUID]) -> set[UUID]:
    """Return those entries that were withdrawn."""
    rows = connection.execute(_SQL["withdrawn"], {"entry_ids": list(entry_ids)}).fetchall()
    return {row["entry_id"] for row in rows}


def content(
    connection: Connection, organization_id: UUID, bank_id: UUID, number: int
) -> dict[str, Any] | None:
    """Return entry_id, asset_id, status, metadata and disabled_until of a fake in one of the organization's
    banks."""
    return connection.execute(
        _SQL["content"], {"organization_id": organization_id, "bank_id": bank_id, "number": number}
    ).fetchone()


def disabled(connection: Connection, asset_ids: Iterable[UUID]) -> set[UUID]:
    """Return those media that are switched off now."""
    rows = connection.execute(_SQL["disabled"], {"asset_ids": list(asset_ids)}).fetchall()
    return {row["asset_id"] for row in rows}


def switch(connection: Connection, asset_id: UUID, until: datetime | str | None) -> None:
    """Switch a medium off until then (`infinity`: for good), or on (None)."""
    name = "enable" if until is None else "disable"
    connection.execute(_SQL[name], {"asset_id": asset_id, "until": until})


def signal_counts(connection: Connection, organization_id: UUID) -> list[tuple[str, int, int]]:
    """Return for each signal type its name, the number of hashes, and the time of the newest in seconds since
    1970 (-1: none)."""
    rows = connection.execute(_SQL["signal_counts"], {"organization_id": organization_id}).fetchall()
    return [(row["name"], row["size"], row["built_to"]) for row in rows]


def default_is_empty(connection: Connection, organization_id: UUID) -> bool:
    """Return whether the bank `default` has no entries."""
    row = connection.execute(_SQL["default_is_empty"], {"organization_id": organization_id}).fetchone()
    assert row is not None  # noqa: S101 - an aggregate without a condition has one row
    return bool(row["empty"])
