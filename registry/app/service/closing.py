"""Close an organization in every room, and repeat the steps for a day."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.entries.service.withdrawal import erase_organization_details, withdraw_organization
from registry.core.after_commit import later
from registry.core.audit.service import event, record_event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity import organizations
from registry.identity.callers.model import Caller
from registry.identity.callers.schemas import Organization
from registry.identity.organizations.service.closing import CLOSED, Entries, mark_closed
from registry.identity.organizations.service.organizations import get_organization
from registry.matching.lookups.service.closing import discard_lookups, fail_lookups
from registry.matching.watches.service.watches import end_all_watches
from registry.persons.erasure.service import finish_erasure, revoke_organization
from registry.review import queue as reviews
from registry.review.disputes.service.settlement import withdraw_disputes
from registry.sharing import sources, webhooks


def close_organization(
    service: Service, caller: Caller, organization_id: UUID, *, entries: Entries = "withdraw"
) -> Organization:
    """Close an organization for good, and return it. A second call changes nothing.

    One commit ends all of it. Its keys stop, its queued lookups fail (`organization_closed`), and dead
    letters of failed ones are discarded. Its reviewers' claims end, its disputes are withdrawn, its
    webhooks, exchanges and watches stop. Its enrolled persons are revoked, and its entries are withdrawn
    (`keep`: they continue to answer). Jobs under way end without writing. Encrypted details of its entries
    are erased after the commit.

    Raises as `mark_closed`.
    """
    with service.pool.transaction() as connection:
        revoked = mark_closed(connection, caller, organization_id, entries)
        ended = [] if revoked is None else _close(connection, caller, organization_id, entries, revoked)
    for person_id in ended:
        later(service, finish_erasure, person_id)
    later(service, erase_organization_details, organization_id)
    return get_organization(service, caller, organization_id)


def _close(
    connection: Connection, caller: Caller, organization_id: UUID, entries: Entries, revoked: int
) -> list[UUID]:
    """Close it in the other rooms. Return the persons whose keys must be destroyed after the commit."""
    withdrawn = 0
    if entries == "withdraw":
        withdrawn = withdraw_organization(connection, caller, organization_id, *CLOSED)
    failed = fail_lookups(connection, organization_id)
    discard_lookups(connection, caller, organization_id)
    freed = reviews.release_claims(connection, organization_id)
    record_events(
        connection, [event(caller, "review.released", organization_id, entry_id) for entry_id in freed]
    )
    withdraw_disputes(connection, caller, organization_id)
    webhooks.disable_all(connection, organization_id)
    sources.remove_all(connection, organization_id)
    end_all_watches(connection, caller, organization_id)
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


def sweep_closed(service: Service) -> int:
    """Repeat the steps for organizations closed within a day, whose requests under way may have added rows.
    Return how many entries were withdrawn and lookups failed or discarded."""
    with service.pool.transaction() as connection:
        closed = organizations.closed_lately(connection)
    ended = 0
    for organization_id, entries in closed:
        with service.pool.transaction() as connection:
            ended += fail_lookups(connection, organization_id)
            ended += discard_lookups(connection, None, organization_id)
            if entries == "withdraw":
                ended += withdraw_organization(connection, None, organization_id, *CLOSED)
        later(service, erase_organization_details, organization_id)
    return ended
