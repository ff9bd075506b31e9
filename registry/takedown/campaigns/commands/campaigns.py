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
from registry.core.terminal.client import Request
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


@click.command(short_help="Begin a campaign.")
@click.argument("title")
@click.option("--entry", "entries", type=click.UUID, multiple=True, required=True, help="A fake it is about.")
@click.option("--regime", "regimes", multiple=True, required=True, help="In order of preference: dsa16, …")
@click.option("--client", help="For whom: a name. Kept sealed.")
@click.option("--depicted", metavar="NAME", help="Who is shown. Kept sealed.")
@click.option("--client-id", type=click.UUID, help="A client that is recorded already.")
@click.option("--mandate", type=files.PATH, help="Its document; only the SHA-256 is sent.")
@click.option(
    "--by", type=click.Choice(get_args(GrantedBy)), default="self", show_default=True, help="Who gave it."
)
@click.option("--from", "begins", metavar="TIME", help="From when the mandate holds; else now.")
@click.option("--until", "ends", metavar="TIME", help="Until when it holds; a date: to its end.")
@click.option("--mandate-id", type=click.UUID, help="One that is recorded already.")
@click.option("--signatory", metavar="NAME", help="Who signs.")
@click.option("--capacity", default="representative", show_default=True, help="In which capacity.")
@click.option("--email", help="Where the signatory is reached.")
@click.option("--address", help="The signatory's postal address.")
@click.option(
    "--good-faith", is_flag=True, help="The signatory declares in good faith what the regime words."
)
@click.option(
    "--language", default="en", show_default=True, help="Where a platform names none: en, es, fr, ar."
)
@click.option(
    "--say", "said", metavar="ELEMENT=TEXT", multiple=True, help="What all notices say; ELEMENT alone: yes."
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
    **rest: Any,
) -> int:
    """Begin a campaign TITLE, with its client and their mandate where these are new.

    Which ELEMENTs a regime has notices say, by which they are filed (`intimate`, `against_women`, `election`,
    `defamation`), and who may sign: `fakeprint takedown regimes REGIME`. What lacks can be said later, by
    `change`, or by `say` for one notice.

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
    known: dict[str, str] = {}
    with error_report(known, as_json=as_json), service.connect() as there:
        leave = new_mandate(mandate, by, begins, ends) if mandate is not None and ends is not None else None
        body = {
            "title": title,
            "entry_ids": [str(entry) for entry in entries],
            "regimes": list(regimes),
            "language": rest["language"],
            "elements": elements(rest["said"]),
            "signatory": _signatory(rest),
        }
        try:
            if client_id is None:
                who = {"name": client, "depicted_name": depicted}
                known["client_id"] = there.send("POST /v1/clients", who)["client_id"]
            made_for = known.get("client_id", str(client_id))
            if leave is not None:
                found = there.send(f"POST /v1/clients/{made_for}/mandates", leave)
                known["mandate_id"] = found["mandates"][0]["mandate_id"]
            body |= {"client_id": made_for, "mandate_id": known.get("mandate_id", str(mandate_id))}
            made = there.send("POST /v1/campaigns", body)
        except FakeprintError as error:
            # What was recorded on the way is there: a second try must not record it again.
            if known:
                options_ = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in known.items())
                error.next_step = f"{error.next_step or ''} Then go on with {options_}.".strip()
            raise
    print_answer(made, _begun, as_json=as_json)
    return exit_status.DONE


def _begun(made: Row) -> str:
    shown_takedown.campaign(made)
    return f"  next: fakeprint takedown add {made['campaign_id']} URLS.csv"


def _signatory(given: dict[str, Any]) -> dict[str, Any] | None:
    if given["signatory"] is None:
        return None
    if given["email"] is None:
        raise click.UsageError("--signatory needs --email.")
    # Checked here: nothing is recorded on the way to a campaign that is then refused.
    signatory = Signatory(
        name=given["signatory"],
        capacity=given["capacity"],
        email=given["email"],
        address=given["address"],
        good_faith=given["good_faith"],
    )
    return asdict(signatory.checked())


@click.command(short_help="Add a list of addresses to a campaign.")
@_CAMPAIGN
@click.argument("path", metavar="FILE", type=files.PATH)
@click.option(
    "--format", "form", type=click.Choice(list(TYPES)), default="auto", show_default=True, help="Its form."
)
@click.option("--entry", type=click.UUID, help="What every row is about, where the campaign has several.")
@click.option("--regime", help="Of every row; else the first under which the platform is asked.")
@click.option("--zone", default="UTC", show_default=True, help="Of moments that do not say theirs.")
@click.option("--media", is_flag=True, help="Look up the media that rows name, and attach what is found.")
@answers(shown_takedown.added, context="campaign_id", failed=lambda made: made["rejected"])
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
    """Add the addresses of FILE (CSV, XLSX, JSON lines, text; - reads stdin), each of which becomes a notice.

    Columns are found by name: url, or platform and content_id; note, seen_at, file, sha256. With --media, a
    `file` beside the list (media, or a fingerprint document) is fingerprinted here and looked up.

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
        where = f"/v1/campaigns/{campaign_id}/notices"
        made = client.call(Request("POST", where, params, headers, lambda: {"content": raw})).body
        if media:
            folder = Path() if path == files.STDIN else Path(path).parent
            made["matches"] = evidence_media.attach(client, campaign_id, made["notices"], folder)
        return made


def _read(path: str) -> bytes:
    """Return the bytes of a list. Raises like `files.read_file`, and `BadInput` (`no_rows`)."""
    raw = files.read_file(path, MOST_BYTES, "lists")
    if not raw.strip():
        raise NoRows(f"{path}: there is no row in it.")
    return raw


@click.command(short_help="Show campaigns, and how their notices stand.")
@click.argument("campaign_id", metavar="[CAMPAIGN]", type=click.UUID, required=False)
@click.option("--notices", is_flag=True, help="List its notices.")
@click.option("--state", help="Only notices, or campaigns, in this state.")
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
    """List campaigns, or show one: how its notices stand, by state and platform.

    \b
    Examples:
      fakeprint takedown status
      fakeprint takedown status CAMPAIGN --notices --state refused
    """
    params = {"state": state} if state else {}
    with error_report({}, as_json=as_json), service.connect() as client:
        if campaign_id is None:
            found: Row = client.listed("/v1/campaigns", "campaigns", params, limit)
            print_answer(found, shown_takedown.CAMPAIGNS, as_json=as_json)
        elif notices or platform:
            params |= {"platform": platform} if platform else {}
            found = client.listed(f"/v1/campaigns/{campaign_id}/notices", "notices", params, limit)
            print_answer(found, shown_takedown.NOTICES, as_json=as_json)
        else:
            found = client.send(f"GET /v1/campaigns/{campaign_id}")
            print_answer(found, shown_takedown.campaign, as_json=as_json)
            for said in () if as_json else to_do(client, campaign_id):
                click.echo(f"  next: {said}")
    return exit_status.DONE


COMMANDS = (new, add, status)
