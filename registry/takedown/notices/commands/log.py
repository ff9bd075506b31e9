"""`fakeprint takedown log`, `contest`, `contested`: history of notices, and counter-notices."""

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


def lines(shown: Row) -> Iterator[str]:
    """Yield the lines of a notice with its history."""
    yield f"{shown['notice_id']}  {shown_takedown.where(shown)}"
    yield f"  {shown_takedown.state(shown)}, under {shown['regime']}, to {printable(shown['platform'])}"
    if shown["content_id"]:
        yield f"  content id {printable(shown['content_id'])}"
    if shown["due_at"]:
        yield f"  due {local_time(shown['due_at'])}{_clock(shown)}"
    elif shown["state"] == "prepared":
        yield "  no term runs: it is not handed over yet (fakeprint takedown deliveries)"
    for name, label in _TIMES.items():
        if shown[name]:
            yield f"  {label} {local_time(shown[name])}"
    if shown["ground"]:
        yield f"  ground: {shown['ground']}, confirmed {local_time(shown['confirmed_at'])}"
    if shown["dispute_id"]:
        yield f"  decided by dispute {shown['dispute_id']}"
    if shown["hindrances"] and shown["state"] in {"draft", "ready", "reopened"}:
        yield f"  cannot be sent: {', '.join(shown['hindrances'])}"
    for move in shown["moves"]:
        yield from _move(move)


_TIMES: Final = {
    "despite_dispute_at": "continued despite a dispute",
    "prepared_at": "letter prepared",
    "handed_over_at": "handed over",
    "delivered_at": "delivered",
}


def _clock(row: Row) -> str:
    if notice.state_of(row["state"]) not in notice.WAITING:
        return ""
    return "; the term continues during the pause; a missed deadline is reported afterwards" * bool(
        row["paused_for"]
    )


def _move(row: Row) -> Iterator[str]:
    by = printable(row["caller"] or "an erased caller") if row["caller_id"] else "the service"
    turn = f" -> {row['to_state']}" if row["to_state"] != row["from_state"] else ""
    yield f"  {local_time(row['at'])}  {row['act']}{turn} [{row['reason_code']}] by {by}"
    for line in (row["words"] or "").splitlines():
        yield f"    {printable(line)}"


@click.command(short_help="Show the history of a notice: who, when, why.")
@_CAMPAIGN
@_NOTICE
@sends("GET /v1/campaigns/{campaign_id}/notices/{notice_id}", lines, context="notice_id")
def log() -> None:
    """Show the state of NOTICE, what blocks its sending, and who moved it, when and why.

    Times are in this machine's time zone.

    \b
    Examples:
      fakeprint takedown log CAMPAIGN NOTICE
      TZ=Europe/Madrid fakeprint takedown log CAMPAIGN NOTICE
    """


def _contested(shown: Row) -> Iterator[str]:
    yield from lines(shown)
    request = shown["sent"]
    step = (
        f"fakeprint dispute show {shown['dispute_id']}"
        if shown["dispute_id"]
        else "no reviewer decides it. Decide yourself, then "
        f"`fakeprint takedown move {request['campaign_id']} resume {request['notice_id']}`"
    )
    yield f"  next: {step}"


@click.command(short_help="Record a counter-notice.")
@_CAMPAIGN
@_NOTICE
@click.option("--kind", type=click.Choice(KINDS), required=True, help="The objection.")
@click.option("--standing", type=click.Choice(STANDINGS), required=True, help="Who objects.")
@click.option(
    "--statement",
    metavar="TEXT",
    type=files.TEXT,
    required=True,
    help="The statement; stored encrypted. - reads stdin.",
)
@click.option("--contact", metavar="TEXT", help="How to reach them.")
@sends(
    "POST /v1/campaigns/{campaign_id}/notices/{notice_id}/counter-notices", _contested, context="notice_id"
)
def contest() -> None:
    """Record a counter-notice against NOTICE, and open a dispute of the entry (`fakeprint dispute`).

    Until the dispute is decided, NOTICE is paused: nothing is sent, reminded of or escalated. If the dispute
    is upheld, the notice is closed. If it is rejected or withdrawn, the notice continues.

    \b
    Example:
      fakeprint takedown contest CAMPAIGN NOTICE --kind satire --standing author \\
        --statement "A sketch of ours." --contact author@example.org
    """


def _nothing(answer: Row) -> str:
    return "No notice is contested." if answer["waiting"] else "No notice was contested."


_CONTESTED: Final = Rows(
    "notices",
    "notice: notice_id, state, waits, dispute: dispute_id, outcome, because: reason_code, where",
    _nothing,
    {"waits": lambda row: "yes" if row["waits"] else "no", "where": shown_takedown.where},
)


@click.command(short_help="List contested notices and the outcomes.")
@_CAMPAIGN
@click.option("--waiting", is_flag=True, help="Only those without an outcome.")
@answers(_CONTESTED, context="campaign_id", example="takedown contested CAMPAIGN --waiting")
def contested(campaign_id: UUID, waiting: bool, service: Service) -> Row:
    """List the notices of CAMPAIGN with a counter-notice, each with its dispute."""
    rows = []
    with service.connect() as client:
        for row in every_notice(client, campaign_id):
            waits = "counter_notice" in row["paused_for"]
            if waits or (row["dispute_id"] and not waiting):
                dispute = client.send(f"GET /v1/disputes/{row['dispute_id']}") if row["dispute_id"] else None
                rows.append(_contested_row(row, dispute, waits=waits))
    return {"notices": rows, "waiting": waiting}


def every_notice(client: Client, campaign_id: UUID, params: Mapping[str, str] | None = None) -> Iterator[Row]:
    """Yield the notices of a campaign that `params` select."""
    return client.every(f"/v1/campaigns/{campaign_id}/notices", "notices", params, page=1000)


def _contested_row(row: Row, dispute: Row | None, *, waits: bool) -> dict[str, Any]:
    shown = {name: row[name] for name in ("notice_id", "state", "platform", "url", "dispute_id")}
    return shown | {
        "waits": waits,
        "kind": dispute["kind"] if dispute else None,
        "outcome": (dispute["outcome"] or dispute["state"]) if dispute else None,
        "reason_code": dispute["reason_code"] if dispute else None,
    }


COMMANDS = (log, contest, contested)
