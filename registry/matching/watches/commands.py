"""`fakeprint watches`: lookups that are answered again when similar media is registered."""

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
  fakeprint lookup clip.mp4 --watch 30         begin a watch
  fakeprint watches list
  fakeprint watches show ID
  fakeprint watches end ID
  fakeprint watches rules --most 30            most days for your organization
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
    """Watched lookups keep their fingerprint, without faces.

    They are answered again when a similar fake is registered, reviewed or restored. To be notified, use
    `fakeprint admin webhook add`.
    """


@watches.command("list", short_help="List the watched lookups of your organization.")
@options.page
@sends("GET /v1/watches", _WATCHES, example="watches list --json")
def list_() -> None:
    """List the watched lookups of your organization, newest first."""


def _lines(watch: Row) -> Iterator[str]:
    yield f"{watch['watch_id']}  of lookup {watch['lookup_id']} ({watch['input']})"
    yield f"  since {local_time(watch['created_at'])} until {local_time(watch['expires_at'])}"
    for match in watch["matched"]:
        verdict = str(match["verdict"]).replace("_", " ")
        yield f"  {local_time(match['answered_at'])}  {verdict}: entry {match['entry_id']}"
    if not watch["matched"]:
        yield "  nothing new so far"


@watches.command(short_help="Show a watched lookup and its new answers.")
@_ID
@sends("GET /v1/watches/{watch_id}", _lines, example="watches show 6b0f3c1a-…")
def show() -> None:
    """Show one watched lookup and its new answers."""


@watches.command(short_help="End a watch and delete its fingerprint.")
@_ID
@answers("ended; its fingerprint is deleted", context="watch_id", example="watches end 6b0f3c1a-…")
def end(watch_id: UUID, service: Service) -> Row:
    """End a watch early, and delete its fingerprint."""
    with service.connect() as client:
        return {"watch_id": str(watch_id), **client.send(f"DELETE /v1/watches/{watch_id}")}


def _rules(rules: Row) -> Iterator[str]:
    allowed = rules["deployment_days"]
    days = allowed if rules["watch_days_most"] is None else min(rules["watch_days_most"], allowed)
    yield f"lookups may be watched for {days} days" if days else "lookups may not be watched"
    owners = "are notified of matches, without your name" if rules["tells_matches"] else "are not notified"
    yield f"owners of entries {owners}"
    places = "are reported to whoever had it removed there" if rules["reports_places"] else "are not reported"
    yield f"places where lookups see a known fake {places}"


@watches.command(short_help="Show or set how long lookups may be watched, and who is notified.")
@click.option(
    "--most",
    metavar="DAYS",
    type=click.IntRange(0, 3650),
    help="Most days for which lookups may be watched. 0: not at all.",
)
@click.option("--as-deployed", is_flag=True, help="Use the deployment's limit.")
@click.option(
    "--tell-owners/--keep-to-yourself",
    "tells_matches",
    default=None,
    help="Whether owners of entries, and people with a confirmed private case, are notified that a lookup of "
    "yours matched. Your name is not given.",
)
@click.option(
    "--report-places/--keep-places",
    "reports_places",
    default=None,
    help="Whether organizations that had a known fake removed from a platform learn where your lookups saw "
    "it there again.",
)
@sends("PATCH /v1/watch-rules", _rules, example=("watches rules", "watches rules --most 30 --tell-owners"))
def rules(most: int | None, as_deployed: bool) -> Fields:
    """Show or change your organization's rules for watched lookups. Needs a key with the role `admin`."""
    if most is not None and as_deployed:
        raise click.UsageError("Give --most or --as-deployed.")
    return {"watch_days_most": most} if most is not None or as_deployed else {}
