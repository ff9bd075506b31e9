"""`fakeprint takedown new`, `add`, `status`: campaigns."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, get_args
from uuid import UUID

import click

from registry.core.errors import FakeprintError
from registry.core.terminal import exit_status, files, options
from registry.core.terminal.api_command import answers
from registry.core.terminal.client import Client, Request
from registry.core.terminal.output import Row, print_answer
from registry.core.terminal.report import error_report
from registry.takedown.campaigns.commands import shown_takedown
from registry.takedown.campaigns.commands.changes import elements
from registry.takedown.campaigns.model import Signatory
from registry.takedown.clients.commands import new_mandate
from registry.takedown.delivery.commands.deliveries import to_do
from registry.takedown.errors import NoRows
from registry.takedown.evidence.commands import media as evidence_media
from registry.takedown.notices.model.notice import GrantedBy

TYPES: Final = {
    "auto": "application/octet-stream",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "text": "text/plain",
}
MOST_BYTES: Final = 64 << 20
_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


@click.command(short_help="Create a campaign.")
@click.argument("title")
@click.option(
    "--entry",
    "entries",
    type=click.UUID,
    multiple=True,
    required=True,
    help="A fake that the campaign is about. May be repeated.",
)
@click.option(
    "--regime",
    "regimes",
    multiple=True,
    required=True,
    help="A legal regime, such as dsa16. Repeat in order of preference.",
)
@click.option("--client", help="Name of a new client; stored encrypted.")
@click.option("--depicted", metavar="NAME", help="Name of the person depicted; stored encrypted.")
@click.option("--client-id", type=click.UUID, help="An existing client.")
@click.option("--mandate", type=files.PATH, help="Document of a new mandate. Only its SHA-256 is sent.")
@click.option(
    "--by",
    type=click.Choice(get_args(GrantedBy)),
    default="self",
    show_default=True,
    help="Who gave the mandate.",
)
@click.option("--from", "begins", metavar="TIME", help="Start of the mandate. Default: now.")
@click.option("--until", "ends", metavar="TIME", help="End of the mandate. A date: the end of that day.")
@click.option("--mandate-id", type=click.UUID, help="An existing mandate.")
@click.option("--signatory", metavar="NAME", help="Name of the signatory.")
@click.option("--capacity", default="representative", show_default=True, help="Capacity of the signatory.")
@click.option("--email", help="E-mail address of the signatory.")
@click.option("--address", help="Postal address of the signatory.")
@click.option("--good-faith", is_flag=True, help="The signatory makes the regime's good-faith declaration.")
@click.option(
    "--language", default="en", show_default=True, help="Language if the platform names none: en, es, fr, ar."
)
@click.option(
    "--say",
    "texts",
    metavar="ELEMENT=TEXT",
    multiple=True,
    help="An element of all notices. ELEMENT alone: yes.",
)
@options.json
@options.service
def new(
    title: str,
    entries: tuple[UUID, ...],
    regimes: tuple[str, ...],
    client: str | None,
    depicted: str | None,
    client_id: UUID | None,
    mandate: str | None,
    by: str,
    begins: str | None,
    ends: str | None,
    mandate_id: UUID | None,
    as_json: bool,
    service: options.Service,
    **details: Any,
) -> int:
    """Create a campaign TITLE, together with its client and the mandate if these are new.

    `fakeprint takedown regimes REGIME` shows the ELEMENTs of a regime, those that classify its notices
    (`intimate`, `against_women`, `election`, `defamation`), and who may sign. Missing elements can be added
    later with `change`, or with `say` for one notice.

    \b
    Examples:
      fakeprint takedown regimes dsa16
      fakeprint takedown new "Face swaps" --entry ENTRY --regime dsa16 --client "Partido X" \\
        --depicted "Ana" --mandate mandate.pdf --until 2027-01-31 --signatory "Lucía Letrada" \\
        --email lucia@bufete.example --good-faith --say explanation="She never did this."
      fakeprint takedown new "Face swaps" --entry ENTRY --regime dsa16 --client-id ID --mandate-id ID
    """
    if (client_id is None) == (client is None or depicted is None):
        raise click.UsageError("Give --client with --depicted, or --client-id.")
    if (mandate_id is None) == (mandate is None or ends is None):
        raise click.UsageError("Give --mandate with --until, or --mandate-id.")
    created: dict[str, str] = {}
    with error_report(created, as_json=as_json), service.connect() as connection:
        leave = new_mandate(mandate, by, begins, ends) if mandate is not None and ends is not None else None
        new_client = None if client_id else {"name": client, "depicted_name": depicted}
        body = {
            "title": title,
            "client_id": str(client_id),
            "mandate_id": str(mandate_id),
            "entry_ids": [str(entry) for entry in entries],
            "regimes": list(regimes),
            "language": details["language"],
            "elements": elements(details["texts"]),
            "signatory": _signatory(details),
        }
        campaign = _create(connection, body, new_client, leave, created)
    print_answer(campaign, _created, as_json=as_json)
    return exit_status.DONE


def _create(
    connection: Client,
    body: dict[str, Any],
    new_client: Row | None,
    leave: Row | None,
    created: dict[str, str],
) -> Row:
    """Create a campaign, after its client and its mandate if these are new; note their ids in `created`."""
    try:
        if new_client is not None:
            created["client_id"] = connection.send("POST /v1/clients", new_client)["client_id"]
        if leave is not None:
            client_id = created.get("client_id", body["client_id"])
            client = connection.send(f"POST /v1/clients/{client_id}/mandates", leave)
            created["mandate_id"] = client["mandates"][0]["mandate_id"]
        return connection.send("POST /v1/campaigns", body | created)
    except FakeprintError as error:
        error.next_step = _next_step(error, created)
        raise


def _next_step(error: FakeprintError, created: dict[str, str]) -> str | None:
    """Return the error's next step, extended by the options for the client and mandate created before it."""
    if not created:
        return error.next_step
    reused = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in created.items())
    return f"{error.next_step or ''} Then continue with {reused}.".strip()


def _created(campaign: Row) -> str:
    shown_takedown.campaign(campaign)
    return f"  next: fakeprint takedown add {campaign['campaign_id']} URLS.csv"


def _signatory(details: dict[str, Any]) -> dict[str, Any] | None:
    if details["signatory"] is None:
        return None
    if details["email"] is None:
        raise click.UsageError("--signatory needs --email.")
    # Checked here, so that no client is created for a campaign that is then refused.
    signatory = Signatory(
        name=details["signatory"],
        capacity=details["capacity"],
        email=details["email"],
        address=details["address"],
        good_faith=details["good_faith"],
    )
    return asdict(signatory.checked())


@click.command(short_help="Add a list of addresses to a campaign.")
@_CAMPAIGN
@click.argument("path", metavar="FILE", type=files.PATH)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(TYPES)),
    default="auto",
    show_default=True,
    help="Format of FILE.",
)
@click.option("--entry", type=click.UUID, help="Entry of every row, if the campaign has several.")
@click.option("--regime", help="Regime of every row. Default: the campaign's first regime for the platform.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone of times without an offset.")
@click.option("--media", is_flag=True, help="Look up the media files that rows name, and attach the matches.")
@answers(shown_takedown.added, context="campaign_id", failed=lambda report: report["rejected"])
def add(
    campaign_id: UUID,
    path: str,
    form: str,
    entry: UUID | None,
    regime: str | None,
    zone: str,
    media: bool,
    service: options.Service,
) -> Row:
    """Add the addresses in FILE (CSV, XLSX, JSON lines, text; - reads stdin). Each becomes a notice.

    Columns are found by name: url, or platform and content_id; note, seen_at, file, sha256. With --media,
    each `file` in the folder of the list (media, or a fingerprint document) is fingerprinted on this machine
    and looked up.

    \b
    Examples:
      fakeprint takedown add CAMPAIGN urls.csv --media
      pbpaste | fakeprint takedown add CAMPAIGN -
    """
    raw = _read(path)
    params = {"zone": zone} | ({"entry": str(entry)} if entry else {})
    params |= {"regime": regime} if regime else {}
    headers = {"Content-Type": TYPES[form]}
    with service.connect() as client:
        place = f"/v1/campaigns/{campaign_id}/notices"
        report = client.call(Request("POST", place, params, headers, lambda: {"content": raw})).body
        if media:
            folder = Path() if path == files.STDIN else Path(path).parent
            report["matches"] = evidence_media.attach(client, campaign_id, report["notices"], folder)
        return report


def _read(path: str) -> bytes:
    """Return the bytes of a list. Raises the errors of `files.read_file`, and `BadInput` (`no_rows`)."""
    raw = files.read_file(path, MOST_BYTES, "lists")
    if not raw.strip():
        raise NoRows(f"{path} has no rows.")
    return raw


@click.command(short_help="List campaigns, or show one with its notices.")
@click.argument("campaign_id", metavar="[CAMPAIGN]", type=click.UUID, required=False)
@click.option("--notices", is_flag=True, help="List the notices of CAMPAIGN.")
@click.option("--state", help="Only campaigns, or notices, in this state.")
@click.option("--platform", help="Only notices to this platform.")
@options.limit
@options.json
@options.service
def status(
    campaign_id: UUID | None,
    notices: bool,
    state: str | None,
    platform: str | None,
    limit: int,
    as_json: bool,
    service: options.Service,
) -> int:
    """List campaigns, or show CAMPAIGN with the numbers of its notices by state and platform.

    \b
    Examples:
      fakeprint takedown status
      fakeprint takedown status CAMPAIGN --notices --state refused
    """
    params = {"state": state} if state else {}
    with error_report({}, as_json=as_json), service.connect() as client:
        if campaign_id is None:
            answer: Row = client.listed("/v1/campaigns", "campaigns", params, limit)
            print_answer(answer, shown_takedown.CAMPAIGNS, as_json=as_json)
        elif notices or platform:
            params |= {"platform": platform} if platform else {}
            answer = client.listed(f"/v1/campaigns/{campaign_id}/notices", "notices", params, limit)
            print_answer(answer, shown_takedown.NOTICES, as_json=as_json)
        else:
            answer = client.send(f"GET /v1/campaigns/{campaign_id}")
            print_answer(answer, shown_takedown.campaign, as_json=as_json)
            for step in () if as_json else to_do(client, campaign_id):
                click.echo(f"  next: {step}")
    return exit_status.DONE


COMMANDS = (new, add, status)
