"""Find the original of an entry that shows the same as a fake at given instants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.lineage.model.opposite import other_side
from registry.lineage.store import lineage


def find_original(
    connection: Connection, entry_id: UUID, asset_id: UUID, at: Sequence[float]
) -> dict[str, Any] | None:
    """The original of the entry in which most of these instants are found, and when they are there."""
    media = lineage.media(connection, entry_id)
    lasts = {row["asset_id"]: row["duration"] or 0.0 for row in media if row["matchable_at"] is not None}
    best: tuple[int, UUID, list[float | None]] | None = None
    for row in lineage.derivations(connection, entry_id):
        if row["fake_id"] != asset_id or row["original_id"] not in lasts:
            continue
        there = [other_side(row["spans"], second) for second in at]
        there = [None if one is None else round(min(one, lasts[row["original_id"]]), 3) for one in there]
        count = sum(one is not None for one in there)
        if count and (best is None or count > best[0]):
            best = count, row["original_id"], there
    return None if best is None else {"asset_id": str(best[1]), "at": best[2]}
