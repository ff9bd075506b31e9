"""`fakeprint takedown log`, `contest`, `contested`: what was done with notices, and said against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import click

from registry.core.terminal import ending, options, shown
from registry.core.terminal.client import Client
from registry.core.terminal.lifetime import here
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.persons.commands import consent
from registry.review.disputes.model import KINDS, STANDINGS
from registry.takedown.campaigns.commands import shown_takedown
from registry.takedown.notices.model import notice

Row = Mapping[str, Any]
_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
_NOTICE: Final = click.argument("notice_id", metavar="NOTICE", type=click.UUID)


@click.command(short_help="All that was done with one notice: who, when, why.")
@_CAMPAIGN
@_NOTICE
@options.json
@options.service
def log(campaign_id: UUID, notice_id: UUID, as_json: bool, service: options.Service) -> int:
    """Show a NOTICE: where it stands, what keeps it from being sent, and who moved it, when and why. Times
    are this machine's.

    \b
    Examples:
      fakeprint takedown log CAMPAIGN NOTICE
      TZ=Europe/Madrid fakeprint takedown log CAMPAIGN NOTICE
    """
    with told({"notice_id": str(notice_id)}, as_json=as_json), service.connect() as client:
        _print(client.get(f"/v1/campaigns/{campaign_id}/notices/{notice_id}").body, as_json=as_json)
    return ending.DONE


@click.command(short_help="Record what is said against a notice.")
@_CAMPAIGN
@_NOTICE
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What is wrong with it.")
@click.option("--standing", type=click.Choice(STANDINGS), required=True, help="Who says so.")
@click.option("--statement", metavar="TEXT", required=True, help="What they say; sealed. - reads stdin.")
@click.option("--contact", metavar="TEXT", help="How they are reached.")
@options.json
@options.service
def contest(
    campaign_id: UUID,
    notice_id: UUID,
    statement: str,
    as_json: bool,
    service: options.Service,
    **said: str | None,
) -> int:
    """Record a counter-notice. NOTICE waits: nothing of it is sent, reminded of or escalated, while what was
    said is heard as a dispute of the entry (fakeprint dispute). Upheld, it closes the notice; rejected or
    withdrawn, the notice goes on.

    \b
    Example:
      fakeprint takedown contest CAMPAIGN NOTICE --kind satire --standing author \\
        --statement "A sketch of ours." --contact author@example.org
    """
    with told({"notice_id": str(notice_id)}, as_json=as_json):
        words = consent.read_text(statement) if statement == consent.STDIN else statement
        place = f"/v1/campaigns/{campaign_id}/notices/{notice_id}/counter-notices"
        with service.connect() as client:
            found = client.post(place, {"statement": words, **said}).body
    _print(found, as_json=as_json)
    if not as_json:
        step = (
            f"fakeprint dispute show {found['dispute_id']}"
            if found["dispute_id"]
            else f"nobody hears it: decide, then `fakeprint takedown move {campaign_id} resume {notice_id}`"
        )
        click.echo(f"  next: {step}")
    return ending.DONE


@click.command(short_help="Notices that were contested, and how that ended.")
@_CAMPAIGN
@click.option("--waiting", is_flag=True, help="Only those that wait for an outcome.")
@options.json
@options.service
def contested(campaign_id: UUID, waiting: bool, as_json: bool, service: options.Service) -> int:
    """List the notices of CAMPAIGN that a counter-notice was made against, with the dispute that hears it.

    \b
    Example:
      fakeprint takedown contested CAMPAIGN --waiting
    """
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        found = []
        for item in every_notice(client, campaign_id):
            waits = "counter_notice" in item["paused_for"]
            if waits or (item["dispute_id"] and not waiting):
                heard = item["dispute_id"] and client.get(f"/v1/disputes/{item['dispute_id']}").body
                found.append(_hearing(item, heard or None, waits=waits))
    if as_json:
        for row in found:
            print_json(row)
    elif not found:
        click.echo("No notice is contested." if waiting else "No notice was contested.")
    else:
        head = ("notice", "state", "waits", "dispute", "outcome", "because", "where")
        names = ("notice_id", "state", "waits", "dispute_id", "outcome", "reason_code")
        shown.table(
            head, ([*(_cell(item[name]) for name in names), shown_takedown.where(item)] for item in found)
        )
    return ending.DONE


def every_notice(client: Client, campaign_id: UUID, params: Mapping[str, str] | None = None) -> Iterator[Row]:
    """All notices of a campaign that `params` leave."""
    after: str | None = ""
    while after is not None:
        given = {**(params or {}), "limit": "1000"} | ({"after": after} if after else {})
        page = client.get(f"/v1/campaigns/{campaign_id}/notices", given).body
        yield from page["notices"]
        after = page["next"]


def _hearing(row: Row, heard: Row | None, *, waits: bool) -> dict[str, Any]:
    kept = {name: row[name] for name in ("notice_id", "state", "platform", "url", "dispute_id")}
    return kept | {
        "waits": waits,
        "kind": heard["kind"] if heard else None,
        "outcome": (heard["outcome"] or heard["state"]) if heard else None,
        "reason_code": heard["reason_code"] if heard else None,
    }


def _cell(said: object) -> str:
    return "" if said is None else ("yes" if said else "no") if isinstance(said, bool) else str(said)


def _print(found: Row, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for line in lines(found):
        click.echo(line)


def lines(found: Row) -> Iterator[str]:
    """One notice with its history, line by line."""
    yield f"{found['notice_id']}  {shown_takedown.where(found)}"
    yield f"  {shown_takedown.state(found)}, under {found['regime']}, to {printable(found['platform'])}"
    if found["content_id"]:
        yield f"  content id {printable(found['content_id'])}"
    if found["due_at"]:
        yield f"  due {here(found['due_at'])}{_clock(found)}"
    elif found["state"] == "prepared":
        yield "  no term runs: nobody has handed it over yet (fakeprint takedown deliveries)"
    for name, said in _TIMES.items():
        if found[name]:
            yield f"  {said} {here(found[name])}"
    if found["ground"]:
        yield f"  ground: {found['ground']}, confirmed {here(found['confirmed_at'])}"
    if found["dispute_id"]:
        yield f"  heard as dispute {found['dispute_id']}"
    if found["hindrances"] and found["state"] in {"draft", "ready", "reopened"}:
        yield f"  cannot be sent: {', '.join(found['hindrances'])}"
    for move in found["moves"]:
        yield from _move(move)


_TIMES: Final = {
    "despite_dispute_at": "gone on with although disputed,",
    "prepared_at": "letter prepared",
    "handed_over_at": "handed over",
    "delivered_at": "delivered",
}


def _clock(found: Row) -> str:
    if notice.state_of(found["state"]) not in notice.WAITING:
        return ""
    return "; the term runs on while it waits, and what fell due is raised once it goes on" * bool(
        found["paused_for"]
    )


def _move(row: Row) -> Iterator[str]:
    by = printable(row["caller"] or "a caller that is gone") if row["caller_id"] else "the service"
    turn = f" -> {row['to_state']}" if row["to_state"] != row["from_state"] else ""
    yield f"  {here(row['at'])}  {row['act']}{turn} [{row['reason_code']}] by {by}"
    for line in (row["words"] or "").splitlines():
        yield f"    {printable(line)}"


COMMANDS = (log, contest, contested)
