"""`fakeprint review` and `fakeprint entries withdraw`: entries that wait for a reviewer."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import click

from registry.catalogue.banks.model import TIERS
from registry.catalogue.entries.commands import shown_entries
from registry.core.errors import FakeprintError, NotFound
from registry.core.errors.terminal import TimedOut
from registry.core.terminal import files, options, times
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.client import Client
from registry.core.terminal.options import Later, Service
from registry.core.terminal.output import Row
from registry.core.terminal.progress import Advance, Bars
from registry.core.terminal.upload import Part, send
from registry.review.queue.commands import shown_reviews
from registry.review.queue.commands.court import order, order_options
from registry.review.queue.model import ACTS, REASONS, WHYS, WITHDRAWALS

EPILOG = """\b
Examples:
  fakeprint review list                        what waits, most urgent first
  fakeprint review list --reason dispute --json
  fakeprint review list --person "María Peña"   what names her
  fakeprint review claim ID                    take one, for half an hour
  fakeprint review verify ID clip.mp4          send the file of one that came as a document
  fakeprint review decide ID approve --reason "Compared with the broadcast of 30 January."
  fakeprint review decide ID reject --code not_a_fake
  fakeprint review decide ID court_order --court "Juzgado n.º 2" --docket "DP 123/2026" \\
    --date 2026-01-30 --document order.pdf
  fakeprint review release ID                  let it go
"""

_ID: Final = click.argument("entry_id", metavar="ID", type=click.UUID)
_REASON: Final = click.option(
    "--reason", metavar="TEXT", type=files.TEXT, help="Why, in words; stored encrypted. - reads stdin."
)


@click.group(epilog=EPILOG, short_help="Review entries that wait.")
def review() -> None:
    """Review entries that wait. Needs a key with the role `review`."""


@review.command("list", short_help="What waits for a reviewer.")
@click.option("--bank", metavar="NAME", help="Only this bank's.")
@click.option("--reason", type=click.Choice(REASONS), help="Only what waits for this.")
@click.option("--claimed", type=click.Choice(["mine", "others", "none"]), help="Only what is claimed so.")
@click.option("--unverified/--verified", default=None, help="Only what is known by documents alone, or not.")
@click.option("--tier", type=click.Choice(TIERS), help="Only what is reviewed so far.")
@click.option("--text", metavar="WORDS", help="Only what has all these words in title or claim.")
@click.option("--person", metavar="NAME", help="Only what names this person; of others' entries: in public.")
@click.option(
    "--since",
    metavar="TIME",
    type=times.Time(),
    help="Only what was registered then or later: a date, or with time and offset.",
)
@click.option(
    "--until",
    metavar="TIME",
    type=times.Time(until=True),
    help="Only what was registered before; a date: or on that day.",
)
@options.page
@options.after
@sends(
    "GET /v1/reviews",
    shown_reviews.QUEUE,
    example=(
        "review list --claimed mine",
        "review list --unverified --bank elections",
        'review list --person "María Peña" --since 2026-11-25',
    ),
)
def list_() -> None:
    """What waits for a reviewer, most urgent first, then oldest. With --json, a last line holds `next`."""


@review.command(short_help="What there is to know of an entry.")
@_ID
@sends("GET /v1/reviews/{entry_id}", shown_reviews.review, example="review show 01890a5d-…")
def show() -> None:
    """Media, decisions, disputes, opinions and conflicts of an entry."""


@review.command(short_help="Take an entry, for a while.")
@_ID
@click.option("--minutes", type=click.FloatRange(1, 240), help="For how long; else 30.")
@sends(
    "POST /v1/reviews/{entry_id}/claim", shown_reviews.review, example="review claim 01890a5d-… --minutes 60"
)
def claim() -> None:
    """Take an entry, or keep it for longer; nobody else decides on it meanwhile."""


@review.command(short_help="Let an entry go.")
@_ID
@sends(
    "DELETE /v1/reviews/{entry_id}/claim",
    lambda found: "released" if found["released"] else "you had not claimed it",
    example="review release 01890a5d-…",
)
def release() -> None:
    """Let an entry go that you have claimed."""


@review.command(short_help="Decide on an entry that you have claimed.")
@_ID
@click.argument("decision", type=click.Choice(ACTS))
@click.option(
    "--covers", multiple=True, type=click.Choice(["fake", "original"]), help="Only its fakes, or originals."
)
@click.option("--code", "reason_code", type=click.Choice(WHYS), help="Why; needed to reject.")
@_REASON
@order_options
@sends(
    "POST /v1/reviews/{entry_id}/decision",
    shown_reviews.review,
    example=(
        'review decide 01890a5d-… approve --covers fake --reason "Seen side by side."',
        "review decide 01890a5d-… reject --code insufficient_evidence",
        "review decide 01890a5d-… restore",
    ),
)
def decide(court: str | None, docket: str | None, date: str | None, document: Later | None) -> Fields:
    """Approve or reject an entry that you have claimed, enter a court's order, or restore the entry.

    An approval counts with a second reviewer's. Strangers go by it once one of the two is of another
    organization than the entry's.
    """
    return {"order": order(court, docket, date, document)}


@review.command(short_help="Send the file of an entry that came as a document.")
@_ID
@click.argument("path", type=files.PATH)
@answers(
    shown_reviews.review,
    context="path entry_id",
    example="review verify 01890a5d-… clip.mp4",
    failed=lambda found: found["suspended_for"] == "forged_fingerprint",
)
def verify(entry_id: UUID, path: str, service: Service) -> Row:
    """Send the very file that a document describes, and wait until its fingerprint is computed.

    Where the document said other things than the file shows, the entry is suspended.
    """
    with service.connect() as client, Bars() as bars, bars.task(path) as advance:
        where = f"/v1/reviews/{entry_id}/verification"
        sent = send(client, where, [Part("media", path, client.deadline)], {}, advance).body
        return _recomputed(client, str(entry_id), str(sent["asset_id"]), advance)


@review.command("erase", short_help="Destroy the words of a decision.")
@click.argument("review_id", metavar="DECISION", type=click.UUID)
@sends("DELETE /v1/decisions/{review_id}/reason", "erased", example="review erase c56a4180-…")
def erase() -> None:
    """Destroy the reason of a decision of your organization, in words; its code stays, and so does it."""


@click.command(short_help="Take an entry of yours back.")
@_ID
@click.option("--code", "reason_code", type=click.Choice(WITHDRAWALS), required=True, help="Why.")
@_REASON
@sends(
    "POST /v1/entries/{entry_id}/withdraw",
    shown_entries.entry,
    example='entries withdraw 01890a5d-… --code mistaken --reason "It is another clip."',
)
def withdraw() -> None:
    """Take an entry of yours back: it answers no lookup any more. Two reviewers restore it."""


def _recomputed(client: Client, entry_id: str, asset_id: str, advance: Advance) -> Row:
    """Wait for the asset's own fingerprint, and return the entry. Raises `TimedOut` or the worker's
    error."""
    for _ in client.deadline.pauses():
        found = client.send(f"GET /v1/reviews/{entry_id}")
        mine = next((medium for medium in found["media"] if medium["asset_id"] == asset_id), None)
        if mine is not None and mine["recomputed"]:
            advance(1.0, "fingerprinting")
            return found
        _require_running(client, entry_id, asset_id)
    raise TimedOut(
        f"The file is not fingerprinted yet; the work goes on. See `fakeprint review show {entry_id}`."
    )


def _require_running(client: Client, entry_id: str, asset_id: str) -> None:
    """Raise the worker's error, if this caller may see the entry."""
    try:
        entry = client.send(f"GET /v1/entries/{entry_id}")
    except NotFound:
        return
    for asset in entry["assets"]:
        if asset["asset_id"] == asset_id and asset["error"]:
            raise FakeprintError.of_code(str(asset["error"]["code"]), str(asset["error"]["message"]))
