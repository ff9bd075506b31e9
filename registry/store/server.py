"""How the database's server is: for the metrics."""

from __future__ import annotations

from typing import Any

from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("server")


def takes_writes(connection: Connection) -> bool:
    """Whether it is a primary."""
    row = connection.execute(_SQL["writes"]).fetchone()
    return bool(row and row["writes"])


def archive(connection: Connection) -> dict[str, Any] | None:
    """`failures`: attempts to archive the log that came to nothing, since they were counted; `waiting`: while
    a finished segment waits, the seconds since one was archived, else 0. None where no archive is kept. Only
    a primary can be asked."""
    return connection.execute(_SQL["archive"]).fetchone()
