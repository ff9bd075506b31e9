"""Stored walks (sequences of near-identical queries), shared by all API processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.matching.abuse.model import SharedWalk, WalkReport, is_straight

_SQL = sql.load(__name__)

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A time before any change."""


def share(connection: Connection, reports: Sequence[WalkReport]) -> list[dict[str, Any]]:
    """Add to the stored walks, and return their new totals. No walk may occur twice in `reports`.

    Each row has `organization_id`, `caller_id`, `algorithm`, `centre` (bits as text), `bits` (number of
    flipped bits), `turns` and `hashes`.
    """
    parameters = {
        "organization_ids": [report.organization_id for report in reports],
        "caller_ids": [report.caller_id for report in reports],
        "algorithms": [report.algorithm for report in reports],
        "centres": [_bits(report.centre) for report in reports],
        "turned": [_bits(report.turned) for report in reports],
        "turns": [report.turns for report in reports],
        "hashes": [report.hashes for report in reports],
    }
    return connection.execute(_SQL["share"], parameters).fetchall()


def count_straight_bits(connection: Connection, organization_id: UUID, algorithm: str) -> int:
    """Return the number of bits that all straight walks of an organization have flipped."""
    parameters = {"organization_id": organization_id, "algorithm": algorithm}
    rows = connection.execute(_SQL["of_organization"], parameters).fetchall()
    return sum(row["bits"] for row in rows if is_straight(row["bits"], row["turns"], row["hashes"]))


def suspect(
    connection: Connection, organization_id: UUID, algorithm: str, centre: str, *, hold: float
) -> bool:
    """Refuse the organization for `hold` seconds; False if it is refused already. `centre`: bits as text."""
    parameters = {"organization_id": organization_id, "algorithm": algorithm, "centre": centre, "hold": hold}
    return connection.execute(_SQL["suspect"], parameters).rowcount > 0


def list_changed(connection: Connection, since: datetime) -> tuple[list[SharedWalk], datetime]:
    """Return the walks that changed since then, the oldest change first, and the database's time."""
    rows = connection.execute(_SQL["list_changed"], {"since": since}, prepare=True).fetchall()
    row = rows[0] if rows else connection.execute(_SQL["now"]).fetchone()
    walks = [
        SharedWalk(
            organization_id=row["organization_id"],
            algorithm=row["algorithm"],
            centre=_digits(row["centre"]),
            turned=_digits(row["turned"]),
            turns=row["turns"],
            hashes=row["hashes"],
            refused=row["refused"] or 0.0,
            lifted_at=row["lifted_at"],
        )
        for row in rows
    ]
    return walks, row["now"] if row else since


def page(connection: Connection, organization_id: UUID, *, limit: int) -> list[dict[str, Any]]:
    """Return the suspected walks of an organization, the newest first."""
    return connection.execute(_SQL["page"], {"organization_id": organization_id, "limit": limit}).fetchall()


def lift(connection: Connection, organization_id: UUID) -> int:
    """Restart the counts of an organization's walks, and return their number."""
    return connection.execute(_SQL["lift"], {"organization_id": organization_id}).rowcount


def forget(connection: Connection) -> int:
    """Delete walks that are too old, and return their number."""
    return connection.execute(_SQL["forget"]).rowcount


def _bits(digits: str) -> str:
    return f"{int(digits, 16):0256b}"


def _digits(bits: str) -> str:
    return f"{int(bits, 2):064x}"
