"""End a bank, or entries whose retention is over. One transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from registry import jobs
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)
_WHY: Final = ("entry_withdrawn", "The entry was withdrawn.")


def be_patient(connection: Connection) -> None:
    """Raise the statement timeout of this transaction to ten minutes."""
    connection.execute(_SQL["patience"])


def lock_entries(connection: Connection, bank_id: UUID) -> tuple[list[UUID], int]:
    """Lock the bank's entries that are not withdrawn. Returns them, and how many are under a court order."""
    rows = connection.execute(_SQL["lock_entries"], {"bank_id": bank_id}).fetchall()
    return [row["entry_id"] for row in rows], sum(row["ordered"] for row in rows)


def lock_old(connection: Connection, *, limit: int) -> list[tuple[UUID, UUID]]:
    """Lock at most `limit` entries whose retention is over. Returns each with its organization."""
    rows = connection.execute(_SQL["lock_old"], {"limit": limit}).fetchall()
    return [(row["entry_id"], row["organization_id"]) for row in rows]


def withdraw(connection: Connection, entry_ids: Sequence[UUID]) -> None:
    """Withdraw locked entries, and fail the jobs of media that no other entry needs."""
    parameters = {"entry_ids": list(entry_ids)}
    asset_ids = [row["asset_id"] for row in connection.execute(_SQL["fail_media"], parameters).fetchall()]
    if asset_ids:
        segments = connection.execute(_SQL["segment_ids"], {"asset_ids": asset_ids}).fetchall()
        jobs.fail_all(connection, "fingerprint_asset", asset_ids, *_WHY)
        jobs.fail_all(connection, "fingerprint_segment", [row["segment_id"] for row in segments], *_WHY)
    connection.execute(_SQL["withdraw"], parameters)
