"""Where each fake of an entry under review differs from its original."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from registry.core.service import Service
from registry.matching import candidates
from registry.matching.alignment.model import differing
from registry.matching.alignment.model.align import Span
from registry.review.queue.schemas import Derived

Cells = tuple[tuple[int, int], ...]
"""Row and column of each cell, of 24 x 24 of the fake's picture."""


def differing_cells(service: Service, pairs: Sequence[Derived]) -> list[Cells]:
    """Return the cells of each pair, computed from the mosaics of both. Empty without mosaics."""
    asset_ids = [UUID(asset_id) for pair in pairs for asset_id in (pair.fake_id, pair.original_id)]
    if not asset_ids:
        return []
    with service.pool.transaction() as connection:
        coarse = candidates.read_mosaics(connection, asset_ids)
    found = []
    for pair in pairs:
        fake, original = (coarse.get(UUID(asset_id)) for asset_id in (pair.fake_id, pair.original_id))
        spans = tuple(Span(span.fake, span.original, span.speed, span.mirrored) for span in pair.spans)
        found.append(differing.cells(fake, original, spans) if fake and original else ())
    return found
