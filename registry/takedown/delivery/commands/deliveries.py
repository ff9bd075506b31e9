"""`fakeprint takedown send` and `deliveries`: send notices, and record their deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from registry.core.documents import safe_tables
from registry.core.errors import Conflict
from registry.core.terminal import exit_status, files, options
from registry.core.terminal.api_command import answers
from registry.core.terminal.client import Client
from registry.core.terminal.output import Row, Rows, print_answer, table
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import error_fields, error_report, print_json
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time
from registry.takedown.delivery.errors import NotWritten
from registry.takedown.delivery.model.delivery import STATUSES

MOST = 50
_CAMPAIGN = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
_ENDINGS: Final = {"email": "eml", "api": "json", "paper": "pdf"}
_PREVIEWED: Final = (
    *("reference", "notice_id", "platform", "channel", "address", "language", "subject", "content_sha256"),
)


def _address(notice: Row) -> str:
    return str(notice["address"].replace("\n", ", "))


def _where(notice: Row) -> list[object]:
    hindrances = " ".join(notice["hindrances"])
    where = hindrances or _address(notice) or notice["why_paper"]
    way = "-" if hindrances else notice["channel"]
    return [notice["notice_id"], notice["platform"], way, where, notice["language"]]


def _lines(sending: Row) -> Iterator[str]:
    if sending["notices"]:
        table(("notice", "platform", "way", "to, or why not", "in"), map(_where, sending["notices"][:MOST]))
    if len(sending["notices"]) > MOST:
        click.echo("There are more. --json lists up to 1,000.", err=True)
    ways = ", ".join(f"{number} by {way}" for way, number in sorted(sending["ways"].items()))
    result = (
        f"{sending['sendable']} would be prepared"
        if sending["dry_run"]
        else f"{sending['prepared']} prepared"
    )
    yield f"{result}{f' ({ways})' if ways else ''}; {sending['hindered']} hindered"
    if "entry_disputed" in sending["hindrances"]:
        yield f"  disputed: fakeprint takedown go-on {sending['campaign_id']} NOTICE"
    if not sending["dry_run"] and sending["ways"].get("paper"):
        yield f"  {sending['ways']['paper']} wait for you to hand them over"
        yield f"  next: fakeprint takedown deliveries {sending['campaign_id']} --to-print --into FOLDER"
    if sending["output"]:
        yield from _letters(
            [notice for notice in sending["notices"] if not notice["hindrances"]], sending["output"]
        )


def _letters(notices: list[Row], output: str) -> Iterator[str]:
    if output != files.STDIN:
        yield f"{len(notices)} letters, and letters.csv with their recipients, in {printable(output)}"
        return
    for notice in notices:
        to = printable(_address(notice)) or notice["platform"]
        yield f"\n=== {notice['reference']}  {notice['notice_id']}  by {notice['channel']} to {to}"
        yield f"Subject: {printable(notice['subject'])}\n"
        yield from map(printable, notice["text"].splitlines())


@click.command(short_help="Send ready notices; preview them with --dry-run.")
@_CAMPAIGN
@click.option("--notice", "chosen", type=click.UUID, multiple=True, help="Only this notice. May be repeated.")
@click.option("--dry-run", is_flag=True, help="Show the letters and their recipients; send nothing.")
@click.option(
    "--output",
    metavar="FOLDER",
    type=files.PATH,
    help="With --dry-run: write every letter there, as it would be sent. - prints the texts.",
)
@answers(
    _lines,
    context="campaign_id",
    example=(
        "takedown send CAMPAIGN --dry-run",
        "takedown send CAMPAIGN --dry-run --output letters/",
        "takedown send CAMPAIGN --dry-run --notice NOTICE --output -",
        "takedown send CAMPAIGN",
    ),
    failed=lambda sending: sending["hindered"],
)
def send(
    campaign_id: UUID,
    chosen: tuple[UUID, ...],
    dry_run: bool,
    output: str | None,
    as_json: bool,
    service: options.Service,
) -> Row:
    """Send the ready notices of CAMPAIGN, each once. Their letters are fixed then.

    Workers hand them over by the platform's API or by mail, if the deployment has confirmed such a channel.
    The others are only prepared: print them, hand them over, and record that with `handed-over`.

    Read the letters first. --output writes each as it would be sent: .eml is a mail, .json the request to an
    API, .pdf a letter on paper. Only the time of sending is filled in later.
    """
    if output and not dry_run:
        raise click.UsageError("--output needs --dry-run.")
    body: dict[str, Any] = {"dry_run": dry_run}
    body |= {"notice_ids": [str(notice_id) for notice_id in chosen]} if chosen else {}
    with service.connect() as client:
        sending = client.send(f"POST /v1/campaigns/{campaign_id}/send", body, again=True)
        if output and output != files.STDIN:
            _preview(client, sending, Path(output))
    return sending if as_json else sending | {"output": output}


def _preview(client: Client, sending: Row, folder: Path) -> None:
    """Write the letters as they would be sent, and `letters.csv`. Raises `BadInput` (`not_written`)."""
    sendable = [notice for notice in sending["notices"] if not notice["hindrances"]]
    place = f"/v1/campaigns/{sending['campaign_id']}/notices"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with Bars() as bars, bars.task("letters") as advance:
            for number, row in enumerate(sendable, 1):
                raw = client.fetch(f"{place}/{row['notice_id']}/letter")
                (folder / f"{row['reference']}.{_ENDINGS[row['channel']]}").write_bytes(raw)
                advance(number / len(sendable), "")
        rows = [_PREVIEWED, *([notice[name] for name in _PREVIEWED] for notice in sendable)]
        (folder / "letters.csv").write_bytes(b"".join(safe_tables.csv_lines(rows)))
    except OSError as error:
        raise NotWritten(f"{folder} cannot be written to: {error.strerror}.") from error


def _way(row: Row) -> str:
    return str(row["channel"]) if row["kind"] == "notice" else f"{row['channel']}, {row['kind']}"


def _status(row: Row) -> str:
    if row["delivered_at"]:
        return "delivered"
    by_hand = row["status"] == "waiting" and row["channel"] == "paper"
    return "prepared" if by_hand else str(row["status"])


def _outcome(row: Row) -> str:
    again = f", again {local_time(row['next_at'])}" if row["status"] == "waiting" and row["next_at"] else ""
    return f"{row['outcome'] or ''}{again}"


_DELIVERIES: Final = Rows(
    "deliveries",
    "delivery: delivery_id, platform, way, status, attempts, outcome, handed over: handed_at, "
    "delivered: delivered_at, reference",
    "No such deliveries.",
    {"way": _way, "status": _status, "outcome": _outcome},
)


@click.command(short_help="List deliveries; print letters, and record their results.")
@_CAMPAIGN
@click.option("--status", type=click.Choice(STATUSES), help="Only deliveries in this status.")
@click.option("--to-print", is_flag=True, help="Only those that you have to print and hand over.")
@click.option("--into", metavar="FOLDER", type=files.PATH, help="With --to-print: write their PDFs there.")
@click.option(
    "--handed-over", metavar="DELIVERY", type=click.UUID, help="Record that you have handed this one over."
)
@click.option("--at", metavar="TIME", help="When, with its offset. Default: now.")
@click.option(
    "--proof",
    type=files.PATH,
    help="With --handed-over: a receipt or a screenshot. Only its SHA-256 is sent.",
)
@click.option("--again", metavar="DELIVERY", type=click.UUID, help="Send this unsure or dead one again.")
@click.option(
    "--on-paper", metavar="DELIVERY", type=click.UUID, help="Print this one and hand it over yourself."
)
@options.limit
@options.json
@options.service
def deliveries(
    campaign_id: UUID,
    status: str | None,
    to_print: bool,
    into: str | None,
    handed_over: UUID | None,
    at: str | None,
    proof: str | None,
    again: UUID | None,
    on_paper: UUID | None,
    limit: int,
    as_json: bool,
    service: options.Service,
) -> int:
    """List the deliveries of CAMPAIGN: prepared, handed over, delivered.

    `unsure`: the letter was transmitted, but whether it was accepted is unknown. Look in the mailbox, or ask
    the platform, before you send it --again.

    \b
    Examples:
      fakeprint takedown deliveries CAMPAIGN --status unsure
      fakeprint takedown deliveries CAMPAIGN --to-print --into letters/
      fakeprint takedown deliveries CAMPAIGN --handed-over DELIVERY --proof receipt.png
    """
    decided = [delivery_id for delivery_id in (handed_over, again, on_paper) if delivery_id is not None]
    if len(decided) > 1 or (proof is not None and handed_over is None) or (into and not to_print):
        raise click.UsageError("Give --handed-over (and --proof), --again, --on-paper, or --to-print.")
    context, withheld = {"campaign_id": str(campaign_id)}, 0
    with error_report(context, as_json=as_json), service.connect() as client:
        if decided:
            body = _decision(handed_over, at, proof, again=again is not None)
            shown: Row = {"deliveries": [client.send(f"POST /v1/notice-deliveries/{decided[0]}", body)]}
        else:
            params = {"status": status} if status else {}
            params |= {"status": "waiting", "channel": "paper"} if to_print else {}
            place = f"/v1/campaigns/{campaign_id}/deliveries"
            shown = client.listed(place, "deliveries", params, None if into else limit)
        if into:
            written = _write(client, shown["deliveries"], Path(into), as_json=as_json)
            withheld = len(shown["deliveries"]) - len(written)
            shown = {"deliveries": written}
    print_answer(shown, _DELIVERIES, as_json=as_json)
    if into and written and not as_json:
        click.echo(f"{len(written)} letters, and letters.csv with their recipients, in {printable(into)}")
        click.echo(f"  next: fakeprint takedown handed-over {campaign_id} --platform ID")
    return exit_status.NOT_ANSWERED if withheld else exit_status.DONE


def to_do(client: Client, campaign_id: UUID) -> Iterator[str]:
    """Yield the deliveries of a campaign that wait for a person, and the command for each."""
    for status, channel, step in _TO_DO:
        params = {"status": status, "limit": "1"} | ({"channel": channel} if channel else {})
        if client.send(f"GET /v1/campaigns/{campaign_id}/deliveries", params)["deliveries"]:
            yield step.format(campaign_id)


_TO_DO: Final = (
    (
        "waiting",
        "paper",
        "letters wait for you to hand them over: fakeprint takedown deliveries {} --to-print --into FOLDER",
    ),
    ("unsure", "", "some letters may not have arrived: fakeprint takedown deliveries {} --status unsure"),
    ("dead", "", "deliveries failed for good: fakeprint takedown retry {}"),
)


def _decision(handed_over: UUID | None, at: str | None, proof: str | None, *, again: bool) -> dict[str, Any]:
    if handed_over is None:
        return {"decision": "send_again" if again else "print"}
    body = {"decision": "handed_over", "at": at or datetime.now(UTC).isoformat()}
    return body | ({"proof_sha256": files.sha256(proof)} if proof else {})


def _write(
    client: Client, waiting: list[dict[str, Any]], folder: Path, *, as_json: bool
) -> list[dict[str, Any]]:
    """Write the letters, named by reference, and `letters.csv`; return their deliveries.

    A letter that must not be sent any more is reported and left out. Raises `BadInput` (`not_written`).
    """
    names = ("reference", "delivery_id", "notice_id", "platform", "address", "language")
    written: list[dict[str, Any]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with Bars() as bars, bars.task("letters") as advance:
            for number, row in enumerate(waiting, 1):
                try:
                    raw = client.fetch(f"/v1/notice-deliveries/{row['delivery_id']}/letter")
                except Conflict as error:
                    with bars.hidden():
                        _withheld(row, error, as_json=as_json)
                    continue
                (folder / f"{row['reference']}.pdf").write_bytes(raw)
                written.append(row)
                advance(number / len(waiting), "")
        rows = [names, *([row[name] for name in names] for row in written)]
        (folder / "letters.csv").write_bytes(b"".join(safe_tables.csv_lines(rows)))
    except OSError as error:
        raise NotWritten(f"{folder} cannot be written to: {error.strerror}.") from error
    return written


def _withheld(row: Row, error: Conflict, *, as_json: bool) -> None:
    if as_json:
        print_json({"delivery_id": row["delivery_id"], "error": error_fields(error)})
    else:
        exit_status.print_error(error.code, f"{row['reference']}: {error.message}", error.next_step)
