"""`fakeprint takedown move`, `retry`, `handed-over`, `delivered`: move notices and deliveries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, get_args
from uuid import UUID

import click

from registry.core.errors import Conflict, FakeprintError, Unauthenticated, Unavailable, UnknownDelivery
from registry.core.errors.terminal import TimedOut
from registry.core.terminal import ending, files, lifetime, options
from registry.core.terminal.client import Client
from registry.core.terminal.lifetime import here
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import print_json, said, told
from registry.core.terminal.text import printable
from registry.takedown.campaigns.commands import shown_takedown
from registry.takedown.clients.commands import counted
from registry.takedown.notices.commands.takedown_log import every_notice
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import STANDS, Act, Done

Row = Mapping[str, Any]
_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
_CODE: Final = re.compile(r"[a-z_]{1,40}")
_STOP: Final = (TimedOut, Unavailable, Unauthenticated)
"""What the next one would fail of too."""


def _code(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not _CODE.fullmatch(value):
        raise click.BadParameter("must be small letters and _, such as told_by_mail; --words takes a text.")
    return value


@click.command(short_help="Say what became of notices; hold, resume or close them.")
@_CAMPAIGN
@click.argument("act", type=click.Choice(get_args(Done)))
@click.argument("chosen", metavar="[NOTICE]...", type=click.UUID, nargs=-1)
@click.option("--state", type=click.Choice(STANDS), help="All in this state.")
@click.option("--platform", help="All to this platform.")
@click.option("--regime", help="All under this regime.")
@click.option("--all", "every", is_flag=True, help="All for which it is possible.")
@click.option(
    "--why", metavar="CODE", callback=_code, default="by_person", show_default=True, help="Why, as a code."
)
@click.option("--words", metavar="TEXT", help="Why, in words; stored encrypted. - reads stdin.")
@click.option("--yes", is_flag=True, help="Do not ask, where notices were chosen by what they are.")
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
    """Say what became of notices of CAMPAIGN: their platform did acknowledge, remove or refuse; you appeal,
    hold, resume, revise (make a ready one a draft) or close them. That a term is over is the service's own to
    say, and what was removed is reopened by `takedown found`, with its proof.

    \b
    Examples:
      fakeprint takedown move CAMPAIGN remove NOTICE --why told_by_mail
      fakeprint takedown move CAMPAIGN acknowledge --platform telegram --words "Ticket 4711"
      fakeprint takedown move CAMPAIGN hold --all --why talks
    """
    filtered = {"state": state, "platform": platform, "regime": regime}
    params = {name: value for name, value in filtered.items() if value}
    if bool(chosen) == (bool(params) or every):
        raise click.UsageError("Name NOTICEs, or choose them by --state, --platform, --regime or --all.")
    with told({"campaign_id": str(campaign_id)}, as_json=as_json):
        text = files.text(words) if words == files.STDIN else words
        body = {"act": act, "reason_code": why} | ({"words": text} if text else {})
        with service.connect() as client:
            ids = list(dict.fromkeys(str(id_) for id_ in chosen))
            if not ids:
                ids = _fitting(client, campaign_id, act, params, yes=yes)
            place = f"/v1/campaigns/{campaign_id}/notices"
            return _each(
                ids,
                "notice_id",
                lambda id_: client.send(f"POST {place}/{id_}/moves", body),
                lambda row: f"{row['notice_id']}  {shown_takedown.state(row)}  {shown_takedown.where(row)}",
                as_json=as_json,
            )


def _fitting(client: Client, campaign_id: UUID, act: Done, params: Row, *, yes: bool) -> list[str]:
    """Return the notices that the filter selects and the act is possible for, once the person has confirmed
    it."""
    rows = list(every_notice(client, campaign_id, params))
    found = [row for row in rows if _may(row, act)]
    if rows[len(found) :]:
        click.echo(
            f"{len(rows) - len(found)} of {len(rows)} left as they are: {act} is not possible.", err=True
        )
    if found and not yes:
        for item in found[: shown_takedown.MOST]:
            line = f"{item['notice_id']}  {shown_takedown.state(item)}  {shown_takedown.where(item)}"
            click.echo(line, err=True)
        if len(found) > shown_takedown.MOST:
            click.echo(f"… and {len(found) - shown_takedown.MOST} more", err=True)
        click.confirm(f"{act.capitalize()} {counted(len(found), 'notice')}?", abort=True, err=True)
    return [row["notice_id"] for row in found]


def _may(row: Row, act: Done) -> bool:
    if act == "resume":
        return bool({"held", "counter_notice"} & set(row["paused_for"]))
    if act == "hold":
        return row["state"] != "closed" and "held" not in row["paused_for"]
    doing: Act = act
    try:
        notice.move(notice.state_of(row["state"]), doing)
        notice.require_running(doing, row["paused_for"])
    except Conflict:
        return False
    return True


@click.command(short_help="Try failed deliveries again, or print them.")
@_CAMPAIGN
@click.option("--platform", help="Only those to this platform.")
@click.option("--unsure", is_flag=True, help="Also those of which nobody knows whether they were taken.")
@click.option(
    "--on-paper", is_flag=True, help="You will print them and hand them over; else the machine tries again."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.json
@options.service
def retry(
    campaign_id: UUID,
    platform: str | None,
    unsure: bool,
    on_paper: bool,
    yes: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Have the deliveries of CAMPAIGN that were given up (`dead`) tried again, all of them at once. One that
    is `unsure` may have been taken: sent again, its platform may have it twice. For a single one see
    `deliveries --again`, `--on-paper` and `--handed-over`.

    \b
    Examples:
      fakeprint takedown retry CAMPAIGN --platform telegram
      fakeprint takedown retry CAMPAIGN --unsure --on-paper
    """
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        found = [
            delivery
            for status in (("dead", "unsure") if unsure else ("dead",))
            for delivery in _deliveries(client, campaign_id, status)
            if platform in {None, delivery["platform"]} and delivery["channel"] != "paper"
        ]
        if found and not yes:
            for item in found[: shown_takedown.MOST]:
                click.echo(
                    f"{item['delivery_id']}  {item['status']}  {printable(item['platform'])}", err=True
                )
            twice = ", also those that may have been taken" if unsure else ""
            doing = "Print" if on_paper else "Send again"
            click.confirm(f"{doing} these {len(found)}{twice}?", abort=True, err=True)
        body = {"decision": "print" if on_paper else "send_again"}
        status = _each(
            [item["delivery_id"] for item in found],
            "delivery_id",
            lambda item: client.send(f"POST /v1/notice-deliveries/{item}", body),
            lambda row: f"{row['delivery_id']}  {row['status']}, by {row['channel']}",
            as_json=as_json,
        )
    if found and not as_json:
        more = " --to-print --into FOLDER" if on_paper else ""
        click.echo(f"  next: fakeprint takedown deliveries {campaign_id}{more}")
    return status


@click.command("handed-over", short_help="Say that you have handed letters over, and by which proof.")
@_CAMPAIGN
@click.argument("chosen", metavar="[DELIVERY]...", nargs=-1)
@click.option("--platform", help="All that wait to be printed, to this platform.")
@click.option(
    "--proof",
    "proofs",
    metavar="FILE | DELIVERY=FILE",
    multiple=True,
    help="A receipt of posting, a screenshot; only its SHA-256 is sent. Without one, your word stands.",
)
@click.option("--at", metavar="TIME", help="When; else now. Without an offset: this machine's zone.")
@click.option("--yes", is_flag=True, help="Do not ask, where they were chosen by platform.")
@options.json
@options.service
def handed_over(
    campaign_id: UUID,
    chosen: tuple[str, ...],
    platform: str | None,
    proofs: tuple[str, ...],
    at: str | None,
    yes: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Say that letters of CAMPAIGN went out, one or all to a platform: by post, by its form, by hand. Their
    terms run from then on. DELIVERY is an id, or the FP-… reference that stands on the letter.

    A proof is of one letter: name several DELIVERYs, and each has its own, as DELIVERY=FILE. One FILE for
    many is taken with --platform alone, for all of that platform at once; you are asked whether it shows them
    all.

    \b
    Examples:
      fakeprint takedown handed-over CAMPAIGN FP-EG5MEFNM3CETEKJT --proof receipt.pdf
      fakeprint takedown handed-over CAMPAIGN FP-EG5M… FP-MZXW… --proof FP-EG5M…=1.pdf --proof FP-MZXW…=2.pdf
      fakeprint takedown handed-over CAMPAIGN --platform tiktok --proof form.png --at 2026-11-26T10:15
      fakeprint takedown handed-over CAMPAIGN --platform reddit
    """
    if bool(chosen) == (platform is not None):
        raise click.UsageError("Name DELIVERYs, or --platform.")
    whole, own = _proofs(chosen, platform, proofs)
    with told({"campaign_id": str(campaign_id)}, as_json=as_json):
        body = {"decision": "handed_over", "at": lifetime.moment(at or datetime.now(UTC).isoformat(), "--at")}
        if whole:
            body["proof_sha256"] = files.sha256(whole)
        digests = {name: files.sha256(path) for name, path in own.items()}
        with service.connect() as client:
            ids = _letters(client, campaign_id, chosen, platform)
            if platform and ids and not yes:
                shows = f", and does {printable(Path(whole).name)} show that of each of them" if whole else ""
                asked = f"Have you handed over these {len(ids)} to {platform}{shows}?"
                click.confirm(asked, abort=True, err=True)
            bodies = dict.fromkeys(ids.values(), body) | {
                ids[name]: body | {"proof_sha256": digest} for name, digest in digests.items()
            }
            return _each(
                list(bodies),
                "delivery_id",
                lambda item: client.send(f"POST /v1/notice-deliveries/{item}", bodies[item]),
                _handed,
                as_json=as_json,
            )


def _proofs(
    chosen: Sequence[str], platform: str | None, given: Sequence[str]
) -> tuple[str | None, dict[str, str]]:
    """Return the file that proves all deliveries, and the files of single ones by their names."""
    own: dict[str, str] = {}
    whole: list[str] = []
    for item in given:
        name, sign, path = item.partition("=")
        if sign and name in chosen:
            own[name] = path
        else:
            whole.append(item)
    if len(whole) > 1 or (whole and (own or (len(chosen) > 1 and platform is None))):
        raise click.UsageError("A proof is of one letter: give each its own, --proof DELIVERY=FILE.")
    return (whole[0] if whole else None), own


def _handed(row: Row) -> str:
    by = "with a proof" if row["proof_sha256"] else "by your word, without a proof"
    return f"{row['delivery_id']}  {row['reference']}  handed over {here(row['handed_at'])}, {by}"


@click.command(short_help="Say that a platform has received a letter, by its receipt.")
@_CAMPAIGN
@click.argument("delivery", metavar="DELIVERY")
@click.option("--receipt", type=files.PATH, required=True, help="What shows it; only its SHA-256 is sent.")
@click.option("--at", metavar="TIME", help="When; else now. Without an offset: this machine's zone.")
@options.json
@options.service
def delivered(
    campaign_id: UUID, delivery: str, receipt: str, at: str | None, as_json: bool, service: options.Service
) -> int:
    """Say that the platform has received a letter of CAMPAIGN that was handed over: its receipt, signed for
    at the post, or its own confirmation. What a platform's API takes is delivered without that.

    \b
    Example:
      fakeprint takedown delivered CAMPAIGN FP-EG5MEFNM3CETEKJT --receipt signed.pdf --at 2026-11-28T11:00
    """
    with told({"campaign_id": str(campaign_id)}, as_json=as_json):
        body = {
            "decision": "delivered",
            "at": lifetime.moment(at or datetime.now(UTC).isoformat(), "--at"),
            "proof_sha256": files.sha256(receipt),
        }
        with service.connect() as client:
            ids = _letters(client, campaign_id, [delivery], None)
            return _each(
                list(ids.values()),
                "delivery_id",
                lambda id_: client.send(f"POST /v1/notice-deliveries/{id_}", body),
                lambda row: (
                    f"{row['delivery_id']}  {row['reference']}  delivered {here(row['delivered_at'])}"
                ),
                as_json=as_json,
            )


def _letters(
    client: Client, campaign_id: UUID, chosen: Sequence[str], platform: str | None
) -> dict[str, str]:
    """Return ids of deliveries by the names given, or all to a platform that may be printed and handed over.
    Raises `NotFound` (`unknown_delivery`)."""
    found = list(_deliveries(client, campaign_id, None if chosen else "waiting"))
    if platform is not None:
        wanted = every_notice(client, campaign_id, {"state": "prepared", "platform": platform})
        fit = {item["notice_id"] for item in wanted if set(item["hindrances"]) <= {"not_ready"}}
        waiting = [
            delivery for delivery in found if delivery["channel"] == "paper" and delivery["notice_id"] in fit
        ]
        return {item["delivery_id"]: item["delivery_id"] for item in waiting}
    known = {
        delivery[name]: delivery["delivery_id"] for delivery in found for name in ("reference", "delivery_id")
    }
    for item in chosen:
        if item not in known:
            raise UnknownDelivery(
                f"The campaign has no delivery {item}.",
                next_step=f"`fakeprint takedown deliveries {campaign_id}` lists them.",
            )
    return {item: known[item] for item in chosen}


def _deliveries(client: Client, campaign_id: UUID, status: str | None) -> Iterator[Row]:
    params = {"status": status} if status else {}
    return client.every(f"/v1/campaigns/{campaign_id}/deliveries", "deliveries", params)


def _each(
    ids: Sequence[str], name: str, act: Callable[[str], Row], shows: Callable[[Row], str], *, as_json: bool
) -> int:
    """Run `act` for each id. An error is reported, and the others continue."""
    failed = 0
    with Bars() as bars, bars.task(counted(len(ids), "notice")) as advance:
        for number, item_id in enumerate(ids, 1):
            try:
                row = act(item_id)
            except _STOP:
                raise
            except FakeprintError as error:
                failed += 1
                with bars.hidden():
                    if as_json:
                        print_json({name: item_id, "error": said(error)})
                    else:
                        ending.print_error(error.code, f"{item_id}: {error.message}", error.next_step)
                continue
            finally:
                advance(number / len(ids), "")
            with bars.hidden():
                if as_json:
                    print_json(row)
                else:
                    click.echo(shows(row))
    if not as_json:
        click.echo(f"{len(ids) - failed} done, {failed} not" if ids else "Nothing to do.")
    return ending.NOT_ANSWERED if failed else ending.DONE


COMMANDS = (move, retry, handed_over, delivered)
