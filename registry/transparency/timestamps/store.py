"""Time stamps of the ledger's checkpoints, and when the next one is made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def claim(connection: Connection, held: float) -> dict[str, Any] | None:
    """size and note of the checkpoint to be stamped now, and how many attempts in a row have failed; None
    where there is none, or another process is at it. Nobody else gets it for `held` seconds."""
    return connection.execute(_SQL["claim"], {"held": held}).fetchone()


def keep(
    connection: Connection, size: int, response: bytes, stamped_at: datetime, authority: str, *, pause: float
) -> None:
    """Keep a stamp; the next one comes in `pause` seconds at the earliest."""
    connection.execute(
        _SQL["keep"],
        {"size": size, "response": response, "stamped_at": stamped_at, "authority": authority},
    )
    connection.execute(_SQL["stamped"], {"pause": pause})


def failed(connection: Connection, code: str, *, pause: float) -> None:
    """An attempt came to nothing; the next one comes in `pause` seconds."""
    connection.execute(_SQL["failed"], {"code": code, "pause": pause})


def newest(connection: Connection, *, covering: int | None = None) -> dict[str, Any] | None:
    """size, note, response, stamped_at and authority of the newest stamped checkpoint, or of the first that
    covers the leaf at a place."""
    return connection.execute(_SQL["newest"], {"covering": covering}).fetchone()


def state(connection: Connection) -> dict[str, Any]:
    """failures, error_code and failed_at of attempts, seconds since the newest stamp (`age`, None: there is
    none), and for how many seconds a checkpoint has waited for one (`waiting`), whether or not anybody asks
    for stamps."""
    row = connection.execute(_SQL["state"]).fetchone()
    assert row is not None  # noqa: S101 - there is one row, from the migration on
    return row
