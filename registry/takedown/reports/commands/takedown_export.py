"""`fakeprint takedown export`, `release`: how notices stand, as a table, or for Lumen; what may leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import click

from registry.core.terminal import ending, files, options, shown, stream
from registry.core.terminal.client import Client, Request
from registry.core.terminal.lifetime import until
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.persons.commands import consent
from registry.takedown.notices.model.notice_table import FORMATS
from registry.takedown.reports.model import FIELDS

_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


@click.command(short_help="Write down how notices stand: CSV, XLSX, JSON lines, Lumen.")
@_CAMPAIGN
@click.option("--format", "form", type=click.Choice(FORMATS), help="Else by the file's name, else csv.")
@click.option("-o", "--output", metavar="FILE", required=True, help="The file to write; - writes stdout.")
@click.option("--zone", default="UTC", show_default=True, help="Of its times, such as Europe/Madrid.")
@click.option("--recipient", help="With --format lumen: whom it is for; see `takedown release`.")
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
    """Write every notice of CAMPAIGN with its place, state, times, breach, reference and reasons. No cell is
    a formula, whatever strangers wrote. It holds addresses: only its owner may read the file.

    With --format lumen, notices that were sent are written as bodies of Lumen's API, one a line. Names,
    addresses and texts are redacted there, but for what was released to --recipient.

    \b
    Examples:
      fakeprint takedown export CAMPAIGN -o notices.xlsx --zone Europe/Madrid
      fakeprint takedown export CAMPAIGN --format jsonl -o - | jq .state
      fakeprint takedown export CAMPAIGN --format lumen --recipient lumen -o lumen.jsonl
    """
    ending_ = output.rpartition(".")[2].lower()
    chosen = form or (ending_ if ending_ in FORMATS else "csv")
    if recipient and chosen != "lumen":
        raise click.UsageError("--recipient is for --format lumen.")
    if output == consent.STDIN and as_json:
        raise click.UsageError("--json says what was written to a file: give another --output.")
    params = {"format": chosen, "zone": zone} | ({"recipient": recipient} if recipient else {})
    place = f"/v1/campaigns/{campaign_id}/export"
    with told({"path": output}, as_json=as_json), service.connect() as client:
        released = _released(client, campaign_id, recipient) if chosen == "lumen" else []
        size = 0
        with files.writing(output) as file:
            for piece in _pieces(client, place, params):
                size += file.write(piece)
    said = {"path": output, "campaign_id": str(campaign_id), "format": chosen, "bytes": size}
    if as_json:
        print_json(said | ({"released": released} if chosen == "lumen" else {}))
    elif output != consent.STDIN:
        click.echo(f"{printable(output)}: {size} bytes")
    if chosen == "lumen":
        left = [field for field in FIELDS if field not in released]
        click.echo(f"redacted: {', '.join(left) or 'nothing'}", err=True)
    return ending.DONE


def _pieces(client: Client, place: str, params: Mapping[str, str]) -> Iterable[bytes]:
    if params["format"] == "xlsx":
        return [client.fetch(f"{place}?{urlencode(params)}")]
    return stream.lines(client, place, params)


def _released(client: Client, campaign_id: UUID, recipient: str | None) -> list[str]:
    found = client.get(f"/v1/campaigns/{campaign_id}/releases").body["releases"]
    whom = (recipient or "").strip().lower()
    holds = {name for item in found if item["holds"] and item["recipient"] == whom for name in item["fields"]}
    return [field for field in FIELDS if field in holds]


@click.command(short_help="Say what may leave unredacted, to whom, till when.")
@_CAMPAIGN
@click.option("--to", "recipient", metavar="NAME", help="To whom: a short name, such as lumen.")
@click.option("--field", "fields", type=click.Choice(FIELDS), multiple=True, help="What; texts take all.")
@click.option("--until", metavar="TIME", help="Till when, such as 2026-12-31; at most a year.")
@click.option("--withhold", metavar="RELEASE", type=click.UUID, help="Take this one back.")
@options.json
@options.service
def release(
    campaign_id: UUID,
    recipient: str | None,
    fields: tuple[str, ...],
    until: str | None,
    withhold: UUID | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Release what of CAMPAIGN an export for a recipient may show; without options, list what was released.
    It is in the ledger. What was exported once is not called back by --withhold.

    \b
    Examples:
      fakeprint takedown release CAMPAIGN --to lumen --field places --until 2026-12-31
      fakeprint takedown release CAMPAIGN
      fakeprint takedown release CAMPAIGN --withhold RELEASE
    """
    given = (recipient, *fields, until)
    if any(given) and (withhold or not (recipient and fields and until)):
        raise click.UsageError("Give --to, --field and --until together, or --withhold, or nothing of these.")
    place = f"/v1/campaigns/{campaign_id}/releases"
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        if recipient and until:
            ends = consent.end(until, "--until")
            body = {"recipient": recipient, "fields": list(fields), "valid_until": ends}
            found = client.post(place, body).body
        elif withhold:
            found = client.call(Request("DELETE", f"{place}/{withhold}")).body
        else:
            found = client.get(place).body
    _show(found, as_json=as_json)
    return ending.DONE


def _show(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        for item in found["releases"]:
            print_json(item)
    elif not found["releases"]:
        click.echo("Nothing was released: exports for others are redacted.")
    else:
        rows = (
            [
                item["release_id"],
                item["recipient"],
                ", ".join(item["fields"]),
                until(item["valid_until"]),
                "holds" if item["holds"] else "taken back" if item["revoked_at"] else "over",
            ]
            for item in found["releases"]
        )
        shown.table(("release", "to", "what", "until", ""), rows)


COMMANDS = (export, release)
