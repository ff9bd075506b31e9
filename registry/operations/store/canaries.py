"""Known lookups that must match, with their last results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def keep(connection: Connection, canary: str, *, found: bool, verdict: str, seconds: float) -> None:
    """Store the result of a canary."""
    parameters = {"canary": canary, "found": found, "verdict": verdict, "seconds": seconds}
    connection.execute(_SQL["keep"], parameters)


def forget_others(connection: Connection, canaries: Sequence[str]) -> None:
    """Delete the results of all other canaries."""
    connection.execute(_SQL["forget_others"], {"canaries": list(canaries)})


def every(connection: Connection) -> list[dict[str, Any]]:
    """Return canary, asked_at (Unix time), found, seconds."""
    return connection.execute(_SQL["all"]).fetchall()
