"""How much the workers have to do, and what they gave up."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.require_operator import require_operator
from registry.jobs.store import jobs, work_times


def count_jobs(service: Service, caller: Caller) -> dict[str, Any]:
    """`queues`: open jobs of each (`depth`) and for how many seconds the oldest that could be done has
    waited; `open`: by task and status, likewise; `dead`: dead letters that nobody has dealt with; `outbox`:
    messages that the broker has not taken yet. Needs `admin` of the operating organization."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        return {
            "queues": sorted(jobs.depths(connection), key=lambda row: str(row["queue"])),
            "open": sorted(
                work_times.open_jobs(connection), key=lambda row: (str(row["task"]), str(row["status"]))
            ),
            "dead": work_times.dead_letters(connection),
            "outbox": work_times.outbox(connection),
        }
