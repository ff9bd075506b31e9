"""Walks along a boundary of what is registered, as all API processes know them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.matching.abuse.model import Heard, Turned, is_straight

_SQL = sql.load(__name__)

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything changed."""


def share(connection: Connection, told: Sequence[Turned]) -> list[dict[str, Any]]:
    """Add to what is known; `organization_id`, `caller_id`, `algorithm`, `centre` (bits as text), `bits`, how
    many are turned, `turns` and `hashes` of each walk. No walk may be among them twice."""
    given = {
        "organization_ids": [turned.organization_id for turned in told],
        "caller_ids": [turned.caller_id for turned in told],
        "algorithms": [turned.algorithm for turned in told],
        "centres": [_bits(turned.centre) for turned in told],
        "turned": [_bits(item.turned) for item in told],
        "turns": [turned.turns for turned in told],
        "hashes": [turned.hashes for turned in told],
    }
    return connection.execute(_SQL["share"], given).fetchall()


def straight(connection: Connection, organization_id: UUID, algorithm: str) -> int:
    """The bits that all straight walks of an organization have turned."""
    given = {"organization_id": organization_id, "algorithm": algorithm}
    rows = connection.execute(_SQL["of_organization"], given).fetchall()
    return sum(row["bits"] for row in rows if is_straight(row["bits"], row["turns"], row["hashes"]))


def suspect(
    connection: Connection, organization_id: UUID, algorithm: str, centre: str, *, hold: float
) -> bool:
    """Refuse for `hold` seconds; False where the organization is refused already. `centre`: bits as text."""
    given = {"organization_id": organization_id, "algorithm": algorithm, "centre": centre, "hold": hold}
    return connection.execute(_SQL["suspect"], given).rowcount > 0


def heard(connection: Connection, since: datetime) -> tuple[list[Heard], datetime]:
    """The walks that have changed since then, oldest change first, and the database's time."""
    rows = connection.execute(_SQL["heard"], {"since": since}, prepare=True).fetchall()
    row = rows[0] if rows else connection.execute(_SQL["now"]).fetchone()
    found = [
        Heard(
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
    return found, row["now"] if row else since


def page(connection: Connection, organization_id: UUID, *, limit: int) -> list[dict[str, Any]]:
    """The suspected walks of an organization, newest first."""
    return connection.execute(_SQL["page"], {"organization_id": organization_id, "limit": limit}).fetchall()


def lift(connection: Connection, organization_id: UUID) -> int:
    """How many walks are counted anew."""
    return connection.execute(_SQL["lift"], {"organization_id": organization_id}).rowcount


def forget(connection: Connection) -> int:
    """How many were too old."""
    return connection.execute(_SQL["forget"]).rowcount


def _bits(digits: str) -> str:
    return f"{int(digits, 16):0256b}"


def _digits(bits: str) -> str:
    return f"{int(bits, 2):064x}"
