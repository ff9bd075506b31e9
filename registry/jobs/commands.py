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
    "job: job_id, asked for: created_at, task, queue, status, attempts, error: error.code",
    lambda found: "No dead letters." if found["sent"]["state"] == "dead" else "No such jobs.",
    more="There are more: give a greater --limit, or deal with these first.",
)


@click.group(short_help="See what the workers do, and deal with dead letters.")
def job() -> None:
    """Jobs of the workers, for whoever runs the deployment. A dead letter is a job that failed
    for a reason that does not lie in its media: each attempt ended a worker, or a dependency stayed away. It
    waits until somebody retries or discards it.

    \b
    Examples:
      fakeprint admin job list                       dead letters
      fakeprint admin job list --state open          what waits and what is being done
      fakeprint admin job retry 6b1f6892-…           do it again, the cause being mended
      fakeprint admin job discard 6b1f6892-…         let it be
    """


@job.command("list", short_help="List dead letters, or other jobs.")
@click.option(
    "--state",
    type=click.Choice(["dead", "failed", "open", "all"]),
    default="dead",
    show_default=True,
    help="dead: dead letters; failed: all that failed; open: what waits or is being done.",
)
@click.option("--task", metavar="TASK", help="Only these, such as fingerprint_asset.")
@options.page
@sends(
    "GET /v1/jobs",
    _JOBS,
    example=("admin job list --json", "admin job list --state failed --task fingerprint_asset"),
)
def list_() -> None:
    """List jobs, the newest first."""


def _lines(found: Row) -> Iterator[str]:
    yield f"{found['job_id']}  {found['task']}"
    done = f", {found['progress']:.0%} done" if found["status"] == "running" else ""
    yield f"  {found['status']}{done}, queue {found['queue']}, created {local_time(found['created_at'])}"
    yield f"  {found['attempts']} attempts, {found['deferrals']} deferrals"
    if found["worker"]:
        yield f"  worker: {printable(found['worker'])}"
    if found["due_at"] and found["status"] == "queued":
        yield f"  again at {local_time(found['due_at'])}"
    if found["error"]:
        yield f"  [{found['error']['code']}] {printable(found['error']['message'])}"
    if found["settled_as"]:
        yield f"  {found['settled_as']} {local_time(found['settled_at'])}"
    elif found["status"] == "failed":
        retry, discard = (f"fakeprint admin job {verb} {found['job_id']}" for verb in ("retry", "discard"))
        yield f"  next: {retry}, or: {discard}"


@job.command("show", short_help="Show a job.")
@click.argument("job_id", metavar="JOB", type=click.UUID)
@sends("GET /v1/jobs/{job_id}", _lines, example="admin job show 6b1f6892-…")
def show() -> None:
    """Show a job: what is to be done, who holds it, and why it failed."""


def _settling(verb: str, short: str, said: str) -> Callable[..., int]:
    @job.command(verb, short_help=short, help=said)
    @click.argument("job_ids", metavar="JOB...", type=click.UUID, nargs=-1, required=True)
    @options.json
    @options.service
    def settle(job_ids: tuple[UUID, ...], as_json: bool, service: options.Service) -> int:
        status = exit_status.DONE
        with service.connect() as client:
            for job_id in job_ids:
                try:
                    with error_report({"job_id": str(job_id)}, as_json=as_json):
                        found = client.send(f"POST /v1/jobs/{job_id}/{verb}")
                except (Conflict, NotFound) as error:
                    if len(job_ids) == 1:
                        raise
                    status = exit_status.NOT_ANSWERED
                    exit_status.print_error(error.code, f"{job_id}: {error.message}", error.next_step)
                    continue
                if as_json:
                    print_json(found)
                else:
                    click.echo(
                        found["settled_as"] if len(job_ids) == 1 else f"{job_id}  {found['settled_as']}"
                    )
        return status

    return settle


_settling(
    "retry",
    "Do failed jobs again.",
    """Do failed jobs again, with all their tries; what failed with them waits again. One that cannot be is
    named, and the others are done; the exit status is 1 then.

    \b
    Examples:
      fakeprint admin job retry 6b1f6892-…
      fakeprint admin job list --json --limit 200 | jq -r .job_id | xargs fakeprint admin job retry
    """,
)
_settling(
    "discard",
    "Let failed jobs be.",
    """Let failed jobs be: they are no dead letters any more, and what failed with them stays failed.

    \b
    Example:
      fakeprint admin job discard 6b1f6892-…
    """,
)
