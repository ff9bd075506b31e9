"""List the jobs of the workers for whoever runs the deployment."""

from __future__ import annotations

from typing import Any

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.require_operator import require_operator
from registry.jobs.service.show_job import shaped
from registry.jobs.store import job_letters


def list_jobs(
    service: Service,
    caller: Caller,
    *,
    state: str = "dead",
    task: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Jobs, the newest first; `next` continues where this page ends. `state`: dead (dead letters that nobody
    has dealt with), failed (whatever the reason), open or all. Needs `admin` of the operating organization.

    Raises `BadInput` (`bad_cursor`).
    """
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        rows = job_letters.page(
            connection,
            state=state,
            task=task,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    return {
        "jobs": [shaped(row) for row in rows],
        "next": cursor.encode(last["created_at"].isoformat(), last["job_id"]) if last else None,
    }
