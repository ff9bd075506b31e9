"""`fakeprint takedown client` and `mandate`: clients and their mandates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, get_args
from uuid import UUID

import click

from registry.core.terminal import files, options, times
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.client import Client
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_end, local_time
from registry.takedown.notices.model.notice import GrantedBy

_CLIENT: Final = click.argument("client_id", metavar="CLIENT", type=click.UUID)

CLIENT_EPILOG = """\b
Examples:
  fakeprint takedown client list
  fakeprint takedown client add "Partido X" --depicted "Ana Ejemplo" --email ana@example.org
  fakeprint takedown client show CLIENT
  fakeprint takedown client erase CLIENT
"""
MANDATE_EPILOG = """\b
Examples:
  fakeprint takedown mandate renew CLIENT mandate.pdf --until 2027-12-31 --campaign CAMPAIGN
  fakeprint takedown mandate revoke CLIENT MANDATE
"""


@click.group("client", epilog=CLIENT_EPILOG, short_help="Record, list and erase clients.")
def client_() -> None:
    """Record, list and erase clients: those on whose behalf notices are sent.

    Names and addresses are encrypted with a key of the client's own."""


def _names(row: Row) -> tuple[str, str]:
    if row["erased_at"]:
        return "(erased)", "(erased)"
    return f"“{row['name']}”", str(row["depicted_name"])


def _lines(shown: Row) -> Iterator[str]:
    name, depicted = _names(shown)
    yield f"{shown['client_id']}  {printable(name)}"
    if shown["erased_at"]:
        yield f"  erased {local_time(shown['erased_at'])}"
    else:
        yield f"  depicted: {printable(depicted)}"
    for label in ("email", "address", "country"):
        if shown[label]:
            yield f"  {label}: {printable(shown[label])}"
    for mandate in shown["mandates"]:
        span = f"{local_time(mandate['valid_from'])} until {local_end(mandate['valid_until'])}"
        yield f"  mandate {mandate['mandate_id']} of {mandate['granted_by']}, {span}: {_state(mandate)}"
        yield f"    document sha256 {mandate['document_sha256']}"
    if not shown["mandates"]:
        yield "  no mandate: nothing can be sent"


def _state(mandate: Row) -> str:
    if mandate["revoked_at"]:
        return f"revoked {local_time(mandate['revoked_at'])}"
    if mandate["holds"]:
        return "valid"
    return (
        "expired" if datetime.fromisoformat(mandate["valid_until"]) <= datetime.now(UTC) else "not valid yet"
    )


_CLIENTS: Final = Rows(
    "clients",
    "client: client_id, since: created_at, name, depicted",
    "No clients yet.\n  next: fakeprint takedown client add NAME --depicted NAME",
    {"name": lambda row: _names(row)[0], "depicted": lambda row: _names(row)[1]},
)


@client_.command("list", short_help="List your clients.")
@options.page
@sends("GET /v1/clients", _CLIENTS, example="takedown client list --json")
def list_() -> None:
    """List your organization's clients, newest first."""


def _added(client: Row) -> Iterator[str]:
    yield from _lines(client)
    yield f"  next: fakeprint takedown mandate renew {client['client_id']} MANDATE.pdf --until DATE"


@client_.command(short_help="Record a client.")
@click.argument("name")
@click.option(
    "--depicted", "depicted_name", metavar="NAME", required=True, help="The person shown in the fake."
)
@click.option("--email", help="E-mail address of the client.")
@click.option("--address", help="Postal address of the client.")
@click.option("--country", metavar="CODE", help="Country code (ISO 3166-1), such as ES.")
@sends(
    "POST /v1/clients",
    _added,
    example='takedown client add "Partido X" --depicted "Ana Ejemplo" --country ES',
)
def add() -> None:
    """Record a client called NAME. All data are stored encrypted."""


@client_.command(short_help="Show a client and its mandates.")
@_CLIENT
@sends("GET /v1/clients/{client_id}", _lines, example="takedown client show CLIENT")
def show() -> None:
    """Show a client and its mandates, newest first."""


@client_.command(short_help="Erase a client's personal data.")
@_CLIENT
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@answers(_lines, context="client_id", example="takedown client erase CLIENT")
def erase(client_id: UUID, yes: bool, service: Service) -> Row:
    """Erase CLIENT: destroy its key, and close its campaigns. This cannot be undone.

    Names, addresses, places, letters and replies of all its campaigns become unreadable, in backups too. The
    states of its notices and the times of their moves stay. Unmatched replies and places of lookups are
    deleted if they name the client or one of its places. A reply that may answer another client's notice is
    kept (`fakeprint takedown replies`). Save evidence bundles first. Asks for confirmation, also with --json,
    unless --yes is given.
    """
    with service.connect() as client:
        shown = client.send(f"GET /v1/clients/{client_id}")
        if not yes and not shown["erased_at"]:
            campaigns = _campaigns(client, client_id, {})
            notices = sum(campaign["notices"] for campaign in campaigns)
            lost = (
                f"names, addresses and letters of {counted(len(campaigns), 'campaign')} with"
                f" {counted(notices, 'notice')} are lost for"
                " good, no evidence bundle can be made of them any more, and nothing more of them is sent"
            )
            click.confirm(f"Erase {_names(shown)[0]}: {lost}?", abort=True, err=True)
        return client.send(f"DELETE /v1/clients/{client_id}")


def _campaigns(client: Client, client_id: UUID, params: Fields) -> list[Row]:
    campaigns = client.every("/v1/campaigns", "campaigns", params)
    return [campaign for campaign in campaigns if campaign["client_id"] == str(client_id)]


def _renewed(client: Row) -> Iterator[str]:
    yield from _lines(client)
    mandate_id = client["mandates"][0]["mandate_id"]
    for campaign_id in client["campaigns"]:
        yield f"  campaign {campaign_id} continues under mandate {mandate_id}"
    if not client["campaigns"]:
        yield f"  next: fakeprint takedown change CAMPAIGN --mandate-id {mandate_id}"


@click.group(epilog=MANDATE_EPILOG, short_help="Record and revoke mandates.")
def mandate() -> None:
    """Record and revoke mandates of the person depicted.

    Nothing is sent before a mandate begins, or after it ended or was revoked."""


@mandate.command(short_help="Record a mandate, and assign it to campaigns.")
@_CLIENT
@click.argument("document", metavar="FILE", type=files.PATH)
@click.option(
    "--by",
    type=click.Choice(get_args(GrantedBy)),
    default="self",
    show_default=True,
    help="Who gave the mandate.",
)
@click.option("--from", "begins", metavar="TIME", help="Start of the mandate. Default: now.")
@click.option(
    "--until", "ends", metavar="TIME", required=True, help="End of the mandate. A date: the end of that day."
)
@click.option(
    "--campaign",
    "chosen",
    type=click.UUID,
    multiple=True,
    help="A campaign that continues under it. May be repeated.",
)
@click.option("--all", "every", is_flag=True, help="All open campaigns of the client continue under it.")
@answers(
    _renewed,
    context="client_id",
    example=(
        "takedown mandate renew CLIENT mandate.pdf --until 2027-12-31 --all",
        "takedown mandate renew CLIENT guardian.pdf --by guardian --until 2027-06-30T12:00+02:00",
    ),
)
def renew(
    client_id: UUID,
    document: str,
    by: str,
    begins: str | None,
    ends: str,
    chosen: tuple[UUID, ...],
    every: bool,
    service: Service,
) -> Row:
    """Record a mandate for CLIENT. Only the SHA-256 of FILE, its document, is sent.

    Campaigns keep their mandate, except those named by --campaign or --all.
    """
    body = new_mandate(document, by, begins, ends)
    with service.connect() as client:
        shown = client.send(f"POST /v1/clients/{client_id}/mandates", body)
        ids = [str(campaign_id) for campaign_id in chosen]
        if every:
            open_campaigns = _campaigns(client, client_id, {"state": "open"})
            ids += [row["campaign_id"] for row in open_campaigns if row["campaign_id"] not in ids]
        for campaign_id in ids:
            mandate_id = shown["mandates"][0]["mandate_id"]
            client.send(f"PATCH /v1/campaigns/{campaign_id}", {"mandate_id": mandate_id})
        return {**shown, "campaigns": ids}


@mandate.command(short_help="Record that a mandate was revoked.")
@_CLIENT
@click.argument("mandate_id", metavar="MANDATE", type=click.UUID)
@sends(
    "POST /v1/clients/{client_id}/mandates/{mandate_id}/revocation",
    _lines,
    context="client_id",
    again=True,
    example="takedown mandate revoke CLIENT MANDATE",
)
def revoke() -> None:
    """Record that MANDATE was revoked. Nothing is sent under it any more, and no delivery is repeated."""


def new_mandate(document: str, by: str, begins: str | None, ends: str) -> dict[str, Any]:
    """Return the body of a request that records a mandate. Raises `BadMedia`, `BadInput` (`bad_time`)."""
    return {
        "granted_by": by,
        "document_sha256": files.sha256(document),
        "valid_from": times.parse_time(begins, "--from") if begins else times.now(),
        "valid_until": times.parse_end(ends, "--until"),
    }


def counted(number: int, noun: str) -> str:
    """Return `1 notice`, `2 notices`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
