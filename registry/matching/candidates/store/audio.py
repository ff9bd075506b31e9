"""Search for media that may sound like a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from registry.catalogue.fingerprints.model import audio, peaks
from registry.catalogue.fingerprints.model.sounds import Sounds
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

FIRST: Final = 64
"""Keys searched first. If more than half of them reach PER_KEY media, the rest are not searched: they would
add nothing."""
PER_KEY: Final = 16
"""Most media per key. If a key reaches it, as many trusted media are searched besides."""
HITS: Final = 40
"""Most media returned, those that share most keys, plus as many trusted ones."""


def hits(
    connection: Connection,
    keys: Sequence[int],
    *,
    organization_id: UUID,
    bank_id: UUID | None,
    least: int = 1,
) -> dict[UUID, Sounds]:
    """Return the sounds of media that share keys (`audio.keys`, `peaks.keys`), at least `least` of them,
    and may answer.

    Chance hits are among them: with a million minutes registered, a query of one minute meets some thousand.
    """
    stride = -(-len(keys) // FIRST) or 1
    batches = [keys[::stride], [key for at, key in enumerate(keys) if at % stride]]
    found: dict[UUID, Sounds] = {}
    for batch in batches:
        if batch:
            rows = _rows(
                connection, parameters(batch, organization_id=organization_id, bank_id=bank_id, least=least)
            )
            found |= {
                row["asset_id"]: Sounds(audio.values(row["chromaprint"]), peaks.values(row["peaks"]))
                for row in rows
            }
            if rows and rows[0]["crowded"] > len(batch) / 2:
                break
    return found


def _rows(connection: Connection, arguments: dict[str, object]) -> list[dict[str, Any]]:
    with connection.pipeline():
        connection.execute(_SQL["plan"])
        cursor = connection.execute(_SQL["hits"], arguments, binary=True)
    return cursor.fetchall()


def parameters(
    keys: Sequence[int], *, organization_id: UUID, bank_id: UUID | None, least: int = 1
) -> dict[str, object]:
    """Return the parameters of the query `hits`."""
    return {
        "keys": list(keys),
        "organization_id": organization_id,
        "bank_id": bank_id,
        "per_key": PER_KEY,
        "hits": HITS,
        "least": least,
    }
