"""Callers that reconstruct hashes: detect across processes, list, clear."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from registry.core.audit.model.event import Event
from registry.core.audit.service import record_event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity import organizations
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import require_operator
from registry.identity.organizations.service.organizations import get_organization, unknown
from registry.matching.abuse import store as reconstruction
from registry.matching.abuse.model import SharedWalk, WalkReport, is_straight, is_suspected
from registry.matching.abuse.schemas import ReconstructionOfOrganization

LOGGER = logging.getLogger(__name__)

PATIENCE: Final = 1.0
"""Seconds to wait for a connection; after that the report is retried a little later."""
OVERLAP: Final = timedelta(seconds=10)
"""Most time between a change in a transaction and its commit."""


@dataclass(frozen=True, slots=True)
class News:
    """Walks that changed, the time from which to ask next, and newly suspected organizations."""

    walks: Sequence[SharedWalk]
    since: datetime
    suspected: Sequence[UUID]


def share_walks(service: Service, reports: Sequence[WalkReport], since: datetime | None) -> News:
    """Report this process's walks, and return what all processes know of walks since a time.

    If a walk is suspected (limit `reconstruction_bits`), the event `reconstruction.suspected` is recorded
    and the organization's near-identical hashes are refused. Raises `Unavailable`.
    """
    suspected: list[UUID] = []
    with service.pool.transaction(PATIENCE) as connection:
        changed = reconstruction.share(connection, reports) if reports else []
        most = service.settings.reconstruction_bits
        for row in sorted(changed, key=lambda change: str(change["organization_id"])):
            straight = 0
            if is_straight(row["bits"], row["turns"], row["hashes"]):
                straight = reconstruction.count_straight_bits(
                    connection, row["organization_id"], row["algorithm"]
                )
            suspicious = is_suspected(row["bits"], straight, most)
            if suspicious and _suspect(connection, row, service.settings.reconstruction_seconds):
                suspected.append(row["organization_id"])
        walks, now = reconstruction.list_changed(connection, since or reconstruction.BEGINNING)
    return News(walks, now - OVERLAP, suspected)


def _suspect(connection: Connection, row: dict[str, Any], hold: float) -> bool:
    """Record the suspicion; False if the organization is refused already."""
    organization_id: UUID = row["organization_id"]
    organizations.lock_organization(connection, organization_id)
    if not reconstruction.suspect(connection, organization_id, row["algorithm"], row["centre"], hold=hold):
        return False
    details = {"algorithm": row["algorithm"], "bits": row["bits"], "refused_seconds": int(hold)}
    suspicion = Event(
        "reconstruction.suspected",
        organization_id=organization_id,
        caller_id=row["caller_id"],
        subject={"caller_id": row["caller_id"]},
        said=details,
    )
    record_events(connection, [suspicion])
    ids = {"organization_id": str(organization_id), "reconstruction_caller_id": str(row["caller_id"])}
    LOGGER.warning("lookups that reconstruct a hash are suspected", extra={**ids, **details})
    return True


MOST: Final = 100


def get_reconstruction(
    service: Service, caller: Caller, organization_id: UUID
) -> ReconstructionOfOrganization:
    """Return suspected walks of the caller's own organization, without hashes. The operator sees every
    organization's.

    Needs `admin`. Raises `NotFound` (`unknown_organization`).
    """
    get_organization(service, caller, organization_id)
    with service.pool.transaction() as connection:
        rows = reconstruction.page(connection, organization_id, limit=MOST)
    until = max((row["refused_until"] for row in rows if row["refused"]), default=None)
    return ReconstructionOfOrganization.model_validate(
        {"organization_id": organization_id, "refused_until": until, "suspected": rows}
    )


def lift_reconstruction(
    service: Service, caller: Caller, organization_id: UUID
) -> ReconstructionOfOrganization:
    """Clear an organization: answer its near-identical hashes again, and restart the count of flipped bits.

    Every process follows within about a second. Needs `admin` of the organization that runs the deployment.
    Raises `Forbidden` (`not_operator`), `NotFound` (`unknown_organization`).
    """
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        if organizations.lock_organization(connection, organization_id) is None:
            raise unknown(organization_id)
        walks = reconstruction.lift(connection, organization_id)
        if walks:
            record_event(
                connection,
                caller,
                "reconstruction.cleared",
                organization_id=organization_id,
                said={"walks": walks},
            )
    return get_reconstruction(service, caller, organization_id)
