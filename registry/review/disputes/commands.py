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
  fakeprint dispute decide ID accept           suspend the entry until the decision
  fakeprint dispute decide ID uphold --code shown_satire --remedy withdrawn
  fakeprint dispute decide ID reject --code not_shown
  fakeprint dispute withdraw ID
"""

_ID: Final = click.argument("dispute_id", metavar="ID", type=click.UUID)
_TEXT: Final = click.option(
    "--statement", metavar="TEXT", type=files.TEXT, required=True,
    help="Your statement; stored encrypted. - reads stdin.",
)  # fmt: skip
_DISPUTES: Final = Rows(
    "disputes",
    "dispute: dispute_id, state, kind, by: organization, against: owner, opened: opened_at, entry: entry_id, "
    "title",
    "No such disputes.\n  next: fakeprint dispute open --help",
    {"state": outcome, "kind": lambda row: words(row["kind"])},
    cursor=True,
)


def _lines(dispute_: Row) -> Iterator[str]:
    yield f"{dispute_['dispute_id']}  {words(dispute_['kind'])}, {outcome(dispute_)}"
    yield f"  entry {dispute_['entry_id']} “{printable(str(dispute_['title']))}”, {dispute_['entry_status']}"
    opener, owner = printable(str(dispute_["organization"])), printable(str(dispute_["owner"]))
    yield f"  opened {local_time(dispute_['opened_at'])} by {opener} ({dispute_['standing']})"
    yield from prose("statement", dispute_["statement"], erased=dispute_["erased_at"])
    if dispute_["contact"]:
        yield f"  contact: {printable(str(dispute_['contact']))}"
    if dispute_["answered_at"]:
        yield from prose(f"{owner} answers", dispute_["answer"], erased=dispute_["erased_at"])
    elif dispute_["state"] != "closed":
        yield f"  {owner} may answer until {local_time(dispute_['answer_due'])}"
    if dispute_["reason_code"]:
        yield f"  reason: {words(dispute_['reason_code'])}"
    if dispute_["reasons"]:
        yield from prose("reasons", dispute_["reasons"], erased=None)
    if dispute_["order_sha256"]:
        yield f"  order, document sha256 {dispute_['order_sha256']}"


@click.group(epilog=EPILOG, short_help="Contest entries, answer and decide.")
def dispute() -> None:
    """Contest an entry, answer a dispute, or decide one."""


@dispute.command("open", short_help="Contest an entry.")
@click.argument("entry_id", metavar="ENTRY", type=click.UUID)
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What is wrong with the entry.")
@click.option("--standing", type=click.Choice(STANDINGS), required=True, help="Your relation to the entry.")
@_TEXT
@click.option("--contact", metavar="TEXT", help="How to reach you; the entry's owner does not see it.")
@sends(
    "POST /v1/entries/{entry_id}/disputes",
    _lines,
    example="dispute open 01890a5d-… --kind own_consent --standing depicted --statement -",
)
def open_() -> None:
    """Contest an entry that you may see.

    If the depicted person or the author contests an unreviewed entry, it is suspended at once. In all other
    cases a reviewer has to accept the dispute first.
    """


@dispute.command("list", short_help="List disputes that concern you.")
@click.option(
    "--side",
    type=click.Choice(["opener", "owner"]),
    help="Only disputes in which your organization is on this side.",
)
@click.option("--open/--closed", "is_open", default=None, help="Only open, or only closed disputes.")
@click.option("--entry", metavar="ENTRY", type=click.UUID, help="Only disputes of this entry.")
@options.page
@options.after
@sends("GET /v1/disputes", _DISPUTES, example="dispute list --open --json")
def list_(is_open: bool | None) -> Fields:
    """List disputes that your organization opened or that concern its entries. With the role `review`, list
    other organizations' disputes too."""
    return {} if is_open is None else {"state": "open" if is_open else "closed"}


@dispute.command(short_help="Show a dispute with both sides' statements.")
@_ID
@sends("GET /v1/disputes/{dispute_id}", _lines, example="dispute show 9a7b330a-…")
def show() -> None:
    """Show a dispute that concerns you."""


@dispute.command(short_help="Answer a dispute of your entry.")
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
@click.option(
    "--code", "reason_code", type=click.Choice(WHYS), help="Reason code; needed to uphold or reject."
)
@click.option(
    "--reason",
    metavar="TEXT",
    type=files.TEXT,
    help="Reason in words; both sides can read it. - reads stdin.",
)
@click.option(
    "--remedy",
    type=click.Choice(["withdrawn", "corrected"]),
    help="With uphold: withdraw or correct the entry.",
)
@click.option(
    "--original", "asset_ids", multiple=True, metavar="ASSET", type=click.UUID,
    help="With corrected: a fake that is an original. May be repeated.",
)  # fmt: skip
@order_options
@sends("POST /v1/disputes/{dispute_id}/decision", _lines)
def decide(court: str | None, docket: str | None, date: str | None, document: Later | None) -> Fields:
    """Decide a dispute between other organizations. First claim the entry: fakeprint review claim ENTRY.

    \b
    Examples:
      fakeprint dispute decide 9a7b330a-… uphold --code shown_satire --remedy withdrawn
      fakeprint dispute decide 9a7b330a-… uphold --code shown_authentic --remedy corrected \\
        --original 0d6c3f5e-…
      fakeprint dispute decide 9a7b330a-… reject --code not_shown
    """
    return {"order": order(court, docket, date, document)}


@dispute.command(short_help="Withdraw a dispute.")
@_ID
@sends("POST /v1/disputes/{dispute_id}/withdrawal", _lines, example="dispute withdraw 9a7b330a-…")
def withdraw() -> None:
    """Withdraw a dispute that your organization opened. The entry matches again."""


@dispute.command(short_help="Destroy the texts of a dispute.")
@_ID
@sends("DELETE /v1/disputes/{dispute_id}/texts", _lines, example="dispute erase 9a7b330a-…")
def erase() -> None:
    """Destroy the texts of a dispute that your organization opened, in backups too. Its outcome stays."""
