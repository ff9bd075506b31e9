"""`fakeprint takedown confirm-address`, `returns`, `retract`: what a person looks at or takes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import click

from registry.catalogue.platforms.model.web_address import MARKS
from registry.core.terminal import ending, options, shown
from registry.core.terminal.client import Client
from registry.core.terminal.lifetime import here
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.takedown.delivery.model.retraction import HINDRANCES

_CAMPAIGN = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


@click.command("confirm-address", short_help="Say that an address that is easily taken for another is meant.")
@_CAMPAIGN
@click.argument("notices", metavar="[NOTICE]...", type=click.UUID, nargs=-1)
@options.json
@options.service
def confirm_address(
    campaign_id: UUID, notices: tuple[UUID, ...], as_json: bool, service: options.Service
) -> int:
    """Confirm that you have looked at the addresses of these notices of CAMPAIGN, and that they are the ones
    you mean; without NOTICE, list those that wait for it. A shortener, an IP address or a look-alike host
    keeps its notice from being sent before that.

    \b
    Examples:
      fakeprint takedown confirm-address CAMPAIGN
      fakeprint takedown confirm-address CAMPAIGN NOTICE NOTICE
    """
    place = f"/v1/campaigns/{campaign_id}"
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        if notices:
            body = {"notice_ids": [str(notice) for notice in notices]}
            done = client.post(f"{place}/addresses", body, again=True).body
        else:
            found = _marked(client, place)
            done = {"confirmed": 0, "unmarked": 0, "addresses": found}
    if as_json:
        print_json(done)
        return ending.DONE
    for address in done["addresses"]:
        click.echo(f"{address['notice_id']}  {printable(str(address['url']))}")
        for mark in address["marks"]:
            click.echo(f"  {mark}: {MARKS.get(mark, mark)}")
    if notices:
        rest = f"; {done['unmarked']} needed none" if done["unmarked"] else ""
        click.echo(f"{done['confirmed']} addresses confirmed{rest}")
    elif not done["addresses"]:
        click.echo("No address waits for you.")
    else:
        click.echo(f"  next: fakeprint takedown confirm-address {campaign_id} NOTICE")
    return ending.DONE


@click.command("go-on", short_help="Go on with notices although their entry is disputed.")
@_CAMPAIGN
@click.argument("notices", metavar="NOTICE...", type=click.UUID, nargs=-1, required=True)
@options.json
@options.service
def go_on(campaign_id: UUID, notices: tuple[UUID, ...], as_json: bool, service: options.Service) -> int:
    """Say by your name that these notices of CAMPAIGN go on although somebody disputes their entry and no
    reviewer has decided that yet (`entry_disputed`). It is on record. Read the dispute first: `fakeprint
    dispute list`. One that is opened later, or accepted, hinders them again.

    \b
    Example:
      fakeprint takedown go-on CAMPAIGN NOTICE NOTICE
    """
    body = {"notice_ids": [str(notice) for notice in notices]}
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        done = client.post(f"/v1/campaigns/{campaign_id}/go-on", body, again=True).body
    if as_json:
        print_json(done)
    else:
        rest = f"; {done['undisputed']} are not disputed" if done["undisputed"] else ""
        click.echo(f"{done['gone_on']} go on although disputed{rest}")
    return ending.DONE


def _marked(client: Client, place: str) -> list[dict[str, Any]]:
    """Notices that were not sent, and whose address nobody has confirmed."""
    found: list[dict[str, Any]] = []
    for state in ("draft", "ready", "reopened"):
        after: str | None = ""
        while after is not None:
            params = {"state": state, "limit": "1000"} | ({"after": after} if after else {})
            page = client.get(f"{place}/notices", params).body
            found += [
                {"notice_id": notice["notice_id"], "url": notice["url"], "marks": notice["address_marks"]}
                for notice in page["notices"]
                if notice["address_marks"] and notice["address_confirmed_at"] is None
            ]
            after = page["next"]
    return found


@click.command(short_help="Show what was found again; take or dismiss what is proposed.")
@_CAMPAIGN
@click.option("--proposed", is_flag=True, help="Only what waits for you.")
@click.option("--take", metavar="RECURRENCE", type=click.UUID, help="It is there again: add a notice.")
@click.option("--dismiss", metavar="RECURRENCE", type=click.UUID, help="It is not, or is none of yours.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many.")
@options.json
@options.service
def recurrences(
    campaign_id: UUID,
    proposed: bool,
    take: UUID | None,
    dismiss: UUID | None,
    limit: int,
    as_json: bool,
    service: options.Service,
) -> int:
    """Show where what platforms had removed for CAMPAIGN was found again, by your lookups that say where
    (`fakeprint lookup --seen-at`), by watches of them, or by you. What is in doubt is only proposed.

    \b
    Examples:
      fakeprint takedown recurrences CAMPAIGN --proposed
      fakeprint takedown recurrences CAMPAIGN --take RECURRENCE
    """
    if take and dismiss:
        raise click.UsageError("Give --take or --dismiss.")
    place = f"/v1/campaigns/{campaign_id}/recurrences"
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        if take or dismiss:
            body = {"decision": "take" if take else "dismiss"}
            found, more = [client.post(f"{place}/{take or dismiss}", body).body], None
        else:
            params = {"limit": str(limit)} | ({"outcome": "proposed"} if proposed else {})
            page = client.get(place, params).body
            found, more = page["recurrences"], page["next"]
    if as_json:
        for row in found:
            print_json(row)
    elif not found:
        click.echo("Nothing was found again.")
    else:
        head = ("return", "outcome", "via", "verdict", "seen", "platform", "address", "notice")
        shown.table(head, map(_row, found))
        if any(row["outcome"] == "proposed" for row in found):
            click.echo(
                f"  next: fakeprint takedown recurrences {campaign_id} --take RECURRENCE, or --dismiss"
            )
        if take:
            click.echo(f"  next: fakeprint takedown check {campaign_id} --matched {found[0]['notice_id']}")
        if more:
            click.echo("There are more: give a greater --limit.", err=True)
    return ending.DONE


def _row(row: Mapping[str, Any]) -> list[str]:
    outcome = f"{row['outcome']}: {row['why']}" if row["why"] else str(row["outcome"])
    address = printable(str(row["url"]))
    seen, notice = here(row["seen_time"]), row["notice_id"] or row["first_notice_id"]
    return [row["recurrence_id"], outcome, row["via"], row["verdict"], seen, row["platform"], address, notice]


@click.command(short_help="Take back notices that were sent and closed since; a dry run without --send.")
@_CAMPAIGN
@click.argument("notices", metavar="[NOTICE]...", type=click.UUID, nargs=-1)
@click.option("--send", "go", is_flag=True, help="Send them; else only show what would be written to whom.")
@options.json
@options.service
def retract(
    campaign_id: UUID, notices: tuple[UUID, ...], go: bool, as_json: bool, service: options.Service
) -> int:
    """Withdraw notices of CAMPAIGN from the platforms that were told of them: where a dispute was upheld, it
    is due; one that you have closed yourself you may name. Each is sent once, to where the notice went.

    \b
    Examples:
      fakeprint takedown retract CAMPAIGN                   what is due, word for word
      fakeprint takedown retract CAMPAIGN NOTICE --send
    """
    if go and not notices:
        raise click.UsageError("--send needs each NOTICE by name: the dry run lists those that are due.")
    body: dict[str, Any] = {"dry_run": not go}
    body |= {"notice_ids": [str(notice) for notice in notices]} if notices else {}
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        done = client.post(f"/v1/campaigns/{campaign_id}/retractions", body, again=True).body
    if as_json:
        print_json(done)
    else:
        _print(done, go=go)
    hindered = any(notice["hindrance"] for notice in done["notices"])
    return ending.NOT_ANSWERED if hindered else ending.DONE


def _print(done: Mapping[str, Any], *, go: bool) -> None:
    for notice in done["notices"]:
        if notice["hindrance"]:
            why = HINDRANCES.get(notice["hindrance"], notice["hindrance"])
            click.echo(f"{notice['notice_id']}  not taken back: {why}")
            continue
        where = notice["address"].replace("\n", ", ") or "nowhere that is known"
        click.echo(
            f"{notice['notice_id']}  {notice['channel']} to {printable(where)}, in {notice['language']}"
        )
        if not go:
            click.echo(f"  {printable(notice['subject'])}")
            for line in notice["text"].splitlines():
                click.echo(f"  {printable(line)}".rstrip())
    said = f"{done['retracted']} taken back" if go else f"{done['would_be']} would be taken back"
    click.echo(said)
    named = " ".join(notice["notice_id"] for notice in done["notices"][:3] if not notice["hindrance"])
    if not go and done["would_be"]:
        click.echo(f"  next: fakeprint takedown retract {done['campaign_id']} {named} --send")
    if go and any(notice["channel"] == "paper" and not notice["hindrance"] for notice in done["notices"]):
        click.echo(f"  next: fakeprint takedown deliveries {done['campaign_id']} --to-print --into FOLDER")


COMMANDS = (go_on, confirm_address, recurrences, retract)
