"""`fakeprint dispute`: contest an entry, answer, decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import click

from registry.core.terminal import files, options
from registry.core.terminal.api_command import Fields, sends
from registry.core.terminal.options import Later
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time
from registry.review.disputes.model import KINDS, STANDINGS, WHYS
from registry.review.queue.commands.court import order, order_options
from registry.review.queue.commands.shown_reviews import outcome, prose, words

EPILOG = """\b
Examples:
  fakeprint dispute open ENTRY --kind satire --standing author --statement "Our sketch of 30 January."
  fakeprint dispute list --open
  fakeprint dispute show ID
  fakeprint dispute answer ID --statement "It went round without the announcement."
  fakeprint dispute decide ID accept           suspend the entry, and hear both
  fakeprint dispute decide ID uphold --code shown_satire --remedy withdrawn
  fakeprint dispute decide ID reject --code not_shown
  fakeprint dispute withdraw ID
"""

_ID: Final = click.argument("dispute_id", metavar="ID", type=click.UUID)
_TEXT: Final = click.option(
    "--statement", metavar="TEXT", type=files.TEXT, required=True,
    help="What you say; stored encrypted. - reads stdin.",
)  # fmt: skip
_DISPUTES: Final = Rows(
    "disputes",
    "dispute: dispute_id, state, kind, by: organization, against: owner, opened: opened_at, entry: entry_id, "
    "title",
    "No such disputes.\n  next: fakeprint dispute open --help",
    {"state": outcome, "kind": lambda row: words(row["kind"])},
    cursor=True,
)


def _lines(found: Row) -> Iterator[str]:
    yield f"{found['dispute_id']}  {words(found['kind'])}, {outcome(found)}"
    yield f"  entry {found['entry_id']} “{printable(str(found['title']))}”, {found['entry_status']}"
    by, owner = printable(str(found["organization"])), printable(str(found["owner"]))
    yield f"  opened {local_time(found['opened_at'])} by {by} ({found['standing']})"
    yield from prose("statement", found["statement"], erased=found["erased_at"])
    if found["contact"]:
        yield f"  contact: {printable(str(found['contact']))}"
    if found["answered_at"]:
        yield from prose(f"{owner} answers", found["answer"], erased=found["erased_at"])
    elif found["state"] != "closed":
        yield f"  {owner} may answer until {local_time(found['answer_due'])}"
    if found["reason_code"]:
        yield f"  because: {words(found['reason_code'])}"
    if found["reasons"]:
        yield from prose("reasons", found["reasons"], erased=None)
    if found["order_sha256"]:
        yield f"  order, document sha256 {found['order_sha256']}"


@click.group(epilog=EPILOG, short_help="Contest entries, answer and decide.")
def dispute() -> None:
    """Contest an entry, answer for one, or decide between others."""


@dispute.command("open", short_help="Contest an entry.")
@click.argument("entry_id", metavar="ENTRY", type=click.UUID)
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What is wrong with it.")
@click.option("--standing", type=click.Choice(STANDINGS), required=True, help="Who says so.")
@_TEXT
@click.option("--contact", metavar="TEXT", help="How you are reached; the entry's owner does not see it.")
@sends(
    "POST /v1/entries/{entry_id}/disputes",
    _lines,
    example="dispute open 01890a5d-… --kind own_consent --standing depicted --statement -",
)
def open_() -> None:
    """Contest an entry that you may see.

    An unreviewed entry is suspended at once where whoever is shown, or made it, contests it; for others a
    reviewer accepts the dispute first.
    """


@dispute.command("list", short_help="Disputes that concern you.")
@click.option("--side", type=click.Choice(["opener", "owner"]), help="Only where you are this.")
@click.option("--open/--closed", "is_open", default=None, help="Only these.")
@click.option("--entry", metavar="ENTRY", type=click.UUID, help="Only of this entry.")
@options.page
@options.after
@sends("GET /v1/disputes", _DISPUTES, example="dispute list --open --json")
def list_(is_open: bool | None) -> Fields:
    """Disputes that your organization has opened or answers for; with the role `review`, others' too."""
    return {} if is_open is None else {"state": "open" if is_open else "closed"}


@dispute.command(short_help="A dispute, with what both sides say.")
@_ID
@sends("GET /v1/disputes/{dispute_id}", _lines, example="dispute show 9a7b330a-…")
def show() -> None:
    """Show a dispute that concerns you."""


@dispute.command(short_help="Answer for an entry of yours.")
@_ID
@_TEXT
@sends(
    "POST /v1/disputes/{dispute_id}/answer",
    _lines,
    example='dispute answer 9a7b330a-… --statement "It went round without the announcement."',
)
def answer() -> None:
    """Answer a dispute of an entry of your organization, once."""


@dispute.command(short_help="Decide a dispute between others.")
@_ID
@click.argument("decision", type=click.Choice(["accept", "uphold", "reject"]))
@click.option("--code", "reason_code", type=click.Choice(WHYS), help="Why; needed to uphold or reject.")
@click.option(
    "--reason", metavar="TEXT", type=files.TEXT, help="Why, in words; both sides read it. - reads stdin."
)
@click.option(
    "--remedy", type=click.Choice(["withdrawn", "corrected"]), help="With uphold: what becomes of the entry."
)
@click.option(
    "--original", "asset_ids", multiple=True, metavar="ASSET", type=click.UUID,
    help="With corrected: a fake that is an original.",
)  # fmt: skip
@order_options
@sends("POST /v1/disputes/{dispute_id}/decision", _lines)
def decide(court: str | None, docket: str | None, date: str | None, document: Later | None) -> Fields:
    """Decide a dispute of an entry that you have claimed (fakeprint review claim ENTRY), between others.

    \b
    Examples:
      fakeprint dispute decide 9a7b330a-… uphold --code shown_satire --remedy withdrawn
      fakeprint dispute decide 9a7b330a-… uphold --code shown_authentic --remedy corrected \\
        --original 0d6c3f5e-…
      fakeprint dispute decide 9a7b330a-… reject --code not_shown
    """
    return {"order": order(court, docket, date, document)}


@dispute.command(short_help="Take a dispute of yours back.")
@_ID
@sends("POST /v1/disputes/{dispute_id}/withdrawal", _lines, example="dispute withdraw 9a7b330a-…")
def withdraw() -> None:
    """Take a dispute back that your organization has opened; the entry answers again."""


@dispute.command(short_help="Destroy what was written in a dispute of yours.")
@_ID
@sends("DELETE /v1/disputes/{dispute_id}/texts", _lines, example="dispute erase 9a7b330a-…")
def erase() -> None:
    """Destroy the texts of a dispute that your organization has opened, in every copy; its outcome stays."""
