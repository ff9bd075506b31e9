"""New answers to watched lookups."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from registry import jobs
from registry.catalogue import fingerprints
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Media
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, FakeprintError, NotFound, Unavailable
from registry.core.service import Service
from registry.jobs import Job
from registry.jobs.service.queue import wake_workers
from registry.matching.candidates.store.candidates import FRAMES
from registry.matching.decision.model.keyframe_answers import Unsettled
from registry.matching.lookups.model import Match
from registry.matching.lookups.service.pipeline import Lookup, answer
from registry.matching.lookups.store import sightings
from registry.matching.watches import model as watch
from registry.matching.watches import store as watches
from registry.matching.watches.service import watches as watching
from registry.matching.watches.store import Due, MatchedWatch

log = logging.getLogger(__name__)

TRIES: Final = 3
"""Times that workers may begin an entry without finishing it before it becomes a dead letter."""
LOST: Final = (
    "worker_lost",
    "The worker died or failed with an error of its own each time it tried this entry.",
)
AT_ONCE: Final = 200
"""Entries of one job; then other organizations' media have their turn."""


def answer_watches(
    service: Service,
    job: Job,
    progress: Callable[[float], None],
    *,
    enough: Callable[[], bool] = lambda: False,
) -> None:
    """Search watches with each due entry, the oldest first, and report new answers to the watched lookups.

    The new answer comes from the same pipeline as every lookup, on the primary. A watch reports each verdict
    on an entry once, and once more when the entry has been reviewed. The report is committed together with
    the event `watch.matched`, so a killed worker repeats nothing. An entry that workers do not survive
    becomes a dead letter, and the others go on. `enough`: whether to leave the rest to another job.

    Raises `Conflict` (`lease_lost`) if another worker has the job.
    """
    primary = replace(service, replicas=None)
    for place in range(AT_ONCE):
        progress(place / AT_ONCE)
        if enough():
            break
        with service.pool.transaction() as connection:
            jobs.hold(connection, job)
            due = None if watches.forget_due(connection) else watches.begin(connection)
        if due is None:
            break
        if tried := due.tries <= TRIES:
            with _counted(service, due):
                _search(primary, due, progress)
        with service.pool.transaction() as connection:
            jobs.hold(connection, job)
            _end(connection, due, tried=tried)
    with service.pool.transaction() as connection:
        jobs.hold(connection, job)
        jobs.finish(connection, job)
    wake_workers(service)


@contextmanager
def _counted(service: Service, due: Due) -> Iterator[None]:
    """Undo the count of the try if it failed for a reason other than the entry.

    Such reasons: a service was down or too slow, or another worker has the job.
    """
    try:
        yield
    except (Unavailable, Conflict):
        with suppress(FakeprintError), service.pool.transaction() as connection:
            watches.give_back(connection, due)
        raise


def _end(connection: Connection, due: Due, *, tried: bool) -> None:
    """Finish an entry that was searched, or give it up."""
    if tried:
        jobs.settle_dead_letters(connection, "answer_watches", due.entry_id)
    else:
        code, message = LOST
        jobs.add_dead_letter(
            connection, "answer_watches", due.entry_id, attempts=due.tries - 1, code=code, message=message
        )
        log.error("watches not searched: every attempt failed", extra={"entry_id": str(due.entry_id)})
    watches.delete_due(connection, due)


def _search(service: Service, due: Due, progress: Callable[[float], None]) -> None:
    """Answer again the watches that any medium of the entry is near."""
    watches_by_id: dict[UUID, MatchedWatch] = {}
    with service.pool.transaction() as connection:
        media = watches.media(connection, due.entry_id)
    for asset_id, sha256 in media:
        for found_watch in near(service, due.entry_id, asset_id, sha256):
            watches_by_id.setdefault(found_watch.watch_id, found_watch)
    for found_watch in watches_by_id.values():
        progress(0.0)
        _answer(service, found_watch, due.entry_id)


def near(service: Service, entry_id: UUID, asset_id: UUID, sha256: str | None) -> list[MatchedWatch]:
    """Return the watches that a medium of an entry is near, or whose file it is."""
    with service.pool.transaction() as connection:
        stored = fingerprints.read(connection, asset_id, frames=FRAMES)
        if stored is None:
            return []
        return watches.find_near(connection, entry_id, sha256, watch.searching_keys(stored))


def _answer(service: Service, watch_found: MatchedWatch, entry_id: UUID) -> None:
    with service.pool.transaction() as connection:
        raw = watches.fingerprint(connection, watch_found.watch_id)
    fingerprint = _query(watch_found, raw)
    if fingerprint is None:
        return
    try:
        lookup = Lookup(
            watch_found.caller,
            fingerprint,
            watch_found.input_kind,
            sha256=watch_found.sha256,
            bank=watch_found.bank_id,
        )
        answered = answer(service, lookup)
    except NotFound:
        return  # the one bank that was searched no longer answers
    if isinstance(answered, Unsettled):
        return
    body = answered.body
    match = next((match for match in body["matches"] if match["entry_id"] == str(entry_id)), None)
    if match is not None:
        _report(service, watch_found, entry_id, match, watch.shown_answer(body))


def _query(watch_found: MatchedWatch, raw: bytes | None) -> Fingerprint | None:
    if raw is not None:
        return watch.unpacked(raw)
    if watch_found.sha256 is None:
        return None
    return Fingerprint(Media(watch_found.sha256, "video", 0.0, 1, 1, 1), (), ())


def _report(
    service: Service, watch_found: MatchedWatch, entry_id: UUID, match: Match, report: Mapping[str, Any]
) -> None:
    unreviewed = watching.unreviewed(match)
    with service.pool.transaction() as connection:
        if not watches.save_answer(
            connection, watch_found.watch_id, entry_id, match["verdict"], report, unreviewed=unreviewed
        ):
            return
        if sightings.is_kept(connection, watch_found.lookup_id):
            jobs.enqueue(connection, "follow_sighting", watch_found.lookup_id)
        record_event(
            connection,
            None,
            "watch.matched",
            organization_id=watch_found.caller.organization_id,
            entry_id=entry_id,
            subject={"watch_id": watch_found.watch_id, "lookup_id": watch_found.lookup_id},
            said={
                "verdict": report["verdict"],
                "match": match["verdict"],
                "unreviewed": unreviewed,
                "relation": match["relation"],
                "tier": match["tier"],
            },
        )
