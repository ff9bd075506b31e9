"""The job that looks for recurrences in the results of a lookup whose media were seen at an address."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from registry import jobs
from registry.catalogue import platforms
from registry.catalogue.platforms.model.web_address import Address
from registry.core.audit.service import unpack
from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.organizations.service.operator import client_keys
from registry.jobs import Job
from registry.matching import lookups
from registry.matching.lookups.service.records import SIGHTING
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.notices.service.preparation import verdict_on
from registry.takedown.recurrences.service.findings import Finding, handle_finding

log = logging.getLogger(__name__)

_VERDICTS: Final = ("known_fake", "related")
Hits = dict[tuple[UUID, str], tuple[str, Mapping[str, Any]]]
"""By entry and verdict: the source of the answer (lookup or watch), and the match."""


def follow_sighting(service: Service, job: Job, progress: Callable[[float], None]) -> None:
    """Report recurrences: a lookup or its watch found an entry at a platform that had removed it.

    Recurrences are reported to campaigns of the organization that made the lookup. If it agrees to report
    places, they are also reported to campaigns of other organizations. Nothing is sent to the platform.
    Answers that arrive meanwhile are handled as well. A sighting without a watch is deleted. Idempotent.

    Raises `Conflict` (`lease_lost`) if another worker has the job, `Unavailable` (`keys_unavailable`).
    """
    handled: set[tuple[UUID, str]] = set()
    while True:
        progress(0.0)
        with service.pool.transaction() as connection:
            row = lookups.lock_sighting(connection, job.subject_id)
            jobs.hold(connection, job)
            hits = _hits(lookups.answers_to_sighting(connection, job.subject_id)) if row else {}
            fresh = {pair: hit for pair, hit in hits.items() if pair not in handled}
            if row is None or not fresh:
                lookups.forget_sighting(connection, job.subject_id)
                jobs.finish(connection, job)
                return
        handled |= set(fresh)
        address = _address(service, row)
        if address is not None:
            _follow(service, job, row, address, fresh)


def _hits(answers: Iterable[Mapping[str, Any]]) -> Hits:
    hits: Hits = {}
    for answer in answers:
        for match in answer["answer"].get("matches", ()):
            if match["entry_id"] is None:
                continue
            verdict, hit = verdict_on(answer["answer"], UUID(match["entry_id"]))
            if hit is not None and verdict in _VERDICTS:
                hits.setdefault((UUID(match["entry_id"]), verdict), (answer["via"], hit))
    return hits


def _address(service: Service, row: Mapping[str, Any]) -> Address | None:
    """Return the address of the sighting.

    Returns None if the organization's key is gone, or if a changed platform table refuses the address.
    """
    key = client_keys(service).find(row["organization_id"])
    place = unpack(key, row["sealed"], SIGHTING)
    if place is None:
        return None
    address = platforms.normalised(place["url"])
    return address if address.fault is None else None


def _follow(service: Service, job: Job, row: Mapping[str, Any], address: Address, hits: Hits) -> None:
    """Report findings to the campaigns. A `known_fake` takes precedence over `related`."""
    platform = address.platform or address.host
    with service.pool.transaction() as connection:
        campaigns = lookups.campaigns_of_sighting(
            connection, sorted({entry_id for entry_id, _ in hits}), platform, row["organization_id"]
        )
    for campaign in campaigns:
        for verdict in _VERDICTS:
            hit = hits.get((campaign["entry_id"], verdict))
            if hit is not None:
                via, match = hit
                finding = Finding(
                    organization_id=campaign["organization_id"],
                    campaign_id=campaign["campaign_id"],
                    entry_id=campaign["entry_id"],
                    address=address,
                    lookup_id=job.subject_id,
                    asked_by=row["organization_id"],
                    verdict=verdict,
                    match=match,
                    seen_time=row["seen_time"],
                    via="watch" if via == "watch" else "lookup",
                )
                with service.pool.transaction() as connection:
                    _report(service, connection, job, finding, campaign["client_id"])
                break


def _report(service: Service, connection: Connection, job: Job, finding: Finding, client_id: UUID) -> None:
    campaign = campaign_store.find(connection, finding.organization_id, finding.campaign_id, lock=True)
    key = client_keys(service).find(client_id)
    if campaign is None or campaign.state != "open" or key is None:
        return
    jobs.hold(connection, job)
    try:
        outcome, _ = handle_finding(connection, key, finding)
    except NotFound:
        return  # the removal was revoked meanwhile
    log.info("found again", extra={"campaign_id": str(finding.campaign_id), "outcome": outcome})
