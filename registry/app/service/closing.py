"""Organizations are closed, and what they leave is swept."""

from __future__ import annotations

from typing import Any, Final, Literal
from uuid import UUID

from registry import jobs
from registry.catalogue.entries.store import assets
from registry.catalogue.entries.store import details as kept
from registry.catalogue.entries.store import entries as entry_store
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
from registry.persons import store as persons
from registry.persons.erasure.service import finish_erasure
from registry.persons.photos import store as person_photos
from registry.review.disputes import store as disputes
from registry.review.disputes.service.settlement import settle_dispute
from registry.review.queue import store as reviews
from registry.sharing.sources import store as exchanges
from registry.sharing.webhooks.store import webhooks

_AT_ONCE: Final = 500
_ROUNDS: Final = 4


def erase_closed_details(service: Service, organization_id: UUID) -> int:
    """Destroy whom its entries depict, where they were seen, and the evidence; of how many, `_AT_ONCE` times
    `_ROUNDS` at most. Safe to repeat: keys go first, so that copies in backups are noise wherever this is cut
    off. Raises `Unavailable` (`keys_unavailable`)."""
    erased = 0
    for _ in range(_ROUNDS):
        with service.pool.transaction() as connection:
            found = kept.of_organization(connection, organization_id, _AT_ONCE)
        if not found:
            break
        for _, key_id in found:
            service.keys.destroy(key_id)
        with service.pool.transaction() as connection:
            gone = [entry_id for entry_id, _ in found if kept.erase(connection, entry_id)]
            record_events(
                connection, [event(None, "entry.details_erased", organization_id, item) for item in gone]
            )
        erased += len(gone)
    return erased


Entries = Literal["keep", "withdraw"]
SETTLED: Final = "settled"


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
    later(service, erase_closed_details, organization_id)
    return show_organization(service, caller, organization_id)


def _close(connection: Connection, caller: Caller, organization_id: UUID, entries: Entries) -> list[UUID]:
    """In the caller's transaction; the persons whose keys are to be destroyed after it."""
    organizations.close(connection, organization_id, entries)
    revoked = callers.revoke_all(connection, organization_id)
    withdrawn = withdraw(connection, caller, organization_id) if entries == "withdraw" else 0
    failed = _fail_lookups(connection, organization_id)
    discard_letters(connection, caller, organization_id)
    freed = reviews.release_claims(connection, organization_id)
    record_events(
        connection, [event(caller, "review.released", organization_id, entry_id) for entry_id in freed]
    )
    _withdraw_disputes(connection, caller, organization_id)
    webhooks.disable_all(connection, organization_id)
    exchanges.stop_all(connection, organization_id)
    record_events(
        connection,
        [
            event(caller, "watch.ended", organization_id, subject=item)
            for item in watches.end_all(connection, organization_id)
        ],
    )
    people = closing.persons(connection, organization_id)
    for person_id in people:
        persons.end(connection, person_id, "revoked")
        person_photos.close(connection, person_id)
        persons.record(connection, person_id, "revoked", caller_id=caller.caller_id)
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


def withdraw(connection: Connection, caller: Caller | None, organization_id: UUID) -> int:
    """Withdraw what a closed organization has registered, in the caller's transaction; how many entries.
    `caller` None: the service itself, which leaves disputes to reviewers."""
    entry_ids = entry_store.lock_of_organization(connection, organization_id)
    assets.fail_of_organization(connection, organization_id, closing.CODE, closing.MESSAGE)
    closing.fail_media_jobs(connection, organization_id)
    if entry_ids:
        entry_store.withdraw_all(connection, entry_ids)
        reviews.unqueue(connection, entry_ids)
    said = {"reason_code": closing.CODE}
    record_events(
        connection,
        [event(caller, "entry.withdrawn", organization_id, entry_id, said=said) for entry_id in entry_ids],
    )
    if caller is not None:
        for dispute in closing.settle_disputes(connection, caller.caller_id, entry_ids):
            record_event(
                connection,
                caller,
                "dispute.decided",
                organization_id=organization_id,
                entry_id=dispute["entry_id"],
                subject={"dispute_id": dispute["dispute_id"]},
                said={"outcome": "upheld", "remedy": "withdrawn", "reason_code": SETTLED},
            )
    return len(entry_ids)


def _withdraw_disputes(connection: Connection, caller: Caller, organization_id: UUID) -> None:
    """What it has contested elsewhere answers again."""
    for dispute_id in closing.own_disputes(connection, organization_id):
        entry_id = disputes.entry_of(connection, dispute_id)
        if entry_id is not None:
            reviews.lock(connection, entry_id)
        row = disputes.show(connection, organization_id, dispute_id)
        if row is not None:
            settle_dispute(connection, caller, row, outcome="withdrawn", reason_code=SETTLED)


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
                ended += withdraw(connection, None, organization_id)
        later(service, erase_closed_details, organization_id)
    return ended
