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
  fakeprint review list                        list the queue, most urgent first
  fakeprint review list --reason dispute --json
  fakeprint review list --person "María Peña"   entries that name her
  fakeprint review claim ID                    claim one for half an hour
  fakeprint review verify ID clip.mp4          send the file of an entry registered by document
  fakeprint review decide ID approve --reason "Compared with the broadcast of 30 January."
  fakeprint review decide ID reject --code not_a_fake
  fakeprint review decide ID court_order --court "Juzgado n.º 2" --docket "DP 123/2026" \\
    --date 2026-01-30 --document order.pdf
  fakeprint review release ID                  end the claim
"""

_ID: Final = click.argument("entry_id", metavar="ID", type=click.UUID)
_REASON: Final = click.option(
    "--reason", metavar="TEXT", type=files.TEXT, help="Reason in words; stored encrypted. - reads stdin."
)


@click.group(epilog=EPILOG, short_help="Review entries that wait.")
def review() -> None:
    """Review entries that wait. Needs a key with the role `review`."""


@review.command("list", short_help="List the review queue.")
@click.option("--bank", metavar="NAME", help="Only entries of this bank.")
@click.option("--reason", type=click.Choice(REASONS), help="Only entries that wait for this reason.")
@click.option(
    "--claimed",
    type=click.Choice(["mine", "others", "none"]),
    help="Only entries claimed by you, by others, or by nobody.",
)
@click.option(
    "--unverified/--verified", default=None, help="Only entries known by documents alone, or only the others."
)
@click.option("--tier", type=click.Choice(TIERS), help="Only entries of this tier.")
@click.option("--text", metavar="WORDS", help="Only entries with all these words in title or claim.")
@click.option(
    "--person", metavar="NAME", help="Only entries that name this person; for others' entries, publicly."
)
@click.option(
    "--since",
    metavar="TIME",
    type=times.Time(),
    help="Only entries registered then or later: a date, or a time with offset.",
)
@click.option(
    "--until",
    metavar="TIME",
    type=times.Time(until=True),
    help="Only entries registered before this time, or until the end of this date.",
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
    """List entries that wait for a reviewer, most urgent first. --json ends with a line `next`."""


@review.command(short_help="Show an entry for review.")
@_ID
@sends("GET /v1/reviews/{entry_id}", shown_reviews.review, example="review show 01890a5d-…")
def show() -> None:
    """Show the media, decisions, disputes, opinions and conflicts of an entry."""


@review.command(short_help="Claim an entry.")
@_ID
@click.option("--minutes", type=click.FloatRange(1, 240), help="Duration of the claim. [default: 30]")
@sends(
    "POST /v1/reviews/{entry_id}/claim", shown_reviews.review, example="review claim 01890a5d-… --minutes 60"
)
def claim() -> None:
    """Claim an entry, or extend the claim. Meanwhile nobody else can decide on it."""


@review.command(short_help="Release an entry.")
@_ID
@sends(
    "DELETE /v1/reviews/{entry_id}/claim",
    lambda found: "released" if found["released"] else "you had not claimed it",
    example="review release 01890a5d-…",
)
def release() -> None:
    """End your claim on an entry."""


@review.command(short_help="Decide on an entry that you have claimed.")
@_ID
@click.argument("decision", type=click.Choice(ACTS))
@click.option(
    "--covers",
    multiple=True,
    type=click.Choice(["fake", "original"]),
    help="Only its fakes, or only its originals.",
)
@click.option("--code", "reason_code", type=click.Choice(WHYS), help="Reason code; needed to reject.")
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
    """Decide on an entry that you have claimed: approve, reject, enter a court order, or restore it.

    An approval takes effect with that of a second reviewer. It counts for other organizations if one of the
    two reviewers is not of the entry's organization.
    """
    return {"order": order(court, docket, date, document)}


@review.command(short_help="Send the file of an entry registered by document.")
@_ID
@click.argument("path", type=files.PATH)
@answers(
    shown_reviews.review,
    context="path entry_id",
    example="review verify 01890a5d-… clip.mp4",
    failed=lambda found: found["suspended_for"] == "forged_fingerprint",
)
def verify(entry_id: UUID, path: str, service: Service) -> Row:
    """Send the file that a document describes, and wait until its fingerprint is computed.

    If the document differs from the file, the entry is suspended.
    """
    with service.connect() as client, Bars() as bars, bars.task(path) as advance:
        path_ = f"/v1/reviews/{entry_id}/verification"
        sent = send(client, path_, [Part("media", path, client.deadline)], {}, advance).body
        return _recomputed(client, str(entry_id), str(sent["asset_id"]), advance)


@review.command("erase", short_help="Destroy the text of a decision.")
@click.argument("review_id", metavar="DECISION", type=click.UUID)
@sends("DELETE /v1/decisions/{review_id}/reason", "erased", example="review erase c56a4180-…")
def erase() -> None:
    """Destroy the text of a decision of your organization. The decision and its reason code stay."""


@click.command(short_help="Withdraw an entry.")
@_ID
@click.option("--code", "reason_code", type=click.Choice(WITHDRAWALS), required=True, help="Reason code.")
@_REASON
@sends(
    "POST /v1/entries/{entry_id}/withdraw",
    shown_entries.entry,
    example='entries withdraw 01890a5d-… --code mistaken --reason "It is another clip."',
)
def withdraw() -> None:
    """Withdraw an entry of your organization. It matches no lookups. Only two reviewers can restore it."""


def _recomputed(client: Client, entry_id: str, asset_id: str, advance: Advance) -> Row:
    """Wait for the asset's own fingerprint, and return the entry. Raises `TimedOut` or the worker's
    error."""
    for _ in client.deadline.pauses():
        review_ = client.send(f"GET /v1/reviews/{entry_id}")
        medium_ = next((medium for medium in review_["media"] if medium["asset_id"] == asset_id), None)
        if medium_ is not None and medium_["recomputed"]:
            advance(1.0, "fingerprinting")
            return review_
        _require_running(client, entry_id, asset_id)
    raise TimedOut(
        f"The file is not fingerprinted yet. The worker continues. See `fakeprint review show {entry_id}`."
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
