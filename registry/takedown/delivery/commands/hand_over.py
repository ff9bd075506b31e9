"""`fakeprint takedown retry`, `handed-over`, `delivered`: repeat deliveries, and record their results."""

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


@click.command(short_help="Repeat failed deliveries, or print them.")
@_CAMPAIGN
@click.option("--platform", help="Only deliveries to this platform.")
@click.option("--unsure", is_flag=True, help="Also those of which it is unknown whether they were accepted.")
@click.option(
    "--on-paper", is_flag=True, help="Print them and hand them over yourself. Default: workers try again."
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
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
    """Repeat all deliveries of CAMPAIGN that failed for good (`dead`).

    An `unsure` one may have been accepted. If it is sent again, the platform may get it twice. For a single
    delivery use `deliveries --again`, `--on-paper` or `--handed-over`.

    \b
    Examples:
      fakeprint takedown retry CAMPAIGN --platform telegram
      fakeprint takedown retry CAMPAIGN --unsure --on-paper
    """
    with error_report({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        failed = [
            delivery
            for status in (("dead", "unsure") if unsure else ("dead",))
            for delivery in _deliveries(client, campaign_id, status)
            if platform in {None, delivery["platform"]} and delivery["channel"] != "paper"
        ]
        if failed and not yes:
            for row in failed[: shown_takedown.MOST]:
                click.echo(f"{row['delivery_id']}  {row['status']}  {printable(row['platform'])}", err=True)
            twice = ", also those that may have been accepted" if unsure else ""
            verb = "Print" if on_paper else "Send again"
            click.confirm(f"{verb} these {len(failed)}{twice}?", abort=True, err=True)
        body = {"decision": "print" if on_paper else "send_again"}
        status = for_each(
            [row["delivery_id"] for row in failed],
            "delivery_id",
            lambda delivery_id: client.send(f"POST /v1/notice-deliveries/{delivery_id}", body),
            lambda row: f"{row['delivery_id']}  {row['status']}, by {row['channel']}",
            as_json=as_json,
        )
    if failed and not as_json:
        more = " --to-print --into FOLDER" if on_paper else ""
        click.echo(f"  next: fakeprint takedown deliveries {campaign_id}{more}")
    return status


@click.command("handed-over", short_help="Record that you have handed letters over, with a proof.")
@_CAMPAIGN
@click.argument("chosen", metavar="[DELIVERY]...", nargs=-1)
@click.option("--platform", help="All waiting letters to this platform.")
@click.option(
    "--proof",
    "proofs",
    metavar="FILE | DELIVERY=FILE",
    multiple=True,
    help="A receipt of posting or a screenshot. Only its SHA-256 is sent.",
)
@click.option(
    "--at", metavar="TIME", help="When. Default: now. Without an offset: in this machine's time zone."
)
@click.option("--yes", is_flag=True, help="With --platform: do not ask for confirmation.")
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
    """Record that you have handed over letters of CAMPAIGN: by post, by a platform's form, or by hand.

    Their terms start then. DELIVERY is an id, or the FP-… reference on the letter. Without a proof, your word
    counts.

    A proof is for one letter. With several DELIVERYs, give each its own: --proof DELIVERY=FILE. Only with
    --platform can one FILE prove all letters; you confirm that it shows them all.

    \b
    Examples:
      fakeprint takedown handed-over CAMPAIGN FP-EG5MEFNM3CETEKJT --proof receipt.pdf
      fakeprint takedown handed-over CAMPAIGN FP-EG5M… FP-MZXW… --proof FP-EG5M…=1.pdf --proof FP-MZXW…=2.pdf
      fakeprint takedown handed-over CAMPAIGN --platform tiktok --proof form.png --at 2026-11-26T10:15
      fakeprint takedown handed-over CAMPAIGN --platform reddit
    """
    if bool(chosen) == (platform is not None):
        raise click.UsageError("Give DELIVERYs, or --platform.")
    whole, single = _proofs(chosen, platform, proofs)
    with error_report({"campaign_id": str(campaign_id)}, as_json=as_json):
        body = {
            "decision": "handed_over",
            "at": times.parse_time(at or datetime.now(UTC).isoformat(), "--at"),
        }
        if whole:
            body["proof_sha256"] = files.sha256(whole)
        digests = {name: files.sha256(path) for name, path in single.items()}
        with service.connect() as client:
            ids = _letters(client, campaign_id, chosen, platform)
            if platform and ids and not yes:
                shows = f", and does {printable(Path(whole).name)} show that of each of them" if whole else ""
                question = f"Have you handed over these {len(ids)} to {platform}{shows}?"
                click.confirm(question, abort=True, err=True)
            bodies = dict.fromkeys(ids.values(), body) | {
                ids[name]: body | {"proof_sha256": digest} for name, digest in digests.items()
            }
            return for_each(
                list(bodies),
                "delivery_id",
                lambda delivery_id: client.send(
                    f"POST /v1/notice-deliveries/{delivery_id}", bodies[delivery_id]
                ),
                _handed,
                as_json=as_json,
            )


def _proofs(
    chosen: Sequence[str], platform: str | None, arguments: Sequence[str]
) -> tuple[str | None, dict[str, str]]:
    """Return the file that proves all deliveries, and the files of single ones by their names."""
    single: dict[str, str] = {}
    whole: list[str] = []
    for argument in arguments:
        name, sign, path = argument.partition("=")
        if sign and name in chosen:
            single[name] = path
        else:
            whole.append(argument)
    if len(whole) > 1 or (whole and (single or (len(chosen) > 1 and platform is None))):
        raise click.UsageError("A proof is for one letter. Give each its own: --proof DELIVERY=FILE.")
    return (whole[0] if whole else None), single


def _handed(row: Row) -> str:
    by = "with a proof" if row["proof_sha256"] else "by your word, without a proof"
    return f"{row['delivery_id']}  {row['reference']}  handed over {local_time(row['handed_at'])}, {by}"


@click.command(short_help="Record that a platform has received a letter, with the receipt.")
@_CAMPAIGN
@click.argument("delivery", metavar="DELIVERY")
@click.option("--receipt", type=files.PATH, required=True, help="The receipt. Only its SHA-256 is sent.")
@click.option(
    "--at", metavar="TIME", help="When. Default: now. Without an offset: in this machine's time zone."
)
@options.json
@options.service
def delivered(
    campaign_id: UUID, delivery: str, receipt: str, at: str | None, as_json: bool, service: options.Service
) -> int:
    """Record that the platform has received a letter of CAMPAIGN that was handed over.

    The receipt is from the post, or a confirmation of the platform. A letter that a platform's API accepts
    counts as delivered without a receipt.

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
    """Return ids of deliveries by their names, or of all to a platform that may be printed and handed over.

    Raises `NotFound` (`unknown_delivery`).
    """
    letters = list(_deliveries(client, campaign_id, None if chosen else "waiting"))
    if platform is not None:
        notices = every_notice(client, campaign_id, {"state": "prepared", "platform": platform})
        notice_ids = {row["notice_id"] for row in notices if set(row["hindrances"]) <= {"not_ready"}}
        waiting = [
            delivery
            for delivery in letters
            if delivery["channel"] == "paper" and delivery["notice_id"] in notice_ids
        ]
        return {row["delivery_id"]: row["delivery_id"] for row in waiting}
    ids = {
        delivery[name]: delivery["delivery_id"]
        for delivery in letters
        for name in ("reference", "delivery_id")
    }
    for row in chosen:
        if row not in ids:
            raise UnknownDelivery(
                f"The campaign has no delivery {row}.",
                next_step=f"`fakeprint takedown deliveries {campaign_id}` lists them.",
            )
    return {row: ids[row] for row in chosen}


def _deliveries(client: Client, campaign_id: UUID, status: str | None) -> Iterator[Row]:
    params = {"status": status} if status else {}
    return client.every(f"/v1/campaigns/{campaign_id}/deliveries", "deliveries", params)


COMMANDS = (retry, handed_over, delivered)
