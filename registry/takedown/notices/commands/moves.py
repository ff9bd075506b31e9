"""`fakeprint takedown move`: record the results of notices."""

from __future__ import annotations

import re
from typing import Final, get_args
from uuid import UUID

import click

from registry.core.errors import Conflict
from registry.core.terminal import files, options
from registry.core.terminal.client import Client
from registry.core.terminal.output import Row
from registry.core.terminal.report import error_report
from registry.takedown.campaigns.commands import shown_takedown
from registry.takedown.clients.commands import counted
from registry.takedown.notices.commands.for_each import for_each
from registry.takedown.notices.commands.log import every_notice
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import STANDS, Act, Done

_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
_CODE: Final = re.compile(r"[a-z_]{1,40}")


def _code(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not _CODE.fullmatch(value):
        raise click.BadParameter("must be small letters and _, such as told_by_mail; --words takes a text.")
    return value


@click.command(short_help="Record results of notices; hold, resume or close them.")
@_CAMPAIGN
@click.argument("act", type=click.Choice(get_args(Done)))
@click.argument("chosen", metavar="[NOTICE]...", type=click.UUID, nargs=-1)
@click.option("--state", type=click.Choice(STANDS), help="All in this state.")
@click.option("--platform", help="All to this platform.")
@click.option("--regime", help="All under this regime.")
@click.option("--all", "every", is_flag=True, help="All for which the act is possible.")
@click.option(
    "--why",
    metavar="CODE",
    callback=_code,
    default="by_person",
    show_default=True,
    help="The reason, as a code.",
)
@click.option("--words", metavar="TEXT", help="The reason, in words; stored encrypted. - reads stdin.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation of notices chosen by a filter.")
@options.json
@options.service
def move(
    campaign_id: UUID,
    act: Done,
    chosen: tuple[UUID, ...],
    state: str | None,
    platform: str | None,
    regime: str | None,
    every: bool,
    why: str,
    words: str | None,
    yes: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Record what a platform did with notices of CAMPAIGN, or what you do with them.

    A platform can acknowledge, remove or refuse. You can appeal, hold, resume, revise (make a ready notice a
    draft) or close. The service itself records that a term has passed. To reopen a removed notice, use
    `takedown found` with a proof.

    \b
    Examples:
      fakeprint takedown move CAMPAIGN remove NOTICE --why told_by_mail
      fakeprint takedown move CAMPAIGN acknowledge --platform telegram --words "Ticket 4711"
      fakeprint takedown move CAMPAIGN hold --all --why talks
    """
    filtered = {"state": state, "platform": platform, "regime": regime}
    params = {name: value for name, value in filtered.items() if value}
    if bool(chosen) == (bool(params) or every):
        raise click.UsageError("Give NOTICEs, or choose them by --state, --platform, --regime or --all.")
    with error_report({"campaign_id": str(campaign_id)}, as_json=as_json):
        text = files.text(words) if words == files.STDIN else words
        body = {"act": act, "reason_code": why} | ({"words": text} if text else {})
        with service.connect() as client:
            ids = list(dict.fromkeys(str(id_) for id_ in chosen))
            if not ids:
                ids = _fitting(client, campaign_id, act, params, yes=yes)
            place = f"/v1/campaigns/{campaign_id}/notices"
            return for_each(
                ids,
                "notice_id",
                lambda id_: client.send(f"POST {place}/{id_}/moves", body),
                lambda row: f"{row['notice_id']}  {shown_takedown.state(row)}  {shown_takedown.where(row)}",
                as_json=as_json,
            )


def _fitting(client: Client, campaign_id: UUID, act: Done, params: Row, *, yes: bool) -> list[str]:
    """Return the selected notices for which the act is possible, after the person has confirmed."""
    rows = list(every_notice(client, campaign_id, params))
    fitting = [row for row in rows if _may(row, act)]
    if rows[len(fitting) :]:
        click.echo(
            f"{len(rows) - len(fitting)} of {len(rows)} stay unchanged: {act} is not possible.", err=True
        )
    if fitting and not yes:
        for row in fitting[: shown_takedown.MOST]:
            line = f"{row['notice_id']}  {shown_takedown.state(row)}  {shown_takedown.where(row)}"
            click.echo(line, err=True)
        if len(fitting) > shown_takedown.MOST:
            click.echo(f"… and {len(fitting) - shown_takedown.MOST} more", err=True)
        click.confirm(f"{act.capitalize()} {counted(len(fitting), 'notice')}?", abort=True, err=True)
    return [row["notice_id"] for row in fitting]


def _may(row: Row, act: Done) -> bool:
    if act == "resume":
        return bool({"held", "counter_notice"} & set(row["paused_for"]))
    if act == "hold":
        return row["state"] != "closed" and "held" not in row["paused_for"]
    moving: Act = act
    try:
        notice.move(notice.state_of(row["state"]), moving)
        notice.require_running(moving, row["paused_for"])
    except Conflict:
        return False
    return True
