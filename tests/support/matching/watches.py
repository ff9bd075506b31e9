"""Watched lookups, answered with this process as the worker."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import claim_job
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_document
from registry.matching.watches import store as watches
from registry.matching.watches.model import shown_answer
from registry.matching.watches.service.answers import answer_watches
from registry.sharing.webhooks.service.events import dispatch_events
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.service.rows import write
from tests.support.steps import unwatched

FAKE = drawn.clip("speech")


COPY = drawn.clip("speech", noise=0.1, file="copy", seconds=6, start=1)


def put(service: Service, caller: Caller, *fakes: Fingerprint, bank: str | None = None) -> UUID:
    """Register a fake whose footage decides the match, whatever faces it shows."""
    made = register_entry(service, caller, Registration(fakes=fakes, bank=bank, manipulation="synthetic"))
    return UUID(made.entry_id)


def work(service: Service, recorder: Recorder) -> int:
    """Process events and answer watches until nothing waits. Return the number of jobs."""
    done = 0
    while True:
        dispatch_events(service)
        messages = [item for item in recorder.sent if item[0] == "fakeprint.answer_watches"]
        recorder.sent[:] = [item for item in recorder.sent if item not in messages]
        if not messages:
            return done
        for _, queue, job_id in messages:
            assert queue == "media"
            if (job := claim_job(service, job_id)) is not None:
                answer_watches(service, job, unwatched)
                done += 1


def notified(service: Service) -> list[tuple[str, str, str]]:
    """Return lookup, entry and verdict of each `watch.matched`, in order."""
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT subject ->> 'lookup_id' AS lookup_id, entry_id, said ->> 'match' AS match"
            " FROM event WHERE kind = 'watch.matched' ORDER BY event_id"
        ).fetchall()
    return [(row["lookup_id"], str(row["entry_id"]), row["match"]) for row in rows]


def watched(service: Service, caller: Caller, query: Fingerprint = COPY) -> Answer:
    return answer_document(service, caller, query, watch_days=30)


def let_watch_match(
    service: Service, caller: Caller, entry_id: UUID | str, verdict: str = "known_fake"
) -> UUID:
    """Watch a lookup of the caller, and let it match an entry. Return the watch's id."""
    answer = watched(service, caller, drawn.clip(f"watched {entry_id}"))
    watch_id = UUID(str(answer["watch"]["watch_id"]))
    new = shown_answer({**answer, "verdict": verdict})
    with service.pool.transaction() as connection:
        assert watches.save_answer(connection, watch_id, UUID(str(entry_id)), verdict, new, unreviewed=False)
    return watch_id


def expire_watches(service: Service, watch_id: UUID | None = None) -> None:
    """End a watch, or all."""
    write(
        service,
        "UPDATE watch SET expires_at = now() WHERE %(watch_id)s::uuid IS NULL OR watch_id = %(watch_id)s",
        watch_id=watch_id,
    )


def forget_answers(service: Service) -> None:
    """Let no watch have been answered yet."""
    write(service, "DELETE FROM watch_answer")


def let_sightings_age(service: Service, *, days: int) -> None:
    write(service, "UPDATE sighting SET created_at = created_at - make_interval(days => %s)", days)
