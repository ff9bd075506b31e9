"""`fakeprint dispute`: contest an entry, answer, decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import click

from registry.core.terminal import ending, options
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told
from registry.persons.commands import consent
from registry.review.disputes.commands import court
from registry.review.disputes.model import KINDS, STANDINGS, WHYS
from registry.review.queue.commands import shown_reviews

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
    "--statement", metavar="TEXT", required=True, help="What you say; kept sealed. - reads stdin."
)


@click.group(epilog=EPILOG, short_help="Contest entries, answer and decide.")
def dispute() -> None:
    """Contest an entry, answer for one, or decide between others."""


@dispute.command("open", short_help="Contest an entry.")
@click.argument("entry_id", metavar="ENTRY", type=click.UUID)
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What is wrong with it.")
@click.option("--standing", type=click.Choice(STANDINGS), required=True, help="Who says so.")
@_TEXT
@click.option("--contact", metavar="TEXT", help="How you are reached; the entry's owner does not see it.")
@options.json
@options.service
def open_(
    entry_id: UUID,
    kind: str,
    standing: str,
    statement: str,
    contact: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Contest an entry that you may see.

    An unreviewed entry is suspended at once where whoever is shown, or made it, contests it; for others a
    reviewer accepts the dispute first.

    \b
    Example:
      fakeprint dispute open 01890a5d-… --kind own_consent --standing depicted --statement -
    """
    with told({"entry_id": str(entry_id)}, as_json=as_json):
        body = {"kind": kind, "standing": standing, "statement": _text(statement), "contact": contact}
        with service.connect() as client:
            _print(client.post(f"/v1/entries/{entry_id}/disputes", body).body, as_json=as_json)
    return ending.DONE


@dispute.command("list", short_help="Disputes that concern you.")
@click.option("--side", type=click.Choice(["opener", "owner"]), help="Only where you are this.")
@click.option("--open/--closed", "is_open", default=None, help="Only these.")
@click.option("--entry", metavar="ENTRY", type=click.UUID, help="Only of this entry.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many.")
@click.option("--after", metavar="CURSOR", help="Go on where a page ended: `next` of --json.")
@options.json
@options.service
def list_(
    side: str | None,
    is_open: bool | None,
    entry: UUID | None,
    limit: int,
    after: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Disputes that your organization has opened or answers for; with the role `review`, others' too.

    \b
    Example:
      fakeprint dispute list --open --json
    """
    state = None if is_open is None else "open" if is_open else "closed"
    chosen = {"side": side, "state": state, "entry": str(entry) if entry else None, "after": after}
    params = {name: value for name, value in chosen.items() if value} | {"limit": str(limit)}
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/disputes", params).body
    if as_json:
        for item in found["disputes"]:
            print_json(item)
        if found["next"]:
            print_json({"next": found["next"]})
    else:
        shown_reviews.disputes(found["disputes"], more=bool(found["next"]))
    return ending.DONE


@dispute.command(short_help="A dispute, with what both sides say.")
@_ID
@options.json
@options.service
def show(dispute_id: UUID, as_json: bool, service: options.Service) -> int:
    """Show a dispute that concerns you.

    \b
    Example:
      fakeprint dispute show 9a7b330a-…
    """
    with told({"dispute_id": str(dispute_id)}, as_json=as_json), service.connect() as client:
        _print(client.get(f"/v1/disputes/{dispute_id}").body, as_json=as_json)
    return ending.DONE


@dispute.command(short_help="Answer for an entry of yours.")
@_ID
@_TEXT
@options.json
@options.service
def answer(dispute_id: UUID, statement: str, as_json: bool, service: options.Service) -> int:
    """Answer a dispute of an entry of your organization, once.

    \b
    Example:
      fakeprint dispute answer 9a7b330a-… --statement "It went round without the announcement."
    """
    with told({"dispute_id": str(dispute_id)}, as_json=as_json), service.connect() as client:
        body = {"statement": _text(statement)}
        _print(client.post(f"/v1/disputes/{dispute_id}/answer", body).body, as_json=as_json)
    return ending.DONE


@dispute.command(short_help="Decide a dispute between others.")
@_ID
@click.argument("decision", type=click.Choice(["accept", "uphold", "reject"]))
@click.option("--code", type=click.Choice(WHYS), help="Why; needed to uphold or reject.")
@click.option("--reason", metavar="TEXT", help="Why, in words; both sides read it. - reads stdin.")
@click.option(
    "--remedy", type=click.Choice(["withdrawn", "corrected"]), help="With uphold: what becomes of the entry."
)
@click.option(
    "--original", "originals", multiple=True, metavar="ASSET", type=click.UUID,
    help="With corrected: a fake that is an original.",
)  # fmt: skip
@court.options
@options.json
@options.service
def decide(
    dispute_id: UUID,
    decision: str,
    code: str | None,
    reason: str | None,
    remedy: str | None,
    originals: tuple[UUID, ...],
    order: court.Order,
    as_json: bool,
    service: options.Service,
) -> int:
    """Decide a dispute of an entry that you have claimed (fakeprint review claim ENTRY), between others.

    \b
    Examples:
      fakeprint dispute decide 9a7b330a-… uphold --code shown_satire --remedy withdrawn
      fakeprint dispute decide 9a7b330a-… uphold --code shown_authentic --remedy corrected \\
        --original 0d6c3f5e-…
      fakeprint dispute decide 9a7b330a-… reject --code not_shown
    """
    body: dict[str, Any] = {"decision": decision, "reason_code": code, "remedy": remedy}
    body["asset_ids"] = [str(original) for original in originals]
    with told({"dispute_id": str(dispute_id)}, as_json=as_json):
        body |= {"order": order.body(), "reason": _text(reason) if reason else None}
        with service.connect() as client:
            _print(client.post(f"/v1/disputes/{dispute_id}/decision", body).body, as_json=as_json)
    return ending.DONE


@dispute.command(short_help="Take a dispute of yours back.")
@_ID
@options.json
@options.service
def withdraw(dispute_id: UUID, as_json: bool, service: options.Service) -> int:
    """Take a dispute back that your organization has opened; the entry answers again.

    \b
    Example:
      fakeprint dispute withdraw 9a7b330a-…
    """
    with told({"dispute_id": str(dispute_id)}, as_json=as_json), service.connect() as client:
        _print(client.post(f"/v1/disputes/{dispute_id}/withdrawal", {}).body, as_json=as_json)
    return ending.DONE


@dispute.command(short_help="Destroy what was written in a dispute of yours.")
@_ID
@options.json
@options.service
def erase(dispute_id: UUID, as_json: bool, service: options.Service) -> int:
    """Destroy the texts of a dispute that your organization has opened, in every copy; its outcome stays.

    \b
    Example:
      fakeprint dispute erase 9a7b330a-…
    """
    with told({"dispute_id": str(dispute_id)}, as_json=as_json), service.connect() as client:
        _print(client.call(Request("DELETE", f"/v1/disputes/{dispute_id}/texts")).body, as_json=as_json)
    return ending.DONE


def _text(given: str) -> str:
    return consent.read_text(given) if given == consent.STDIN else given


def _print(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        for line in shown_reviews.dispute(found):
            click.echo(line)
