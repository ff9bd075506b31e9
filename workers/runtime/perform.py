"""The common part of every job: claim it, work under a lease, with its media if it has some, and report the
result."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from time import monotonic, perf_counter
from typing import Final
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded

from registry.core import logs, tracing
from registry.core.errors import DecoderCrashed, FakeprintError, MediaTooLarge, Unavailable
from registry.core.errors.blobs import BlobsUnavailable, MediaMissing
from registry.core.messaging import queues
from registry.core.service import Service
from registry.jobs import Job
from registry.jobs.model.metrics import Outcome
from registry.jobs.service.jobs import claim_job, fail_job
from registry.jobs.service.queue import record_work
from registry.jobs.service.turns import claim_in_turn, gives_way, hand_over
from workers.app import app
from workers.app import service as this_process
from workers.errors import BegunTooLate, DecoderLost, TaskTooLong, TurnOver
from workers.runtime import lease, shutdown

log = logging.getLogger(__name__)

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Errors of a full temporary folder. Other jobs may free space, so the job is tried again."""

Work = Callable[[Service, Job, Path, lease.Progress], None]
"""The specific part of a job: reads the file, then calls the one action that writes the result."""
WorkOnRows = Callable[[Service, Job, lease.Progress], None]
"""The same for a job that needs only stored data."""
Claim = Callable[[Service, UUID], Job | None]
"""Claims a job for the message about the job with this id."""


def perform(job_id: str, work: Work, *, late: bool = False) -> None:
    """Do a job, or nothing if it is done, held by another worker, or out of attempts. Safe to call twice.

    `late`: the job runs in the remaining time of another message. If that is too little, it waits for its
    own.
    """

    def on_media(service: Service, job: Job, progress: lease.Progress) -> None:
        with _media(service, job) as path:
            work(service, job, path, progress)

    perform_on_rows(job_id, on_media, late=late)


IN_TURN: Final[dict[str, Work]] = {}
"""The tasks for which somebody waits, with their work. Callers take turns with them."""
TURN_SECONDS: Final = {queues.INTERACTIVE: 0.5, queues.MEDIA: 2.0}
"""Seconds of CPU that every file has on a queue. After them it is handed over to the next queue if another
caller waits that took less time lately. Where the system does not tell the CPU, a quarter of the time counts.
Time alone does not count: a good file is not handed over because others make it slow."""
ASKS_EVERY: Final = 0.25
"""Seconds between two looks at who waits."""
MORE_SECONDS: Final = 600.0
"""Seconds in which a process begins further jobs for one message. Another one may have dropped theirs, when
it was not their turn. What is left then is sent again by the sweeper."""


def perform_in_turn(job_id: str) -> None:
    """Do the job of `IN_TURN` whose turn it is, as `perform`. A message only says that one waits. On the
    queue `interactive`, then do the next, until none waits."""
    ends = monotonic() + min(MORE_SECONDS, this_process().settings.task_time_limit / 2)
    late = False
    while perform_on_rows(job_id, _on_its_turn, late=late, claim=_claim_in_turn):
        late = True
        if _mine() != [queues.INTERACTIVE] or shutdown.requested() or monotonic() > ends:
            return


def perform_handed_over() -> bool:
    """Do the file whose turn it is among those that were handed over to `media`, if that is this worker's
    queue. Somebody waits for them, so they come before what the message is about. False if none waits."""
    try:
        job = _claim_in_turn(this_process(), None)
    except Unavailable:
        return False
    return job is not None and perform_on_rows(str(job.job_id), _on_its_turn, claim=lambda *_: job)


def _mine() -> list[str]:
    """Return the queues of this worker."""
    return [queues.kind(name) for name in app.amqp.queues.consume_from]


def _on_its_turn(service: Service, job: Job, progress: lease.Progress) -> None:
    if (seconds := TURN_SECONDS.get(job.queue)) is not None:
        progress = _in_turn(service, job, progress, seconds)
    try:
        with _media(service, job) as path:
            IN_TURN[job.task](service, job, path, progress)
    except TurnOver:
        log.info("its turn is over, handed over")
        hand_over(service, job)


def _in_turn(service: Service, job: Job, progress: lease.Progress, seconds: float) -> lease.Progress:
    """Return a progress that raises `TurnOver` if the job has had its turn and another caller waits."""
    from workers.walls.session import working_seconds  # noqa: PLC0415 - other tasks need no decoders

    began = monotonic()
    again = began + seconds

    def report(share: float) -> None:
        nonlocal again
        progress(share)
        now = monotonic()
        if now < again or (working_seconds() or (now - began) / 4) < seconds:
            return
        if gives_way(service, job, IN_TURN):
            raise TurnOver
        again = now + ASKS_EVERY

    return report


def _claim_in_turn(service: Service, job_id: UUID | None) -> Job | None:
    """Claim a job of this worker's queue: on the others are the files that were handed over. `job_id`: None
    claims only those of `media`. On `bulk` each waits for its message, as all else does."""
    processes = app.conf.worker_concurrency or 1
    for queue in _mine():
        awaited = queue == queues.INTERACTIVE
        if job_id is None and queue != queues.MEDIA:
            continue
        kept = processes if awaited else 1
        if (job := claim_in_turn(service, job_id, queue, IN_TURN, processes=kept)) is not None:
            return job
    return None


def perform_on_rows(job_id: str, work: WorkOnRows, *, late: bool = False, claim: Claim | None = None) -> bool:
    """Do a job without media, as `perform`. `claim`: claims another job than that of the message. False if
    there was nothing to do."""
    logs.bind(job_id=job_id)
    service = this_process()
    try:
        job = (claim or claim_job)(service, UUID(job_id))
    except Unavailable as error:
        log.warning("job not claimed, it will be sent again: %s", error.message)
        return False
    if job is None:
        log.info("nothing to do")
        return False
    began = perf_counter()
    logs.bind(job_id=str(job.job_id))
    log.info("job begun", extra={"attempt": job.attempts})
    about = {"fakeprint.job_id": str(job.job_id), "fakeprint.attempt": job.attempts}
    with tracing.span(f"task {job.task}", kind="consumer", parent=job.traceparent, attributes=about) as span:
        problem = _attempt(service, job, work, late=late)
        if problem is not None:
            _report(service, job, problem)
        if span is not None:
            span.set_attribute("fakeprint.outcome", problem.code if problem else "done")
    seconds = perf_counter() - began
    record_work(service, job.task, _outcome(problem), seconds)
    log.info("job ended", extra={"ms": round(seconds * 1000), "done": problem is None})
    return True


def _outcome(problem: FakeprintError | None) -> Outcome:
    if problem is None:
        return "done"
    if problem.code == lease.LOST:
        return "lost"
    return "unavailable" if isinstance(problem, Unavailable) else "failed"


def _attempt(service: Service, job: Job, work: WorkOnRows, *, late: bool) -> FakeprintError | None:
    """Do the work. Return what went wrong as an error with a stable code, or None."""
    try:
        with lease.kept(service, job) as progress:
            work(service, job, progress)
    except FakeprintError as error:
        again = isinstance(error, DecoderCrashed) and error.killed and not job.deferrals
        return DecoderLost() if again else error
    except SoftTimeLimitExceeded:
        return _timed_out(service, late=late)
    except MemoryError:
        limit = service.settings.worker_memory_mb
        return MediaTooLarge(f"The work took more memory than the limit of {limit} MB.")
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return BlobsUnavailable(
                f"This worker has no room for its temporary files ({error.strerror}).",
                next_step="Give TMPDIR or /tmp more room, or set a smaller FAKEPRINT_MAX_UPLOAD_BYTES.",
            )
        log.exception("job met an error that nobody foresaw")
        return FakeprintError(f"The worker met an error of its own ({type(error).__name__}).")
    return None


def _timed_out(service: Service, *, late: bool) -> FakeprintError:
    if late:
        return BegunTooLate("The work was begun too late in the time of another's message.")
    limit = service.settings.task_time_limit
    return TaskTooLong(f"The work took longer than the limit of {limit} s.")


def _media(service: Service, job: Job) -> AbstractContextManager[Path]:
    if job.blob_key is None:
        raise MediaMissing
    return service.blobs.local_path(job.blob_key)


def _report(service: Service, job: Job, problem: FakeprintError) -> None:
    """Record that the job failed, unless another worker has it by now."""
    if problem.code == lease.LOST:
        log.info("lease lost, another worker has the job")
        return
    try:
        fail_job(service, job, problem)
    except FakeprintError as error:
        log.warning("failure not recorded (%s): %s", error.code, error.message)
