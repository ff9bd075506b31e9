"""`fakeprint watches`: lookups that are answered again by what is registered later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import click

from registry.core.terminal import options
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.times import local_time

EPILOG = """\b
Examples:
  fakeprint lookup clip.mp4 --watch 30         begin one
  fakeprint watches list
  fakeprint watches show ID
  fakeprint watches end ID
  fakeprint watches rules --most 30            how long anybody of your organization may watch
"""

_ID = click.argument("watch_id", metavar="ID", type=click.UUID)
_WATCHES: Final = Rows(
    "watches",
    "watch: watch_id, lookup: lookup_id, of a: input, since: created_at, until: expires_at, "
    "new answers: answers",
    "No lookups are watched.\n  next: fakeprint lookup PATH --watch 30",
)


@click.group(epilog=EPILOG, short_help="List, show and end watched lookups.")
def watches() -> None:
    """Lookups whose fingerprint is kept, without faces: a fake that is registered, reviewed or restored later
    answers them again. `fakeprint admin webhook add` has you told."""


@watches.command("list", short_help="List the watched lookups of your organization.")
@options.page
@sends("GET /v1/watches", _WATCHES, example="watches list --json")
def list_() -> None:
    """List the watched lookups of your organization, newest first."""


def _lines(found: Row) -> Iterator[str]:
    yield f"{found['watch_id']}  of lookup {found['lookup_id']} ({found['input']})"
    yield f"  since {local_time(found['created_at'])} until {local_time(found['expires_at'])}"
    for item in found["matched"]:
        verdict = str(item["verdict"]).replace("_", " ")
        yield f"  {local_time(item['answered_at'])}  {verdict}: entry {item['entry_id']}"
    if not found["matched"]:
        yield "  nothing new so far"


@watches.command(short_help="Show a watched lookup and its new answers.")
@_ID
@sends("GET /v1/watches/{watch_id}", _lines, example="watches show 6b0f3c1a-…")
def show() -> None:
    """Show one watched lookup and its new answers."""


@watches.command(short_help="End a watch and delete what is kept.")
@_ID
@answers("ended; nothing of it is kept", context="watch_id", example="watches end 6b0f3c1a-…")
def end(watch_id: UUID, service: Service) -> Row:
    """End a watch before its time, and delete all that is kept of it."""
    with service.connect() as client:
        return {"watch_id": str(watch_id), **client.send(f"DELETE /v1/watches/{watch_id}")}


def _rules(found: Row) -> Iterator[str]:
    allowed = found["deployment_days"]
    days = allowed if found["watch_days_most"] is None else min(found["watch_days_most"], allowed)
    yield f"lookups may be watched for {days} days" if days else "lookups may not be watched"
    whom = "are told that a lookup matched, not whose" if found["tells_matches"] else "are told nothing"
    yield f"owners of entries {whom}"
    places = "are reported to who had it removed there" if found["reports_places"] else "stay yours"
    yield f"places where lookups see a known fake {places}"


@watches.command(short_help="Say how long lookups may be watched, and who is told of matches.")
@click.option("--most", metavar="DAYS", type=click.IntRange(0, 3650), help="0: no lookup is watched.")
@click.option("--as-deployed", is_flag=True, help="As long as the deployment allows.")
@click.option(
    "--tell-owners/--keep-to-yourself",
    "tells_matches",
    default=None,
    help="Whether owners of entries, and people with a confirmed private case, learn, without who asked, "
    "that a lookup of yours matched them.",
)
@click.option(
    "--report-places/--keep-places",
    "reports_places",
    default=None,
    help="Whether who had a known fake removed at a platform learns where your lookups saw it there again.",
)
@sends("PATCH /v1/watch-rules", _rules, example=("watches rules", "watches rules --most 30 --tell-owners"))
def rules(most: int | None, as_deployed: bool) -> Fields:
    """Show or change what your organization allows of its lookups. Needs a key with the role `admin`."""
    if most is not None and as_deployed:
        raise click.UsageError("Give --most or --as-deployed.")
    return {"watch_days_most": most} if most is not None or as_deployed else {}
