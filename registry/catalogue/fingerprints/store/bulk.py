"""Bulk loading: fill or move a registry before it serves.

Index maintenance is most of the cost of storing, and an index built at the end is smaller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.store import fingerprints
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

INDEX_MEMORY_MB: Final = 1024
"""Memory for building an index, in megabytes. A larger index is built in more steps and becomes larger."""


def load(connection: Connection, media: Iterable[tuple[UUID, Fingerprint]]) -> int:
    """Write frames, vectors and faces of assets that have none. Returns the number of frame rows.

    As `fingerprints.write` does for one asset. Assets that do not exist are skipped.
    """
    listed = list(media)
    rows = connection.execute(_SQL["numbers"], {"asset_ids": [asset_id for asset_id, _ in listed]}).fetchall()
    numbers = {row["asset_id"]: row["asset_no"] for row in rows}
    existing = [(asset_id, fingerprint) for asset_id, fingerprint in listed if asset_id in numbers]
    return fingerprints.copy_all(
        connection, [(asset_id, numbers[asset_id], fingerprint) for asset_id, fingerprint in existing]
    )


@contextmanager
def deferred(connection: Connection, *, memory_mb: int = INDEX_MEMORY_MB) -> Iterator[None]:
    """Drop the indexes on frames, and rebuild them on leaving, in the same transaction.

    Lookups wait until it ends. If it fails, everything is rolled back.
    """
    indexes = connection.execute(_SQL["indexes"]).fetchall()
    connection.execute(_SQL["room"], {"memory": f"{memory_mb}MB"})
    for index in indexes:
        if index["dropping"]:
            connection.execute(index["dropping"].encode())
    yield
    for index in indexes:
        connection.execute(index["building"].encode())
