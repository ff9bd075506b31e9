"""Which blobs are needed."""

from __future__ import annotations

from collections.abc import Sequence

from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("blobs")


def unneeded(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Those of the keys that no row names."""
    return [row["blob_key"] for row in connection.execute(_SQL["unneeded"], {"keys": list(keys)}).fetchall()]


def named(connection: Connection) -> list[str]:
    """All that rows name."""
    return [row["blob_key"] for row in connection.execute(_SQL["named"]).fetchall()]


def let_failed_go(connection: Connection) -> list[str]:
    """Assets that could not be read name their media no longer; which these were."""
    return [row["blob_key"] for row in connection.execute(_SQL["let_failed_go"]).fetchall()]
