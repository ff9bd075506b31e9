"""Timestamps of the ledger's checkpoints, and the schedule of the next one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def claim(connection: Connection, held: float) -> dict[str, Any] | None:
    """Claim the checkpoint to timestamp now, for `held` seconds.

    Returns its size and note, and the number of failed attempts in a row. None if none is due, or if another
    process has claimed it.
    """
    return connection.execute(_SQL["claim"], {"held": held}).fetchone()


def keep(
    connection: Connection, size: int, response: bytes, stamped_at: datetime, authority: str, *, pause: float
) -> None:
    """Store a timestamp. The next one follows after `pause` seconds at the earliest."""
    connection.execute(
        _SQL["keep"],
        {"size": size, "response": response, "stamped_at": stamped_at, "authority": authority},
    )
    connection.execute(_SQL["stamped"], {"pause": pause})


def failed(connection: Connection, code: str, *, pause: float) -> None:
    """Record a failed attempt. The next one follows after `pause` seconds."""
    connection.execute(_SQL["failed"], {"code": code, "pause": pause})


def newest(connection: Connection, *, covering: int | None = None) -> dict[str, Any] | None:
    """Return size, note, response, stamped_at and authority of the newest timestamped checkpoint.

    `covering`: of the first one that covers the leaf at this index.
    """
    return connection.execute(_SQL["newest"], {"covering": covering}).fetchone()


def state(connection: Connection) -> dict[str, Any]:
    """Return the state of timestamping, whether or not it is configured.

    Columns: failures, error_code, failed_at, `age`: seconds since the newest timestamp (None: there is none),
    `waiting`: seconds for which a checkpoint has waited for one.
    """
    row = connection.execute(_SQL["state"]).fetchone()
    assert row is not None  # noqa: S101 - there is one row, from the migration on
    return row
