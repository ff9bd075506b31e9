"""`fakeprint watches`: lookups that are answered again by what is registered later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import click

from registry.core.terminal import ending, options, shown
from registry.core.terminal.client import Request
from registry.core.terminal.lifetime import here
from registry.core.terminal.report import print_json, told

EPILOG = """\b
Examples:
  fakeprint lookup clip.mp4 --watch 30         begin one
  fakeprint watches list
  fakeprint watches show ID
  fakeprint watches end ID
  fakeprint watches rules --most 30            how long anybody of your organization may watch
"""

_ID = click.argument("watch_id", metavar="ID", type=click.UUID)


@click.group(epilog=EPILOG, short_help="List, show and end watched lookups.")
def watches() -> None:
    """Lookups whose fingerprint is kept, without faces: a fake that is registered, reviewed or restored later
    answers them again. `fakeprint admin webhook add` has you told."""


@watches.command("list", short_help="List the watched lookups of your organization.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many.")
@options.json
@options.service
def list_(limit: int, as_json: bool, service: options.Service) -> int:
    """List the watched lookups of your organization, newest first.

    \b
    Example:
      fakeprint watches list --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/watches", {"limit": str(limit)}).body
    if as_json:
        for watch in found["watches"]:
            print_json(watch)
    elif not found["watches"]:
        click.echo("No lookups are watched.\n  next: fakeprint lookup PATH --watch 30")
    else:
        rows = (
            [
                watch["watch_id"],
                watch["lookup_id"],
                watch["input"],
                *map(here, _times(watch)),
                watch["answers"],
            ]
            for watch in found["watches"]
        )
        shown.table(("watch", "lookup", "of a", "since", "until", "new answers"), rows)
        if found["next"]:
            click.echo("There are more: give a greater --limit.", err=True)
    return ending.DONE


@watches.command(short_help="Show a watched lookup and its new answers.")
@_ID
@options.json
@options.service
def show(watch_id: UUID, as_json: bool, service: options.Service) -> int:
    """Show one watched lookup and its new answers.

    \b
    Example:
      fakeprint watches show 6b0f3c1a-…
    """
    with told({"watch_id": str(watch_id)}, as_json=as_json), service.connect() as client:
        found = client.get(f"/v1/watches/{watch_id}").body
    if as_json:
        print_json(found)
    else:
        for line in _lines(found):
            click.echo(line)
    return ending.DONE


@watches.command(short_help="End a watch and delete what is kept.")
@_ID
@options.json
@options.service
def end(watch_id: UUID, as_json: bool, service: options.Service) -> int:
    """End a watch before its time, and delete all that is kept of it.

    \b
    Example:
      fakeprint watches end 6b0f3c1a-…
    """
    with told({"watch_id": str(watch_id)}, as_json=as_json), service.connect() as client:
        done = client.call(Request("DELETE", f"/v1/watches/{watch_id}")).body
    if as_json:
        print_json({"watch_id": str(watch_id), **done})
    else:
        click.echo("ended; nothing of it is kept")
    return ending.DONE


@watches.command(short_help="Say how long lookups may be watched, and who is told of matches.")
@click.option("--most", metavar="DAYS", type=click.IntRange(0, 3650), help="0: no lookup is watched.")
@click.option("--as-deployed", is_flag=True, help="As long as the deployment allows.")
@click.option(
    "--tell-owners/--keep-to-yourself",
    default=None,
    help="Whether owners of entries, and people with a confirmed private case, learn, without who asked, "
    "that a lookup of yours matched them.",
)
@click.option(
    "--report-places/--keep-places",
    default=None,
    help="Whether who had a known fake removed at a platform learns where your lookups saw it there again.",
)
@options.json
@options.service
def rules(
    most: int | None,
    as_deployed: bool,
    tell_owners: bool | None,
    report_places: bool | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Show or change what your organization allows of its lookups. Needs a key with the role `admin`.

    \b
    Examples:
      fakeprint watches rules
      fakeprint watches rules --most 30 --tell-owners
    """
    if most is not None and as_deployed:
        raise click.UsageError("Give --most or --as-deployed.")
    body: dict[str, Any] = {} if most is None else {"watch_days_most": most}
    body |= {"watch_days_most": None} if as_deployed else {}
    body |= {} if tell_owners is None else {"tells_matches": tell_owners}
    body |= {} if report_places is None else {"reports_places": report_places}
    with told({}, as_json=as_json), service.connect() as client:
        found = client.call(Request("PATCH", "/v1/watch-rules", build=lambda: {"json": body})).body
    if as_json:
        print_json(found)
        return ending.DONE
    allowed = found["deployment_days"]
    days = allowed if found["watch_days_most"] is None else min(found["watch_days_most"], allowed)
    click.echo(f"lookups may be watched for {days} days" if days else "lookups may not be watched")
    whom = "are told that a lookup matched, not whose" if found["tells_matches"] else "are told nothing"
    click.echo(f"owners of entries {whom}")
    told_places = "are reported to who had it removed there" if found["reports_places"] else "stay yours"
    click.echo(f"places where lookups see a known fake {told_places}")
    return ending.DONE


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['watch_id']}  of lookup {found['lookup_id']} ({found['input']})"
    since, until = map(here, _times(found))
    yield f"  since {since} until {until}"
    for item in found["matched"]:
        verdict = str(item["verdict"]).replace("_", " ")
        yield f"  {here(item['answered_at'])}  {verdict}: entry {item['entry_id']}"
    if not found["matched"]:
        yield "  nothing new so far"


def _times(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["created_at"], row["expires_at"]
