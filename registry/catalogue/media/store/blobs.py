"""Which blobs are needed."""

from __future__ import annotations

from collections.abc import Sequence

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def unneeded(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Those of the keys that no row names."""
    return [row["blob_key"] for row in connection.execute(_SQL["unneeded"], {"keys": list(keys)}).fetchall()]


def named(connection: Connection) -> list[str]:
    """All that rows name."""
    return [row["blob_key"] for row in connection.execute(_SQL["named"]).fetchall()]


def let_failed_go(connection: Connection) -> None:
    """Assets that could not be read name their media no longer."""
    connection.execute(_SQL["let_failed_go"])


def parting(connection: Connection, *, limit: int) -> list[str]:
    """What rows name no longer and nobody has deleted yet, of `limit` notes at most, drawn by lot."""
    return [row["blob_key"] for row in connection.execute(_SQL["parting"], {"limit": limit}).fetchall()]


def parted(connection: Connection, blob_key: str) -> bool:
    """Whoever asks now sees to it: nobody has to look at it again. Whether somebody had to."""
    return connection.execute(_SQL["parted"], {"blob_key": blob_key}).rowcount > 0
