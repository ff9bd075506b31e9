"""`fakeprint admin job`: what the workers have to do, and dead letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import click

from registry.core.errors import Conflict, NotFound
from registry.core.terminal import ending, options, shown
from registry.core.terminal.lifetime import here
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable

_ID = click.argument("job_id", metavar="JOB", type=click.UUID)
_DEAD_LETTER = "next: fakeprint admin job retry {0}, or: fakeprint admin job discard {0}"


@click.group(short_help="See what the workers do, and deal with dead letters.")
def job() -> None:
    """Jobs of the workers, for whoever runs the deployment. A job that was given up for a reason that is not
    its media's own (each try ended a worker, or what it needs stayed away) is a dead letter until somebody
    retries or discards it.

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
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many.")
@options.json
@options.service
def list_(state: str, task: str | None, limit: int, as_json: bool, service: options.Service) -> int:
    """List jobs, the newest first.

    \b
    Examples:
      fakeprint admin job list --json
      fakeprint admin job list --state failed --task fingerprint_asset
    """
    params = {"state": state, "limit": str(limit)} | ({"task": task} if task else {})
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/jobs", params).body
    if as_json:
        for item in found["jobs"]:
            print_json(item)
        return ending.DONE
    if not found["jobs"]:
        click.echo("No dead letters." if state == "dead" else "No such jobs.")
        return ending.DONE
    head = ("job", "asked for", "task", "queue", "status", "attempts", "error")
    shown.table(head, map(_row, found["jobs"]))
    if found["next"]:
        click.echo("There are more: give a greater --limit, or deal with these first.", err=True)
    return ending.DONE


@job.command("show", short_help="Show a job.")
@_ID
@options.json
@options.service
def show(job_id: UUID, as_json: bool, service: options.Service) -> int:
    """Show a job: what is to be done, who holds it, and why it failed.

    \b
    Example:
      fakeprint admin job show 6b1f6892-…
    """
    with told({"job_id": str(job_id)}, as_json=as_json), service.connect() as client:
        found = client.get(f"/v1/jobs/{job_id}").body
    return _print(found, as_json=as_json)


def _settling(verb: str, short: str, said: str) -> Callable[..., int]:
    @job.command(verb, short_help=short, help=said)
    @click.argument("job_ids", metavar="JOB...", type=click.UUID, nargs=-1, required=True)
    @options.json
    @options.service
    def settle(job_ids: tuple[UUID, ...], as_json: bool, service: options.Service) -> int:
        status = ending.DONE
        with service.connect() as client:
            for job_id in job_ids:
                try:
                    with told({"job_id": str(job_id)}, as_json=as_json):
                        found = client.post(f"/v1/jobs/{job_id}/{verb}", {}).body
                except (Conflict, NotFound) as error:
                    if len(job_ids) == 1:
                        raise
                    status = ending.NOT_ANSWERED
                    ending.print_error(error.code, f"{job_id}: {error.message}", error.next_step)
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


def _row(row: Mapping[str, Any]) -> list[str]:
    error = row["error"]["code"] if row["error"] else ""
    columns = [row["job_id"], here(row["created_at"]), row["task"], row["queue"], row["status"]]
    return [*map(str, columns), str(row["attempts"]), error]


def _print(found: Mapping[str, Any], *, as_json: bool) -> int:
    if as_json:
        print_json(found)
        return ending.DONE
    click.echo(f"{found['job_id']}  {found['task']}")
    done = f", {found['progress']:.0%} done" if found["status"] == "running" else ""
    click.echo(
        f"  {found['status']}{done}, on the queue {found['queue']}, asked for {here(found['created_at'])}"
    )
    click.echo(f"  {found['attempts']} attempts, {found['deferrals']} deferrals")
    if found["worker"]:
        click.echo(f"  worker: {printable(found['worker'])}")
    if found["due_at"] and found["status"] == "queued":
        click.echo(f"  again at {here(found['due_at'])}")
    if found["error"]:
        click.echo(f"  [{found['error']['code']}] {printable(found['error']['message'])}")
    if found["settled_as"]:
        click.echo(f"  {found['settled_as']} {here(found['settled_at'])}")
    elif found["status"] == "failed":
        click.echo(f"  {_DEAD_LETTER.format(found['job_id'])}")
    return ending.DONE
