"""Jobs in states that take long to reach: leases that ran out, waits that ended, messages that were lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from registry.core.service import Service
from registry.jobs import Task
from tests.support.service.rows import write


def let_lease_run_out(service: Service, job_id: UUID | None = None) -> None:
    """End the lease of a running job, or of all, a minute ago."""
    write(
        service,
        "UPDATE job SET lease_until = now() - interval '1 minute' WHERE status = 'running'"
        " AND (%(job_id)s::uuid IS NULL OR job_id = %(job_id)s)",
        job_id=job_id,
    )


def let_wait_end(service: Service) -> None:
    """Make every queued job due."""
    write(service, "UPDATE job SET due_at = now() WHERE status = 'queued'")


def defer(service: Service, job_id: UUID, *, seconds: float) -> None:
    """Make a job wait, as after a failure that passes by itself."""
    write(
        service,
        "UPDATE job SET due_at = now() + make_interval(secs => %s), deferrals = 1 WHERE job_id = %s",
        seconds,
        job_id,
    )


def set_attempts(service: Service, attempts: int) -> None:
    write(service, "UPDATE job SET attempts = %s", attempts)


def let_job_have_taken(service: Service, job_id: UUID, *, seconds: float) -> None:
    """Let a job that ended have taken so long."""
    write(
        service,
        "UPDATE job SET began_at = finished_at - make_interval(secs => %s) WHERE job_id = %s",
        seconds,
        job_id,
    )


def spend_attempts(service: Service) -> None:
    """Let workers have died on every job so often that it is given up."""
    write(
        service,
        "UPDATE job SET status = 'running', attempts = 9, lease_until = now() - interval '1 minute'",
    )


def set_deferrals(service: Service, task: Task, deferrals: int) -> None:
    write(service, "UPDATE job SET deferrals = %s, due_at = NULL WHERE task = %s", deferrals, task)


def give_back(service: Service, job_id: UUID | None = None) -> None:
    """Return a job, or all jobs, to the queue without a counted attempt."""
    write(
        service,
        "UPDATE job SET status = 'queued', attempts = 0"
        " WHERE %(job_id)s::uuid IS NULL OR job_id = %(job_id)s",
        job_id=job_id,
    )


def give_up_running(service: Service) -> None:
    """Return running jobs to the queue. Their attempts stay counted."""
    write(service, "UPDATE job SET status = 'queued' WHERE status = 'running'")


def claim_elsewhere(service: Service) -> None:
    """Let another worker have claimed each job."""
    write(service, "UPDATE job SET fence = fence + 1")


def die_at_once(service: Service) -> None:
    """Let a worker claim each job that has not ended, and die."""
    write(
        service,
        "UPDATE job SET status = 'running', attempts = attempts + 1, fence = fence + 1, lease_until = now()"
        " WHERE status IN ('queued', 'running')",
    )


def finish_jobs(service: Service) -> None:
    write(service, "UPDATE job SET status = 'done'")


def fail_jobs(service: Service, task: Task | None = None) -> None:
    write(
        service, "UPDATE job SET status = 'failed' WHERE %(task)s::text IS NULL OR task = %(task)s", task=task
    )


def lose_jobs(service: Service, *job_ids: UUID) -> None:
    """Delete these jobs, or all."""
    write(
        service,
        "DELETE FROM job WHERE cardinality(%(ids)s::uuid[]) = 0 OR job_id = ANY (%(ids)s)",
        ids=[*job_ids],
    )


def lose_queued(service: Service, task: Task) -> None:
    """Delete the queued jobs of a task."""
    write(service, "DELETE FROM job WHERE task = %s AND status = 'queued'", task)


def lose_subject(service: Service, subject_id: UUID) -> None:
    """Let every job have a subject that does not exist."""
    write(service, "UPDATE job SET subject_id = %s", subject_id)


def let_jobs_wait(service: Service, *, minutes: float, sent: float = 0, job_id: UUID | None = None) -> None:
    """Let jobs have been queued so many minutes earlier, and their messages sent `sent` minutes earlier."""
    write(
        service,
        "UPDATE job SET created_at = created_at - make_interval(secs => 60 * %(minutes)s),"
        " sent_at = sent_at - make_interval(secs => 60 * %(sent)s)"
        " WHERE %(job_id)s::uuid IS NULL OR job_id = %(job_id)s",
        minutes=minutes,
        sent=sent,
        job_id=job_id,
    )


def let_ended_jobs_age(service: Service, *, days: int, job_id: UUID | None = None) -> None:
    write(
        service,
        "UPDATE job SET finished_at = finished_at - make_interval(days => %(days)s)"
        " WHERE %(job_id)s::uuid IS NULL OR job_id = %(job_id)s",
        days=days,
        job_id=job_id,
    )


def end_long_ago(service: Service, done: UUID, *, settled: UUID, dead: Collection[UUID]) -> None:
    """End all fingerprinting 31 days ago: one job is done, the others failed, one dead letter is settled."""
    write(
        service,
        "UPDATE job SET finished_at = now() - interval '31 days', dead = job_id = ANY (%s),"
        " status = CASE job_id WHEN %s THEN 'done' ELSE 'failed' END,"
        " settled_at = CASE job_id WHEN %s THEN now() END WHERE task = 'fingerprint_asset'",
        [*dead],
        done,
        settled,
    )


def end_unread(service: Service, task: str) -> None:
    """Have the jobs of a task failed 31 days ago, as settled dead letters."""
    write(
        service,
        "UPDATE job SET status = 'failed', dead = true, finished_at = now() - interval '31 days',"
        " settled_at = now(), error_code = 'bad_media', error_message = 'x' WHERE task = %s",
        task,
    )


def miss_renewals(service: Service, *, sent: int = 8) -> None:
    """Let workers have renewed no lease for 7 seconds. `sent`: seconds since the messages were sent."""
    write(
        service,
        "UPDATE job SET renewed_at = now() - interval '7 s', sent_at = now() - make_interval(secs => %s)",
        sent,
    )


def renew(service: Service) -> None:
    """Let each worker have renewed its lease now."""
    write(service, "UPDATE job SET renewed_at = now()")


def let_unsent_messages_age(service: Service) -> None:
    write(service, "UPDATE outbox SET created_at = now() - interval '1 day'")


def lose_messages(service: Service) -> None:
    """Empty the outbox."""
    write(service, "DELETE FROM outbox")


def date_sweeper(service: Service, *, swept: str | None = None, steady_since: str | None = None) -> None:
    """Set how long ago the sweeper ran, and since when it has run without a pause. Both: an interval."""
    write(
        service,
        "UPDATE sweeper SET swept_at = coalesce(now() - %s::interval, swept_at),"
        " steady_since = coalesce(now() - %s::interval, steady_since)",
        swept,
        steady_since,
    )


def fill_queue(service: Service, jobs: int) -> Sequence[UUID]:
    """Queue lookups of files that nobody works on."""
    made = write(
        service,
        "INSERT INTO job (task, subject_id, queue) SELECT 'answer_lookup', gen_random_uuid(), 'interactive'"
        " FROM generate_series(1, %s) RETURNING job_id",
        jobs,
    )
    return [row["job_id"] for row in made]
