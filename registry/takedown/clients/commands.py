"""`fakeprint takedown client` and `mandate`: clients, and the mandates that they gave."""

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


@click.group("client", epilog=CLIENT_EPILOG, short_help="For whom removals are asked for.")
def client_() -> None:
    """For whom removals are asked for. Names and addresses are encrypted with a key of the client's own."""


def _names(row: Row) -> tuple[str, str]:
    if row["erased_at"]:
        return "(erased)", "(erased)"
    return f"“{row['name']}”", str(row["depicted_name"])


def _lines(found: Row) -> Iterator[str]:
    name, depicted = _names(found)
    yield f"{found['client_id']}  {printable(name)}"
    if found["erased_at"]:
        yield f"  erased {local_time(found['erased_at'])}"
    else:
        yield f"  depicted: {printable(depicted)}"
    for label in ("email", "address", "country"):
        if found[label]:
            yield f"  {label}: {printable(found[label])}"
    for item in found["mandates"]:
        span = f"{local_time(item['valid_from'])} until {local_end(item['valid_until'])}"
        yield f"  mandate {item['mandate_id']} of {item['granted_by']}, {span}: {_state(item)}"
        yield f"    document sha256 {item['document_sha256']}"
    if not found["mandates"]:
        yield "  no mandate: nothing can be sent"


def _state(mandate: Row) -> str:
    if mandate["revoked_at"]:
        return f"taken back {local_time(mandate['revoked_at'])}"
    if mandate["holds"]:
        return "holds"
    return "is over" if datetime.fromisoformat(mandate["valid_until"]) <= datetime.now(UTC) else "not yet"


_CLIENTS: Final = Rows(
    "clients",
    "client: client_id, since: created_at, name, depicted",
    "No clients yet.\n  next: fakeprint takedown client add NAME --depicted NAME",
    {"name": lambda row: _names(row)[0], "depicted": lambda row: _names(row)[1]},
)


@client_.command("list", short_help="Your clients.")
@options.page
@sends("GET /v1/clients", _CLIENTS, example="takedown client list --json")
def list_() -> None:
    """List your organization's clients, newest first."""


def _added(made: Row) -> Iterator[str]:
    yield from _lines(made)
    yield f"  next: fakeprint takedown mandate renew {made['client_id']} MANDATE.pdf --until 2027-12-31"


@client_.command(short_help="Record a client.")
@click.argument("name")
@click.option("--depicted", "depicted_name", metavar="NAME", required=True, help="Who is shown in the fake.")
@click.option("--email", help="Where the client is reached.")
@click.option("--address", help="Its postal address.")
@click.option("--country", metavar="CODE", help="ISO 3166-1, such as ES.")
@sends(
    "POST /v1/clients",
    _added,
    example='takedown client add "Partido X" --depicted "Ana Ejemplo" --country ES',
)
def add() -> None:
    """Record a client by NAME. All of it is stored encrypted."""


@client_.command(short_help="A client and its mandates.")
@_CLIENT
@sends("GET /v1/clients/{client_id}", _lines, example="takedown client show CLIENT")
def show() -> None:
    """Show a client and its mandates, newest first."""


@client_.command(short_help="Destroy what is personal of a client.")
@_CLIENT
@click.option("--yes", is_flag=True, help="Do not ask.")
@answers(_lines, context="client_id", example="takedown client erase CLIENT")
def erase(client_id: UUID, yes: bool, service: Service) -> Row:
    """Destroy CLIENT's key: names, addresses, places, letters and replies of all its campaigns are
    unreadable from then on, in backups too, and the campaigns are closed. There is no way back. That there
    were notices, and when they moved, stays. Unmatched replies and places seen by lookups are deleted if
    they name the client or one of its places. A reply that may answer another client's notice too is left
    for you (fakeprint takedown replies). Take bundles of evidence before. Asks first, with --json too:
    give --yes."""
    with service.connect() as client:
        found = client.send(f"GET /v1/clients/{client_id}")
        if not yes and not found["erased_at"]:
            mine = _campaigns(client, client_id, {})
            notices = sum(campaign["notices"] for campaign in mine)
            lost = (
                f"names, addresses and letters of {counted(len(mine), 'campaign')} with"
                f" {counted(notices, 'notice')} are lost for"
                " good, no evidence can be taken of them any more, and nothing more of them is sent"
            )
            click.confirm(f"Erase {_names(found)[0]}: {lost}?", abort=True, err=True)
        return client.send(f"DELETE /v1/clients/{client_id}")


def _campaigns(client: Client, client_id: UUID, params: Fields) -> list[Row]:
    every = client.every("/v1/campaigns", "campaigns", params)
    return [campaign for campaign in every if campaign["client_id"] == str(client_id)]


def _renewed(found: Row) -> Iterator[str]:
    yield from _lines(found)
    mandate_id = found["mandates"][0]["mandate_id"]
    for campaign_id in found["campaigns"]:
        yield f"  campaign {campaign_id} goes on under mandate {mandate_id}"
    if not found["campaigns"]:
        yield f"  next: fakeprint takedown change CAMPAIGN --mandate-id {mandate_id}"


@click.group(epilog=MANDATE_EPILOG, short_help="By whose leave; renew and revoke it.")
def mandate() -> None:
    """The leave of whoever is depicted. Nothing is sent before it begins or after it ended or was revoked."""


@mandate.command(short_help="Record a mandate, and put campaigns under it.")
@_CLIENT
@click.argument("document", metavar="FILE", type=files.PATH)
@click.option(
    "--by", type=click.Choice(get_args(GrantedBy)), default="self", show_default=True, help="Who gave it."
)
@click.option("--from", "begins", metavar="TIME", help="From when it holds; else now.")
@click.option(
    "--until", "ends", metavar="TIME", required=True, help="Until when it holds; a date: to its end."
)
@click.option("--campaign", "chosen", type=click.UUID, multiple=True, help="Goes on under it.")
@click.option("--all", "every", is_flag=True, help="All open campaigns of the client go on under it.")
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
    """Record a mandate for CLIENT; of FILE, its document, only the SHA-256 is sent. A campaign keeps the
    mandate that it has until one is given to it: --campaign, or --all.
    """
    body = new_mandate(document, by, begins, ends)
    with service.connect() as client:
        found = client.send(f"POST /v1/clients/{client_id}/mandates", body)
        ids = [str(campaign_id) for campaign_id in chosen]
        if every:
            more = _campaigns(client, client_id, {"state": "open"})
            ids += [row["campaign_id"] for row in more if row["campaign_id"] not in ids]
        for campaign_id in ids:
            mandate_id = found["mandates"][0]["mandate_id"]
            client.send(f"PATCH /v1/campaigns/{campaign_id}", {"mandate_id": mandate_id})
        return {**found, "campaigns": ids}


@mandate.command(short_help="Record that a mandate was taken back.")
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
    """Record that MANDATE was taken back: nothing is sent by it from then on, retries included."""


def new_mandate(document: str, by: str, begins: str | None, ends: str) -> dict[str, Any]:
    """Return the body of a request that records a mandate. Raises `BadMedia`, `BadInput` (`bad_time`)."""
    return {
        "granted_by": by,
        "document_sha256": files.sha256(document),
        "valid_from": times.parse_time(begins, "--from") if begins else times.now(),
        "valid_until": times.parse_end(ends, "--until"),
    }


def counted(number: int, what: str) -> str:
    """Return `1 notice`, `2 notices`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
