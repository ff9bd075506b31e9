"""A worker reads a hash exchange: each stretch in one commit with how far it has come."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.service.record_statuses import record_statuses
from registry.catalogue.entries.store import entries
from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job
from registry.sharing.federation.service.compare_notes import compare_notes
from registry.sharing.federation.service.follow_peer import follow_peer
from registry.sharing.federation.service.pull_peer import pull_peer
from registry.sharing.lists.model.listed import Row
from registry.sharing.lists.model.listing import Planner
from registry.sharing.lists.service.take_rows import BATCH_ROWS, require_room
from registry.sharing.lists.store import listings
from registry.sharing.lists.store.listings import Origin
from registry.sharing.sources import model as exchange
from registry.sharing.sources import readers as peers
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.model import Terms
from registry.sharing.sources.readers import Delta
from registry.sharing.sources.service.hold_exchange import Removed, hold_exchange
from registry.sharing.sources.service.open_credentials import open_credentials

log = logging.getLogger(__name__)

_PAGE: Final = 1000


def fetch_exchange(service: Service, job: Job, progress: Callable[[float], None]) -> None:
    """Read on from the checkpoint to the exchange's end. What goes wrong stands at the exchange, and what was
    read before it is kept; the next time goes on there.

    Raises `Conflict` (`lease_lost`) where another worker has the job.
    """
    totals = {"added": 0, "withdrawn": 0, "rejected": 0}
    failed: FakeprintError | None = None
    read = True
    try:
        _read(service, job, progress, totals)
    except Removed:
        log.info("exchange is read no longer")
        read = False
    except FakeprintError as error:
        if error.code == "lease_lost":
            raise
        failed = error
    with service.pool.transaction() as connection:
        row = exchanges.lock(connection, job.subject_id)
        jobs.hold(connection, job)
        jobs.finish(connection, job)
        if row is None:
            return
        code, message = (failed.code, failed.message) if failed else (None, None)
        if read:
            exchanges.ended(connection, job.subject_id, code=code, message=message)
        if any(totals.values()):
            record_event(
                connection,
                None,
                "import.finished",
                organization_id=row["organization_id"],
                subject={"exchange_id": job.subject_id, "bank_id": row["bank_id"]},
                said=totals,
            )
    if failed is not None:
        log.warning("exchange not read: %s", failed.code)


def _read(service: Service, job: Job, progress: Callable[[float], None], totals: dict[str, int]) -> None:
    with service.pool.transaction() as connection:
        row = exchanges.lock(connection, job.subject_id)
    if row is None or row["state"] != "active" or not row["open"]:
        raise Removed
    if row["kind"] == "registry":
        pull_peer(service, job, row, progress, totals)
        follow_peer(service, row)
        compare_notes(service, row)
        return
    settings = service.settings
    folder = Path(settings.exchange_files) if settings.exchange_files else None
    found = peers.read(
        _terms(service, row), row["checkpoint"], private=settings.exchange_private, folder=folder
    )
    seen: set[str] = set()
    for number, delta in enumerate(found.deltas):
        progress(1 - 1 / (number + 2))
        if found.whole:
            seen |= {one.source_key for one in delta.rows if one.source_key is not None}
        _apply(service, job, delta, totals)
    if found.whole:
        _drop_unseen(service, job, seen, totals)


def _terms(service: Service, row: dict[str, Any]) -> Terms:
    secret = open_credentials(service, row)
    return exchange.terms(row["kind"], row["address"], row["options"], secret, private=True)


def _apply(service: Service, job: Job, delta: Delta, totals: dict[str, int]) -> None:
    """Some thousand rows a commit; the checkpoint in the last of them."""
    stretches: list[Sequence[Row]] = [
        delta.rows[start : start + BATCH_ROWS] for start in range(0, len(delta.rows), BATCH_ROWS)
    ] or [()]
    for place, rows in enumerate(stretches):
        final = place == len(stretches) - 1
        with service.pool.transaction() as connection:
            row = hold_exchange(connection, job)
            added, withdrawn = _keep(connection, row, rows, delta.withdrawn if final else ())
            rejected = len(delta.faults) if final else 0
            exchanges.advance(
                connection,
                job.subject_id,
                delta.checkpoint if final else {},
                added=added,
                withdrawn=withdrawn,
                rejected=rejected,
            )
        for name, count in (("added", added), ("withdrawn", withdrawn), ("rejected", rejected)):
            totals[name] += count


def _keep(
    connection: Connection, row: dict[str, Any], rows: Sequence[Row], withdrawn: Sequence[str]
) -> tuple[int, int]:
    """How many entries are new or answer again, and how many were withdrawn."""
    bank_id: UUID = row["bank_id"]
    if not rows and not withdrawn:
        return 0, 0
    entries.lock_bank(connection, bank_id)
    known = listings.known(connection, bank_id, (item for one in rows for item in one.items))
    plan = Planner(known).add(rows)
    require_room(connection, bank_id, len(plan.entries))
    origin = Origin(bank_id, row["created_by"], exchange_id=row["exchange_id"])
    statuses = listings.write(connection, origin, plan)
    statuses |= listings.keep_sources(connection, row["exchange_id"], plan, withdrawn)
    record_statuses(
        connection,
        None,
        statuses,
        organization_id=row["organization_id"],
        subject={"exchange_id": row["exchange_id"]},
    )
    found = list(statuses.values())
    return len(plan.entries) + found.count("matchable"), found.count("withdrawn")


def _drop_unseen(service: Service, job: Job, seen: set[str], totals: dict[str, int]) -> None:
    """All that the exchange has came: what did not come is withdrawn."""
    after = ""
    while True:
        with service.pool.transaction() as connection:
            row = hold_exchange(connection, job)
            page = listings.source_keys(connection, job.subject_id, after=after, limit=_PAGE)
            gone = [one for one in page if one not in seen]
            _, withdrawn = _keep(connection, row, (), gone)
            exchanges.advance(connection, job.subject_id, {}, added=0, withdrawn=withdrawn, rejected=0)
        totals["withdrawn"] += withdrawn
        if len(page) < _PAGE:
            return
        after = page[-1]
