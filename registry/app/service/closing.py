"""Organizations are closed, and what they leave is swept."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from registry import jobs
from registry.catalogue.entries.service.withdrawal import erase_organization_details, withdraw_organization
from registry.core.after_commit import later
from registry.core.audit.service import event, record_event, record_events
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.store import callers
from registry.identity.organizations.service.operator import require_operator
from registry.identity.organizations.service.organizations import show_organization, unknown
from registry.identity.organizations.store import closing, organizations
from registry.matching.lookups.store import lookups
from registry.matching.watches import store as watches
from registry.persons.erasure.service import finish_erasure, revoke_organization
from registry.review import queue as reviews
from registry.review.disputes.service.settlement import withdraw_disputes
from registry.sharing.sources import store as exchanges
from registry.sharing.webhooks.store import webhooks

Entries = Literal["keep", "withdraw"]


def close_organization(
    service: Service, caller: Caller, organization_id: UUID, *, entries: Entries = "withdraw"
) -> dict[str, Any]:
    """The organization, closed for good. In one commit its keys stop, its queued lookups fail
    (`organization_closed`) and dead letters of failed ones are discarded, what its reviewers had claimed is
    free, its disputes are withdrawn, nothing more is told to it, read for it or watched, the persons it has
    enrolled are erased, and its entries are withdrawn, or with `keep` answer on. What it has said of them
    under seal is erased after that. Jobs under way end without writing. Twice, nothing more happens.

    Needs `admin` of the organization that runs the deployment. Raises `Forbidden` (`not_operator`),
    `NotFound` (`unknown_organization`), `Conflict` (`operating_organization`).
    """
    with service.pool.transaction() as connection:
        closing.be_patient(connection)
        require_operator(connection, caller)
        row = organizations.lock(connection, organization_id)
        if row is None:
            raise unknown(organization_id)
        if organizations.operates(connection, organization_id):
            raise Conflict(
                "That organization runs the deployment and cannot be closed.", code="operating_organization"
            )
        ended = [] if row["state"] == "closed" else _close(connection, caller, organization_id, entries)
    for person_id in ended:
        later(service, finish_erasure, person_id)
    later(service, erase_organization_details, organization_id)
    return show_organization(service, caller, organization_id)


def _close(connection: Connection, caller: Caller, organization_id: UUID, entries: Entries) -> list[UUID]:
    """In the caller's transaction; the persons whose keys are to be destroyed after it."""
    organizations.close(connection, organization_id, entries)
    revoked = callers.revoke_all(connection, organization_id)
    withdrawn = _withdraw(connection, caller, organization_id) if entries == "withdraw" else 0
    failed = _fail_lookups(connection, organization_id)
    discard_letters(connection, caller, organization_id)
    freed = reviews.release_claims(connection, organization_id)
    record_events(
        connection, [event(caller, "review.released", organization_id, entry_id) for entry_id in freed]
    )
    withdraw_disputes(connection, caller, organization_id)
    webhooks.disable_all(connection, organization_id)
    exchanges.stop_all(connection, organization_id)
    record_events(
        connection,
        [
            event(caller, "watch.ended", organization_id, subject=item)
            for item in watches.end_all(connection, organization_id)
        ],
    )
    people = revoke_organization(connection, caller, organization_id)
    record_event(
        connection,
        caller,
        "organization.closed",
        organization_id=organization_id,
        subject={"organization_id": organization_id},
        said={
            "entries": entries,
            "withdrawn": withdrawn,
            "callers": revoked,
            "lookups": failed,
            "claims": len(freed),
            "persons": len(people),
        },
    )
    return people


def _fail_lookups(connection: Connection, organization_id: UUID) -> int:
    """Its queued lookups fail, and the jobs that would answer them; how many."""
    why = closing.CODE, closing.MESSAGE
    lookup_ids = lookups.fail_of_organization(connection, organization_id, *why)
    if lookup_ids:
        jobs.fail_all(connection, "answer_lookup", lookup_ids, *why)
    return len(lookup_ids)


def discard_letters(connection: Connection, caller: Caller | None, organization_id: UUID) -> int:
    """Let its failed lookups be, in the caller's transaction; of how many the dead letter was open. Their
    media is let go by the next sweep. `caller` None: the service itself."""
    job_ids = closing.discard_letters(connection, organization_id, caller.caller_id if caller else None)
    whose = caller.organization_id if caller else organization_id
    said = {"task": "answer_lookup"}
    record_events(
        connection,
        [event(caller, "job.discarded", whose, subject={"job_id": id_}, said=said) for id_ in job_ids],
    )
    return len(job_ids)


def _withdraw(connection: Connection, caller: Caller | None, organization_id: UUID) -> int:
    """Withdraw the organization's entries. `caller` None: the service. Return the number of entries."""
    return withdraw_organization(connection, caller, organization_id, closing.CODE, closing.MESSAGE)


def sweep_closed(service: Service) -> int:
    """How many entries were withdrawn, and lookups failed or let be. Safe to run again. What was said of
    entries is erased too, some at a time."""
    with service.pool.transaction() as connection:
        late = closing.late(connection)
    ended = 0
    for organization_id, entries in late:
        with service.pool.transaction() as connection:
            ended += _fail_lookups(connection, organization_id)
            ended += discard_letters(connection, None, organization_id)
            if entries == "withdraw":
                ended += _withdraw(connection, None, organization_id)
        later(service, erase_organization_details, organization_id)
    return ended
