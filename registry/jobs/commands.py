"""`fakeprint admin job`: jobs of the workers, and dead letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

import click

from registry.core.errors import Conflict, NotFound
from registry.core.terminal import exit_status, options
from registry.core.terminal.api_command import sends
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.report import error_report, print_json
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time

_JOBS: Final = Rows(
    "jobs",
    "job: job_id, created: created_at, task, queue, status, attempts, error: error.code",
    lambda found: "No dead letters." if found["sent"]["state"] == "dead" else "No such jobs.",
    more="There are more: give a greater --limit, or retry or discard these first.",
)


@click.group(short_help="List jobs of the workers; retry or discard dead letters.")
def job() -> None:
    """Jobs of the workers, for administrators of the operating organization. A dead letter is a job that
    failed for a reason other than its media: each attempt ended a worker, or a dependency stayed away. It
    waits until somebody retries or discards it.

    \b
    Examples:
      fakeprint admin job list                       dead letters
      fakeprint admin job list --state open          waiting and running jobs
      fakeprint admin job retry 6b1f6892-…           after its cause is fixed
      fakeprint admin job discard 6b1f6892-…         accept the failure
    """


@job.command("list", short_help="List dead letters, or other jobs.")
@click.option(
    "--state",
    type=click.Choice(["dead", "failed", "open", "all"]),
    default="dead",
    show_default=True,
    help="dead: dead letters; failed: all failed jobs; open: waiting and running jobs.",
)
@click.option("--task", metavar="TASK", help="Only jobs of this task, such as fingerprint_asset.")
@options.page
@sends(
    "GET /v1/jobs",
    _JOBS,
    example=("admin job list --json", "admin job list --state failed --task fingerprint_asset"),
)
def list_() -> None:
    """List jobs, the newest first."""


def _lines(row: Row) -> Iterator[str]:
    yield f"{row['job_id']}  {row['task']}"
    done = f", {row['progress']:.0%} done" if row["status"] == "running" else ""
    yield f"  {row['status']}{done}, queue {row['queue']}, created {local_time(row['created_at'])}"
    yield f"  {row['attempts']} attempts, {row['deferrals']} deferrals"
    if row["worker"]:
        yield f"  worker: {printable(row['worker'])}"
    if row["due_at"] and row["status"] == "queued":
        yield f"  again at {local_time(row['due_at'])}"
    if row["error"]:
        yield f"  [{row['error']['code']}] {printable(row['error']['message'])}"
    if row["settled_as"]:
        yield f"  {row['settled_as']} {local_time(row['settled_at'])}"
    elif row["status"] == "failed":
        retry, discard = (f"fakeprint admin job {verb} {row['job_id']}" for verb in ("retry", "discard"))
        yield f"  next: {retry}, or: {discard}"


@job.command("show", short_help="Show a job.")
@click.argument("job_id", metavar="JOB", type=click.UUID)
@sends("GET /v1/jobs/{job_id}", _lines, example="admin job show 6b1f6892-…")
def show() -> None:
    """Show a job: its task, worker, attempts and error."""


def _settling(verb: str, short_help: str, long_help: str) -> Callable[..., int]:
    @job.command(verb, short_help=short_help, help=long_help)
    @click.argument("job_ids", metavar="JOB...", type=click.UUID, nargs=-1, required=True)
    @options.json
    @options.service
    def settle(job_ids: tuple[UUID, ...], as_json: bool, service: options.Service) -> int:
        status = exit_status.DONE
        with service.connect() as client:
            for job_id in job_ids:
                try:
                    with error_report({"job_id": str(job_id)}, as_json=as_json):
                        answer = client.send(f"POST /v1/jobs/{job_id}/{verb}")
                except (Conflict, NotFound) as error:
                    if len(job_ids) == 1:
                        raise
                    status = exit_status.NOT_ANSWERED
                    exit_status.print_error(error.code, f"{job_id}: {error.message}", error.next_step)
                    continue
                if as_json:
                    print_json(answer)
                else:
                    click.echo(
                        answer["settled_as"] if len(job_ids) == 1 else f"{job_id}  {answer['settled_as']}"
                    )
        return status

    return settle


_settling(
    "retry",
    "Retry failed jobs.",
    """Retry failed jobs with all their attempts. The entries or lookups that failed with them wait again. If
    one cannot be retried, it is named, the others are retried, and the exit status is 1.

    \b
    Examples:
      fakeprint admin job retry 6b1f6892-…
      fakeprint admin job list --json --limit 200 | jq -r .job_id | xargs fakeprint admin job retry
    """,
)
_settling(
    "discard",
    "Discard failed jobs.",
    """Discard failed jobs: they are no longer dead letters. The entries or lookups that failed with them stay
    failed.

    \b
    Example:
      fakeprint admin job discard 6b1f6892-…
    """,
)
