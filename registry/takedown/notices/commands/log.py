"""`fakeprint takedown log`, `contest`, `contested`: the history of notices, and what is said against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import click

from registry.core.terminal import files
from registry.core.terminal.api_command import answers, sends
from registry.core.terminal.client import Client
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time
from registry.review.disputes.model import KINDS, STANDINGS
from registry.takedown.campaigns.commands import shown_takedown
from registry.takedown.notices.model import notice

_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
_NOTICE: Final = click.argument("notice_id", metavar="NOTICE", type=click.UUID)


def lines(found: Row) -> Iterator[str]:
    """Yield the lines of a notice with its history."""
    yield f"{found['notice_id']}  {shown_takedown.where(found)}"
    yield f"  {shown_takedown.state(found)}, under {found['regime']}, to {printable(found['platform'])}"
    if found["content_id"]:
        yield f"  content id {printable(found['content_id'])}"
    if found["due_at"]:
        yield f"  due {local_time(found['due_at'])}{_clock(found)}"
    elif found["state"] == "prepared":
        yield "  no term runs: nobody has handed it over yet (fakeprint takedown deliveries)"
    for name, said in _TIMES.items():
        if found[name]:
            yield f"  {said} {local_time(found[name])}"
    if found["ground"]:
        yield f"  ground: {found['ground']}, confirmed {local_time(found['confirmed_at'])}"
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
    yield f"  {local_time(row['at'])}  {row['act']}{turn} [{row['reason_code']}] by {by}"
    for line in (row["words"] or "").splitlines():
        yield f"    {printable(line)}"


@click.command(short_help="All that was done with one notice: who, when, why.")
@_CAMPAIGN
@_NOTICE
@sends("GET /v1/campaigns/{campaign_id}/notices/{notice_id}", lines, context="notice_id")
def log() -> None:
    """Show a NOTICE: where it stands, what keeps it from being sent, and who moved it, when and why. Times
    are this machine's.

    \b
    Examples:
      fakeprint takedown log CAMPAIGN NOTICE
      TZ=Europe/Madrid fakeprint takedown log CAMPAIGN NOTICE
    """


def _contested(found: Row) -> Iterator[str]:
    yield from lines(found)
    sent = found["sent"]
    step = (
        f"fakeprint dispute show {found['dispute_id']}"
        if found["dispute_id"]
        else "nobody hears it: decide, then "
        f"`fakeprint takedown move {sent['campaign_id']} resume {sent['notice_id']}`"
    )
    yield f"  next: {step}"


@click.command(short_help="Record what is said against a notice.")
@_CAMPAIGN
@_NOTICE
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What is wrong with it.")
@click.option("--standing", type=click.Choice(STANDINGS), required=True, help="Who says so.")
@click.option(
    "--statement",
    metavar="TEXT",
    type=files.TEXT,
    required=True,
    help="What they say; sealed. - reads stdin.",
)
@click.option("--contact", metavar="TEXT", help="How they are reached.")
@sends(
    "POST /v1/campaigns/{campaign_id}/notices/{notice_id}/counter-notices", _contested, context="notice_id"
)
def contest() -> None:
    """Record a counter-notice. NOTICE waits: nothing of it is sent, reminded of or escalated, while what was
    said is heard as a dispute of the entry (fakeprint dispute). Upheld, it closes the notice; rejected or
    withdrawn, the notice goes on.

    \b
    Example:
      fakeprint takedown contest CAMPAIGN NOTICE --kind satire --standing author \\
        --statement "A sketch of ours." --contact author@example.org
    """


def _nothing(found: Row) -> str:
    return "No notice is contested." if found["waiting"] else "No notice was contested."


_CONTESTED: Final = Rows(
    "notices",
    "notice: notice_id, state, waits, dispute: dispute_id, outcome, because: reason_code, where",
    _nothing,
    {"waits": lambda row: "yes" if row["waits"] else "no", "where": shown_takedown.where},
)


@click.command(short_help="Notices that were contested, and how that ended.")
@_CAMPAIGN
@click.option("--waiting", is_flag=True, help="Only those that wait for an outcome.")
@answers(_CONTESTED, context="campaign_id", example="takedown contested CAMPAIGN --waiting")
def contested(campaign_id: UUID, waiting: bool, service: Service) -> Row:
    """List the notices of CAMPAIGN that a counter-notice was made against, with the dispute that hears it."""
    found = []
    with service.connect() as client:
        for item in every_notice(client, campaign_id):
            waits = "counter_notice" in item["paused_for"]
            if waits or (item["dispute_id"] and not waiting):
                dispute = (
                    client.send(f"GET /v1/disputes/{item['dispute_id']}") if item["dispute_id"] else None
                )
                found.append(_hearing(item, dispute, waits=waits))
    return {"notices": found, "waiting": waiting}


def every_notice(client: Client, campaign_id: UUID, params: Mapping[str, str] | None = None) -> Iterator[Row]:
    """Yield the notices of a campaign that `params` select."""
    return client.every(f"/v1/campaigns/{campaign_id}/notices", "notices", params, page=1000)


def _hearing(row: Row, dispute: Row | None, *, waits: bool) -> dict[str, Any]:
    kept = {name: row[name] for name in ("notice_id", "state", "platform", "url", "dispute_id")}
    return kept | {
        "waits": waits,
        "kind": dispute["kind"] if dispute else None,
        "outcome": (dispute["outcome"] or dispute["state"]) if dispute else None,
        "reason_code": dispute["reason_code"] if dispute else None,
    }


COMMANDS = (log, contest, contested)
