"""End the lookups of an organization that is closed, in the caller's transaction."""

from __future__ import annotations

from uuid import UUID

from registry import jobs
from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.closing import CLOSED
from registry.matching.lookups.store import lookups


def fail_lookups(connection: Connection, organization_id: UUID) -> int:
    """Fail the organization's queued lookups and their jobs, and return how many."""
    lookup_ids = lookups.fail_of_organization(connection, organization_id, *CLOSED)
    if lookup_ids:
        jobs.fail_all(connection, "answer_lookup", lookup_ids, *CLOSED)
    return len(lookup_ids)


def discard_lookups(connection: Connection, caller: Caller | None, organization_id: UUID) -> int:
    """Discard the dead letters of the organization's failed lookups, and return how many. The next sweep
    deletes their media. `caller` None: the service itself."""
    lookup_ids = lookups.dead_of_organization(connection, organization_id)
    caller_id = caller.caller_id if caller else None
    job_ids = (
        jobs.discard_dead_letters(connection, "answer_lookup", lookup_ids, caller_id) if lookup_ids else []
    )
    owner = caller.organization_id if caller else organization_id
    details = {"task": "answer_lookup"}
    record_events(
        connection,
        [
            event(caller, "job.discarded", owner, subject={"job_id": job_id}, said=details)
            for job_id in job_ids
        ],
    )
    return len(job_ids)
