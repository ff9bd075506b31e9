"""`fakeprint takedown confirm-address`, `go-on`: what a person decides before notices are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import click

from registry.catalogue.platforms.model.web_address import MARKS
from registry.core.terminal.api_command import answers, sends
from registry.core.terminal.client import Client
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.core.terminal.text import printable

_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


def _confirmed(done: Row) -> Iterator[str]:
    for address in done["addresses"]:
        yield f"{address['notice_id']}  {printable(str(address['url']))}"
        for mark in address["marks"]:
            yield f"  {mark}: {MARKS.get(mark, mark)}"
    if "campaign_id" not in done:
        rest = f"; {done['unmarked']} needed none" if done["unmarked"] else ""
        yield f"{done['confirmed']} addresses confirmed{rest}"
    elif not done["addresses"]:
        yield "No address waits for you."
    else:
        yield f"  next: fakeprint takedown confirm-address {done['campaign_id']} NOTICE"


@click.command("confirm-address", short_help="Say that an address that is easily taken for another is meant.")
@_CAMPAIGN
@click.argument("notices", metavar="[NOTICE]...", type=click.UUID, nargs=-1)
@answers(
    _confirmed,
    context="campaign_id",
    example=("takedown confirm-address CAMPAIGN", "takedown confirm-address CAMPAIGN NOTICE NOTICE"),
)
def confirm_address(campaign_id: UUID, notices: tuple[UUID, ...], as_json: bool, service: Service) -> Row:
    """Confirm that you have looked at the addresses of these notices of CAMPAIGN, and that they are the ones
    you mean; without NOTICE, list those that wait for it. A shortener, an IP address or a look-alike host
    keeps its notice from being sent before that.
    """
    place = f"/v1/campaigns/{campaign_id}"
    with service.connect() as client:
        if notices:
            body = {"notice_ids": [str(notice) for notice in notices]}
            return client.send(f"POST {place}/addresses", body, again=True)
        found = {"confirmed": 0, "unmarked": 0, "addresses": _marked(client, place)}
        return found if as_json else {**found, "campaign_id": campaign_id}


def _marked(client: Client, place: str) -> list[dict[str, Any]]:
    """Return the notices that were not sent, and whose address nobody has confirmed."""
    return [
        {"notice_id": notice["notice_id"], "url": notice["url"], "marks": notice["address_marks"]}
        for state in ("draft", "ready", "reopened")
        for notice in client.every(f"{place}/notices", "notices", {"state": state}, page=1000)
        if notice["address_marks"] and notice["address_confirmed_at"] is None
    ]


def _gone_on(done: Row) -> str:
    rest = f"; {done['undisputed']} are not disputed" if done["undisputed"] else ""
    return f"{done['gone_on']} go on although disputed{rest}"


@click.command("go-on", short_help="Go on with notices although their entry is disputed.")
@_CAMPAIGN
@click.argument("notice_ids", metavar="NOTICE...", type=click.UUID, nargs=-1, required=True)
@sends(
    "POST /v1/campaigns/{campaign_id}/go-on",
    _gone_on,
    again=True,
    example="takedown go-on CAMPAIGN NOTICE NOTICE",
)
def go_on() -> None:
    """Say by your name that these notices of CAMPAIGN go on although somebody disputes their entry and no
    reviewer has decided that yet (`entry_disputed`). It is on record. Read the dispute first: `fakeprint
    dispute list`. One that is opened later, or accepted, hinders them again.
    """


COMMANDS = (go_on, confirm_address)
