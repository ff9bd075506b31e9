"""Have relatives looked for again where other rules have looked for them: after an upgrade."""

from __future__ import annotations

from typing import Final

from registry.core.service import Service
from registry.lineage.model.related import MODEL
from registry.lineage.store import related

MOST: Final = 1000
"""Media at a time; as many as are looked at in the minute until the next ones."""


def outdate_relatives(service: Service) -> int:
    """Let some media wait again that other rules than `lineage.model.related.MODEL` have looked at; how many.

    What they were linked with stands until then."""
    with service.pool.transaction() as connection:
        return related.outdate(connection, model=MODEL, most=MOST)
