"""`fakeprint takedown export`, `report`: export notices, and get their statistics."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import click

from registry.core.documents import safe_tables
from registry.core.terminal import exit_status, files, options, output, stream
from registry.core.terminal.client import Client
from registry.core.terminal.report import error_report, print_json
from registry.core.terminal.text import printable
from registry.takedown.campaigns.model import RELEASED_FIELDS
from registry.takedown.notices.model.notice_table import FORMATS
from registry.takedown.reports.model import BY

_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


@click.command(short_help="Export notices: CSV, XLSX, JSON lines, Lumen.")
@_CAMPAIGN
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Default: by the file's extension, else csv."
)
@click.option("-o", "--output", metavar="FILE", required=True, help="The file to write; - writes to stdout.")
@click.option(
    "--zone", default="UTC", show_default=True, help="Time zone of the times, such as Europe/Madrid."
)
@click.option("--recipient", help="With --format lumen: the recipient of `takedown release`.")
@options.json
@options.service
def export(
    campaign_id: UUID,
    form: str | None,
    output: str,
    zone: str,
    recipient: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Export every notice of CAMPAIGN with its place, state, times, breach, reference and reasons.

    No cell contains a formula. The file contains addresses, so only its owner may read it.

    With --format lumen, writes the notices that were handed over as bodies of Lumen's API, one per line.
    Names, addresses and texts are redacted, except fields released to --recipient.

    \b
    Examples:
      fakeprint takedown export CAMPAIGN -o notices.xlsx --zone Europe/Madrid
      fakeprint takedown export CAMPAIGN --format jsonl -o - | jq .state
      fakeprint takedown export CAMPAIGN --format lumen --recipient lumen -o lumen.jsonl
    """
    extension = output.rpartition(".")[2].lower()
    chosen = form or (extension if extension in FORMATS else "csv")
    if recipient and chosen != "lumen":
        raise click.UsageError("--recipient needs --format lumen.")
    if output == files.STDIN and as_json:
        raise click.UsageError("--json needs an --output file other than -.")
    params = {"format": chosen, "zone": zone} | ({"recipient": recipient} if recipient else {})
    path = f"/v1/campaigns/{campaign_id}/export"
    with error_report({"path": output}, as_json=as_json), service.connect() as client:
        released = _released(client, campaign_id, recipient) if chosen == "lumen" else []
        size = 0
        with files.writing(output) as file:
            for piece in _pieces(client, path, params):
                size += file.write(piece)
    result = {"path": output, "campaign_id": str(campaign_id), "format": chosen, "bytes": size}
    if as_json:
        print_json(result | ({"released": released} if chosen == "lumen" else {}))
    elif output != files.STDIN:
        click.echo(f"{printable(output)}: {size} bytes")
    if chosen == "lumen":
        redacted = [field for field in RELEASED_FIELDS if field not in released]
        click.echo(f"redacted: {', '.join(redacted) or 'nothing'}", err=True)
    return exit_status.DONE


def _pieces(client: Client, place: str, params: Mapping[str, str]) -> Iterable[bytes]:
    if params["format"] == "xlsx":
        return [client.fetch(f"{place}?{urlencode(params)}")]
    return stream.lines(client, place, params)


def _released(client: Client, campaign_id: UUID, recipient: str | None) -> list[str]:
    releases = client.send(f"GET /v1/campaigns/{campaign_id}/releases")["releases"]
    whom = (recipient or "").strip().lower()
    holds = {
        name
        for release in releases
        if release["holds"] and release["recipient"] == whom
        for name in release["fields"]
    }
    return [field for field in RELEASED_FIELDS if field in holds]


_SHOWN: Final = (
    *(
        "notices",
        "prepared",
        "handed_over",
        "delivered",
        "removed",
        "refused",
        "open",
        "median_hours_to_removal",
    ),
    *("p90_hours_to_removal", "breach_rate", "reopened", "counter_notices", "automated_share"),
)
_HEADS: Final[Mapping[str, str]] = {
    "handed_over": "handed over",
    "median_hours_to_removal": "median h",
    "p90_hours_to_removal": "p90 h",
    "breach_rate": "late",
    "counter_notices": "countered",
    "automated_share": "automated",
}


@click.command(short_help="Show statistics of notices.")
@click.argument("campaign_id", metavar="[CAMPAIGN]", type=click.UUID, required=False)
@click.option("--by", type=click.Choice(BY), default="total", show_default=True, help="Grouping of the rows.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone of weeks and months.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with all columns.")
@options.json
@options.service
def report(
    campaign_id: UUID | None, by: str, zone: str, as_csv: bool, as_json: bool, service: options.Service
) -> int:
    """Show statistics of the notices of CAMPAIGN, or of all notices of your organization.

    Letters are prepared, then handed over, then delivered: each column is part of the one before. A notice
    that was reopened and sent again has two letters. Hours to removal start at the hand-over, and cover
    letters that were removed. Late is the share of letters whose term passed without an answer, among those
    that were late, removed or refused. Automated is the share of statements of reasons that declare a fully
    automated decision.

    \b
    Examples:
      fakeprint takedown report
      fakeprint takedown report CAMPAIGN --by platform
      fakeprint takedown report --by month --zone Europe/Madrid --csv > months.csv
    """
    if as_csv and as_json:
        raise click.UsageError("Give --csv or --json, not both.")
    path = f"/v1/campaigns/{campaign_id}/statistics" if campaign_id else "/v1/statistics"
    with error_report({}, as_json=as_json), service.connect() as client:
        statistics = client.send(f"GET {path}", {"by": by, "zone": zone})
    if as_json:
        print_json(statistics)
    elif as_csv:
        _write_csv(statistics)
    elif not statistics["groups"]:
        click.echo("No notices yet.\n  next: fakeprint takedown add CAMPAIGN urls.csv")
    else:
        head = [by, *(_HEADS.get(name, name) for name in _SHOWN)]
        output.table(head, (_line(group) for group in statistics["groups"]))
    return exit_status.DONE


def _line(row: Mapping[str, Any]) -> Sequence[str]:
    return [_name(row), *(_figure(name, row[name]) for name in _SHOWN)]


def _name(row: Mapping[str, Any]) -> str:
    return printable(str(row["name"])) if row["name"] else "all" if row["prepared"] else "not prepared"


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.0f} %" if name in {"breach_rate", "automated_share"} else f"{value:g}"


def _write_csv(statistics: Mapping[str, Any]) -> None:
    groups = statistics["groups"]
    names = ["name", *(name for name in (groups[0] if groups else {}) if name != "name")]
    head = [statistics["by"], *names[1:], "time_zone"]
    rows = ([*(group[name] for name in names), statistics["time_zone"]] for group in groups)
    for line in safe_tables.csv_lines([head, *rows]):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


COMMANDS = (export, report)
