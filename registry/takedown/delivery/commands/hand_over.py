"""`fakeprint takedown retry`, `handed-over`, `delivered`: what became of deliveries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import click

from registry.core.errors import UnknownDelivery
from registry.core.terminal import files, options, times
from registry.core.terminal.client import Client
from registry.core.terminal.output import Row
from registry.core.terminal.report import error_report
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time
from registry.takedown.campaigns.commands import shown_takedown
from registry.takedown.notices.commands.for_each import for_each
from registry.takedown.notices.commands.log import every_notice

_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


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
    with error_report({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
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
        status = for_each(
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
    with error_report({"campaign_id": str(campaign_id)}, as_json=as_json):
        body = {
            "decision": "handed_over",
            "at": times.parse_time(at or datetime.now(UTC).isoformat(), "--at"),
        }
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
            return for_each(
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
    return f"{row['delivery_id']}  {row['reference']}  handed over {local_time(row['handed_at'])}, {by}"


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
    with error_report({"campaign_id": str(campaign_id)}, as_json=as_json):
        body = {
            "decision": "delivered",
            "at": times.parse_time(at or datetime.now(UTC).isoformat(), "--at"),
            "proof_sha256": files.sha256(receipt),
        }
        with service.connect() as client:
            ids = _letters(client, campaign_id, [delivery], None)
            return for_each(
                list(ids.values()),
                "delivery_id",
                lambda id_: client.send(f"POST /v1/notice-deliveries/{id_}", body),
                lambda row: (
                    f"{row['delivery_id']}  {row['reference']}  delivered {local_time(row['delivered_at'])}"
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


COMMANDS = (retry, handed_over, delivered)
