"""Known lookups that must match, with their last results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Canary:
    """The last result of a known lookup. `asked_at`: Unix time."""

    canary: str
    asked_at: float
    found: bool
    seconds: float


def store(connection: Connection, canary: str, *, found: bool, verdict: str, seconds: float) -> None:
    """Store the result of a canary."""
    parameters = {"canary": canary, "found": found, "verdict": verdict, "seconds": seconds}
    connection.execute(_SQL["store"], parameters)


def delete_others(connection: Connection, canaries: Sequence[str]) -> None:
    """Delete the results of all other canaries."""
    connection.execute(_SQL["delete_others"], {"canaries": list(canaries)})


def every(connection: Connection) -> list[Canary]:
    """Return the last results."""
    return [Canary(**row) for row in connection.execute(_SQL["every"]).fetchall()]
