"""Known lookups that must match: what was answered last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def keep(connection: Connection, canary: str, *, found: bool, verdict: str, seconds: float) -> None:
    """A canary was asked."""
    parameters = {"canary": canary, "found": found, "verdict": verdict, "seconds": seconds}
    connection.execute(_SQL["keep"], parameters)


def forget_others(connection: Connection, canaries: Sequence[str]) -> None:
    """Only these are asked now."""
    connection.execute(_SQL["forget_others"], {"canaries": list(canaries)})


def every(connection: Connection) -> list[dict[str, Any]]:
    """canary, asked_at (seconds since 1970), found, seconds."""
    return connection.execute(_SQL["all"]).fetchall()
