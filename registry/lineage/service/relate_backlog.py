"""Have relatives looked for of entries that are older than the search for them, or whose job has failed."""

from __future__ import annotations

from typing import Final

from registry.core.service import Service
from registry.jobs.store import jobs
from registry.lineage.store import related

OPEN: Final = 50
"""Jobs that wait at most when more are written: what is registered now must not stand behind thousands."""
REST_SECONDS: Final = 24 * 3600.0
"""How long an entry rests whose job has failed."""


def relate_backlog(service: Service) -> int:
    """Write jobs for some of those entries; how many. Call again for the next ones."""
    with service.pool.transaction() as connection:
        asked = related.backlog(connection, most=OPEN, rest=REST_SECONDS)
        for entry_id in asked:
            jobs.enqueue(connection, "relate_entry", entry_id)
    return len(asked)
