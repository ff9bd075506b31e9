"""Which media may sound like a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.audio import Values
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

FIRST: Final = 64
"""Keys asked first: where half of them are in more media than are taken, the rest would say no more."""
PER_KEY: Final = 16
"""Media taken of those that share one key; of those that are trusted, as many again where that is too few."""
HITS: Final = 40
"""Media brought back at most, those that share most keys; of those that are trusted as many again."""


def hits(
    connection: Connection, keys: Sequence[int], *, organization_id: UUID, bank_id: UUID | None
) -> dict[UUID, Values]:
    """The media that share keys of sound (`registry.catalogue.fingerprints.model.audio.keys`) and may
    answer, with their values.

    Chance is among them: with a million minutes registered a query of one minute meets some thousand.
    """
    stride = -(-len(keys) // FIRST) or 1
    asked = [keys[::stride], [key for at, key in enumerate(keys) if at % stride]]
    found: dict[UUID, Values] = {}
    for some in asked:
        if some:
            rows = _rows(connection, some, organization_id, bank_id)
            found |= {row["asset_id"]: audio.values(row["chromaprint"]) for row in rows}
            if rows and rows[0]["crowded"] > len(some) / 2:
                break
    return found


def _rows(
    connection: Connection, keys: Sequence[int], organization_id: UUID, bank_id: UUID | None
) -> list[dict[str, Any]]:
    given = parameters(keys, organization_id=organization_id, bank_id=bank_id)
    with connection.pipeline():
        connection.execute(_SQL["plan"])
        cursor = connection.execute(_SQL["hits"], given, binary=True)
    return cursor.fetchall()


def parameters(keys: Sequence[int], *, organization_id: UUID, bank_id: UUID | None) -> dict[str, object]:
    """The parameters of the query `hits`."""
    return {
        "keys": list(keys),
        "organization_id": organization_id,
        "bank_id": bank_id,
        "per_key": PER_KEY,
        "hits": HITS,
    }
