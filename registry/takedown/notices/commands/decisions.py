"""`fakeprint takedown confirm-address`, `go-on`: decisions of a person that let notices be sent."""

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


def _confirmed(result: Row) -> Iterator[str]:
    for address in result["addresses"]:
        yield f"{address['notice_id']}  {printable(str(address['url']))}"
        for mark in address["marks"]:
            yield f"  {mark}: {MARKS.get(mark, mark)}"
    if "campaign_id" not in result:
        unmarked = f"; {result['unmarked']} needed none" if result["unmarked"] else ""
        yield f"{result['confirmed']} addresses confirmed{unmarked}"
    elif not result["addresses"]:
        yield "No address has to be confirmed."
    else:
        yield f"  next: fakeprint takedown confirm-address {result['campaign_id']} NOTICE"


@click.command("confirm-address", short_help="Confirm addresses that are easily confused.")
@_CAMPAIGN
@click.argument("notices", metavar="[NOTICE]...", type=click.UUID, nargs=-1)
@answers(
    _confirmed,
    context="campaign_id",
    example=("takedown confirm-address CAMPAIGN", "takedown confirm-address CAMPAIGN NOTICE NOTICE"),
)
def confirm_address(campaign_id: UUID, notices: tuple[UUID, ...], as_json: bool, service: Service) -> Row:
    """Confirm that the addresses of these notices of CAMPAIGN are the ones you mean.

    Look at them first. Without NOTICE, list the addresses that have to be confirmed. A notice with a
    shortener, an IP address or a look-alike host is not sent before that.
    """
    place = f"/v1/campaigns/{campaign_id}"
    with service.connect() as client:
        if notices:
            body = {"notice_ids": [str(notice) for notice in notices]}
            return client.send(f"POST {place}/addresses", body, again=True)
        listed = {"confirmed": 0, "unmarked": 0, "addresses": _marked(client, place)}
        return listed if as_json else {**listed, "campaign_id": campaign_id}


def _marked(client: Client, place: str) -> list[dict[str, Any]]:
    """Return the notices that were not sent, and whose address nobody has confirmed."""
    return [
        {"notice_id": notice["notice_id"], "url": notice["url"], "marks": notice["address_marks"]}
        for state in ("draft", "ready", "reopened")
        for notice in client.every(f"{place}/notices", "notices", {"state": state}, page=1000)
        if notice["address_marks"] and notice["address_confirmed_at"] is None
    ]


def _gone_on(result: Row) -> str:
    undisputed = f"; {result['undisputed']} are not disputed" if result["undisputed"] else ""
    return f"{result['gone_on']} continue despite a dispute{undisputed}"


@click.command("go-on", short_help="Continue notices although their entry is disputed.")
@_CAMPAIGN
@click.argument("notice_ids", metavar="NOTICE...", type=click.UUID, nargs=-1, required=True)
@sends(
    "POST /v1/campaigns/{campaign_id}/go-on",
    _gone_on,
    again=True,
    example="takedown go-on CAMPAIGN NOTICE NOTICE",
)
def go_on() -> None:
    """Continue these notices of CAMPAIGN although a dispute of their entry is undecided (`entry_disputed`).

    Your decision is recorded with your name. Read the dispute first: `fakeprint dispute list`. A dispute that
    is opened later, or accepted, blocks the notices again.
    """


COMMANDS = (go_on, confirm_address)
