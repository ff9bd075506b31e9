"""Which blobs are needed."""

from __future__ import annotations

from collections.abc import Sequence

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def lock(connection: Connection, blob_key: str) -> None:
    """Take turns over one medium until the transaction ends."""
    connection.execute(_SQL["lock"], {"blob_key": blob_key})


def be_patient(connection: Connection) -> None:
    """Let this transaction wait for its client as long as it takes."""
    connection.execute(_SQL["be_patient"])


def needed(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Those of the keys that an asset or a picture of one names."""
    return {row["blob_key"] for row in connection.execute(_SQL["needed"], {"keys": list(keys)}).fetchall()}


def named(connection: Connection) -> list[str]:
    """All that assets and pictures of them name."""
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
