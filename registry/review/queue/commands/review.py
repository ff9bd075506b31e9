"""`fakeprint review`: what waits, claim it, look at it, decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import click

from registry.catalogue.banks.model import TIERS
from registry.core.errors import FakeprintError, NotFound
from registry.core.terminal import ending, options
from registry.core.terminal.client import Client, Request
from registry.core.terminal.deadline import TimedOut
from registry.core.terminal.progress import Advance, Bars
from registry.core.terminal.report import print_json, told
from registry.core.terminal.upload import Part, send
from registry.persons.commands import consent
from registry.review.disputes.commands import court
from registry.review.queue.commands import shown_reviews
from registry.review.queue.model import ACTS, REASONS, WHYS

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
    "--since", metavar="TIME", help="Only what was registered then or later: a date, or with time and offset."
)
@click.option("--until", metavar="TIME", help="Only what was registered before; a date: or on that day.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many.")
@click.option("--after", metavar="CURSOR", help="Go on where a page ended: `next` of --json.")
@options.json
@options.service
def list_(
    bank: str | None,
    reason: str | None,
    claimed: str | None,
    unverified: bool | None,
    tier: str | None,
    text: str | None,
    person: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    after: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """What waits for a reviewer, most urgent first, then oldest. With --json, a last line holds `next`.

    \b
    Examples:
      fakeprint review list --claimed mine
      fakeprint review list --unverified --bank elections
      fakeprint review list --person "María Peña" --since 2026-11-25
    """
    chosen = {
        "bank": bank,
        "reason": reason,
        "claimed": claimed,
        "tier": tier,
        "text": text,
        "person": person,
    }
    if unverified is not None:
        chosen["unverified"] = str(unverified).lower()
    with told({}, as_json=as_json), service.connect() as client:
        chosen |= {
            "since": since and consent.moment(since, "--since"),
            "until": until and consent.end(until, "--until"),
        }
        wanted = {name: value for name, value in chosen.items() if value}
        page = {"limit": str(limit)} | ({"after": after} if after else {})
        found = client.get("/v1/reviews", wanted | page).body
    if as_json:
        for item in found["items"]:
            print_json(item)
        if found["next"]:
            print_json({"next": found["next"]})
    else:
        shown_reviews.queue(found["items"], more=bool(found["next"]), filtered=bool(wanted))
    return ending.DONE


@review.command(short_help="What there is to know of an entry.")
@_ID
@options.json
@options.service
def show(entry_id: UUID, as_json: bool, service: options.Service) -> int:
    """Media, decisions, disputes, opinions and conflicts of an entry.

    \b
    Example:
      fakeprint review show 01890a5d-…
    """
    with told({"entry_id": str(entry_id)}, as_json=as_json), service.connect() as client:
        _print(client.get(f"/v1/reviews/{entry_id}").body, as_json=as_json)
    return ending.DONE


@review.command(short_help="Take an entry, for a while.")
@_ID
@click.option("--minutes", type=click.FloatRange(1, 240), help="For how long; else 30.")
@options.json
@options.service
def claim(entry_id: UUID, minutes: float | None, as_json: bool, service: options.Service) -> int:
    """Take an entry, or keep it for longer; nobody else decides on it meanwhile.

    \b
    Example:
      fakeprint review claim 01890a5d-… --minutes 60
    """
    with told({"entry_id": str(entry_id)}, as_json=as_json), service.connect() as client:
        _print(client.post(f"/v1/reviews/{entry_id}/claim", {"minutes": minutes}).body, as_json=as_json)
    return ending.DONE


@review.command(short_help="Let an entry go.")
@_ID
@options.json
@options.service
def release(entry_id: UUID, as_json: bool, service: options.Service) -> int:
    """Let an entry go that you have claimed.

    \b
    Example:
      fakeprint review release 01890a5d-…
    """
    with told({"entry_id": str(entry_id)}, as_json=as_json), service.connect() as client:
        found = client.call(Request("DELETE", f"/v1/reviews/{entry_id}/claim")).body
    if as_json:
        print_json(found)
    else:
        click.echo("released" if found["released"] else "you had not claimed it")
    return ending.DONE


@review.command(short_help="Decide on an entry that you have claimed.")
@_ID
@click.argument("decision", type=click.Choice(ACTS))
@click.option(
    "--covers", multiple=True, type=click.Choice(["fake", "original"]), help="Only its fakes, or originals."
)
@click.option("--code", type=click.Choice(WHYS), help="Why; needed to reject.")
@click.option("--reason", metavar="TEXT", help="Why, in words; kept sealed. - reads stdin.")
@court.options
@options.json
@options.service
def decide(
    entry_id: UUID,
    decision: str,
    covers: tuple[str, ...],
    code: str | None,
    reason: str | None,
    order: court.Order,
    as_json: bool,
    service: options.Service,
) -> int:
    """Approve or reject an entry that you have claimed, enter a court's order, or restore the entry.

    An approval counts with a second reviewer's. Strangers go by it once one of the two is of another
    organization than the entry's.

    \b
    Examples:
      fakeprint review decide 01890a5d-… approve --covers fake --reason "Seen side by side."
      fakeprint review decide 01890a5d-… reject --code insufficient_evidence
      fakeprint review decide 01890a5d-… restore
    """
    body: dict[str, Any] = {"decision": decision, "reason_code": code, "reason": reason}
    body |= {"covers": list(dict.fromkeys(covers))} if covers else {}
    with told({"entry_id": str(entry_id)}, as_json=as_json):
        body["order"] = order.body()
        if reason == consent.STDIN:
            body["reason"] = consent.read_text(reason)
        with service.connect() as client:
            found = client.post(f"/v1/reviews/{entry_id}/decision", body).body
    _print(found, as_json=as_json)
    return ending.DONE


@review.command(short_help="Send the file of an entry that came as a document.")
@_ID
@click.argument("path", type=click.Path(path_type=str, readable=False))
@options.json
@options.service
def verify(entry_id: UUID, path: str, as_json: bool, service: options.Service) -> int:
    """Send the very file that a document describes, and wait until its fingerprint is computed.

    Where the document said other things than the file shows, the entry is suspended.

    \b
    Example:
      fakeprint review verify 01890a5d-… clip.mp4
    """
    known = {"path": path, "entry_id": str(entry_id)}
    with (
        told(known, as_json=as_json),
        service.connect() as client,
        Bars() as bars,
        bars.task(path) as advance,
    ):
        where = f"/v1/reviews/{entry_id}/verification"
        sent = send(client, where, [Part("media", path, client.deadline)], {}, advance).body
        found = _recomputed(client, str(entry_id), str(sent["asset_id"]), advance)
    _print(found, as_json=as_json)
    return ending.DONE if found["suspended_for"] != "forged_fingerprint" else ending.NOT_ANSWERED


@review.command("erase", short_help="Destroy the words of a decision.")
@click.argument("review_id", metavar="DECISION", type=click.UUID)
@options.json
@options.service
def erase(review_id: UUID, as_json: bool, service: options.Service) -> int:
    """Destroy the reason of a decision of your organization, in words; its code stays, and so does it.

    \b
    Example:
      fakeprint review erase c56a4180-…
    """
    with told({"review_id": str(review_id)}, as_json=as_json), service.connect() as client:
        found = client.call(Request("DELETE", f"/v1/decisions/{review_id}/reason")).body
    if as_json:
        print_json(found)
    else:
        click.echo("erased")
    return ending.DONE


def _recomputed(client: Client, entry_id: str, asset_id: str, advance: Advance) -> dict[str, Any]:
    """The entry, once the asset's own fingerprint is there. Raises `TimedOut`, or why it cannot be."""
    for _ in client.deadline.pauses():
        found = client.get(f"/v1/reviews/{entry_id}").body
        mine = next((medium for medium in found["media"] if medium["asset_id"] == asset_id), None)
        if mine is not None and mine["recomputed"]:
            advance(1.0, "fingerprinting")
            return found
        _require_running(client, entry_id, asset_id)
    raise TimedOut(
        f"The file is not fingerprinted yet; the work goes on. See `fakeprint review show {entry_id}`."
    )


def _require_running(client: Client, entry_id: str, asset_id: str) -> None:
    """Raise what a worker met, where the entry tells this caller."""
    try:
        entry = client.get(f"/v1/entries/{entry_id}").body
    except NotFound:
        return
    for asset in entry["assets"]:
        if asset["asset_id"] == asset_id and asset["error"]:
            raise FakeprintError(str(asset["error"]["message"]), code=str(asset["error"]["code"]))


def _print(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        for line in shown_reviews.review(found):
            click.echo(line)
