"""`fakeprint takedown client` and `mandate`: for whom removals are asked for, and by whose leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, get_args
from uuid import UUID

import click

from registry.core.terminal import ending, options, shown
from registry.core.terminal.client import Client, Request
from registry.core.terminal.lifetime import here, until
from registry.core.terminal.named import pages
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.persons.commands import consent
from registry.takedown.evidence.commands import takedown_media
from registry.takedown.notices.model.notice import GrantedBy

_CLIENT: Final = click.argument("client_id", metavar="CLIENT", type=click.UUID)
_FILE: Final = click.Path(path_type=str, readable=False)
NOBODY: Final = """No clients yet.
  next: fakeprint takedown client add NAME --depicted NAME"""

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
    """For whom removals are asked for. Names and addresses lie sealed under a key of the client's own."""


@client_.command("list", short_help="Your clients.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many.")
@options.json
@options.service
def list_(limit: int, as_json: bool, service: options.Service) -> int:
    """List your organization's clients, newest first.

    \b
    Example:
      fakeprint takedown client list --json
    """
    with told({}, as_json=as_json), service.connect() as there:
        found = there.get("/v1/clients", {"limit": str(limit)}).body
    if as_json:
        for client in found["clients"]:
            print_json(client)
    elif not found["clients"]:
        click.echo(NOBODY)
    else:
        rows = (
            [client["client_id"], here(client["created_at"]), *_names(client)] for client in found["clients"]
        )
        shown.table(("client", "since", "name", "depicted"), rows)
        if found["next"]:
            click.echo("There are more: give a greater --limit.", err=True)
    return ending.DONE


@client_.command(short_help="Record a client.")
@click.argument("name")
@click.option("--depicted", metavar="NAME", required=True, help="Who is shown in the fake.")
@click.option("--email", help="Where the client is reached.")
@click.option("--address", help="Its postal address.")
@click.option("--country", metavar="CODE", help="ISO 3166-1, such as ES.")
@options.json
@options.service
def add(name: str, depicted: str, as_json: bool, service: options.Service, **rest: str | None) -> int:
    """Record a client by NAME. All of it is kept sealed.

    \b
    Example:
      fakeprint takedown client add "Partido X" --depicted "Ana Ejemplo" --country ES
    """
    with told({}, as_json=as_json), service.connect() as there:
        made = there.post("/v1/clients", {"name": name, "depicted_name": depicted, **rest}).body
    _print(made, as_json=as_json)
    if not as_json:
        step = f"fakeprint takedown mandate renew {made['client_id']} MANDATE.pdf --until 2027-12-31"
        click.echo(f"  next: {step}")
    return ending.DONE


@client_.command(short_help="A client and its mandates.")
@_CLIENT
@options.json
@options.service
def show(client_id: UUID, as_json: bool, service: options.Service) -> int:
    """Show a client and its mandates, newest first.

    \b
    Example:
      fakeprint takedown client show CLIENT
    """
    with told({"client_id": str(client_id)}, as_json=as_json), service.connect() as there:
        found = there.get(f"/v1/clients/{client_id}").body
    _print(found, as_json=as_json)
    return ending.DONE


@client_.command(short_help="Destroy what is personal of a client.")
@_CLIENT
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.json
@options.service
def erase(client_id: UUID, yes: bool, as_json: bool, service: options.Service) -> int:
    """Destroy CLIENT's key: names, addresses, places, letters and replies of all its campaigns are unreadable
    from then on, in backups too, and the campaigns are closed. There is no way back. That there were notices,
    and when they moved, stays. Replies that nobody has matched, and places that lookups have seen, are
    deleted where they name the client or a place of it; one that may answer another client's notice too is
    left for you (fakeprint takedown replies). Take bundles of evidence before. Asks first, with --json too:
    give --yes.

    \b
    Example:
      fakeprint takedown client erase CLIENT
    """
    with told({"client_id": str(client_id)}, as_json=as_json), service.connect() as there:
        found = there.get(f"/v1/clients/{client_id}").body
        if not yes and not found["erased_at"]:
            mine = [page for page in pages(there, "campaigns", {}) if page["client_id"] == str(client_id)]
            notices = sum(page["notices"] for page in mine)
            lost = (
                f"names, addresses and letters of {counted(len(mine), 'campaign')} with"
                f" {counted(notices, 'notice')} are lost for"
                " good, no evidence can be taken of them any more, and nothing more of them is sent"
            )
            click.confirm(f"Erase {_names(found)[0]}: {lost}?", abort=True, err=True)
        gone = there.call(Request("DELETE", f"/v1/clients/{client_id}")).body
    _print(gone, as_json=as_json)
    return ending.DONE


@click.group(epilog=MANDATE_EPILOG, short_help="By whose leave; renew and revoke it.")
def mandate() -> None:
    """The leave of whoever is depicted. Nothing is sent before it begins or after it ended or was revoked."""


@mandate.command(short_help="Record a mandate, and put campaigns under it.")
@_CLIENT
@click.argument("document", metavar="FILE", type=_FILE)
@click.option(
    "--by", type=click.Choice(get_args(GrantedBy)), default="self", show_default=True, help="Who gave it."
)
@click.option("--from", "begins", metavar="TIME", help="From when it holds; else now.")
@click.option(
    "--until", "ends", metavar="TIME", required=True, help="Until when it holds; a date: to its end."
)
@click.option("--campaign", "chosen", type=click.UUID, multiple=True, help="Goes on under it.")
@click.option("--all", "every", is_flag=True, help="All open campaigns of the client go on under it.")
@options.json
@options.service
def renew(
    client_id: UUID,
    document: str,
    by: str,
    begins: str | None,
    ends: str,
    chosen: tuple[UUID, ...],
    every: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Record a mandate for CLIENT; of FILE, its document, only the SHA-256 is sent. A campaign keeps the
    mandate that it has until one is given to it: --campaign, or --all.

    \b
    Examples:
      fakeprint takedown mandate renew CLIENT mandate.pdf --until 2027-12-31 --all
      fakeprint takedown mandate renew CLIENT guardian.pdf --by guardian --until 2027-06-30T12:00+02:00
    """
    with told({"client_id": str(client_id)}, as_json=as_json):
        body = {
            "granted_by": by,
            "document_sha256": consent.sha256(document),
            "valid_from": consent.moment(begins, "--from") if begins else takedown_media.now(),
            "valid_until": consent.end(ends, "--until"),
        }
        with service.connect() as there:
            found = there.post(f"/v1/clients/{client_id}/mandates", body).body
            mandate_id = found["mandates"][0]["mandate_id"]
            given = _give(there, client_id, mandate_id, [str(id_) for id_ in chosen], every=every)
    _print({**found, "campaigns": given} if as_json else found, as_json=as_json)
    if not as_json:
        for item in given:
            click.echo(f"  campaign {item} goes on under mandate {mandate_id}")
        if not given:
            click.echo(f"  next: fakeprint takedown change CAMPAIGN --mandate-id {mandate_id}")
    return ending.DONE


def _give(there: Client, client_id: UUID, mandate_id: str, chosen: list[str], *, every: bool) -> list[str]:
    if every:
        chosen += [
            page["campaign_id"]
            for page in pages(there, "campaigns", {"state": "open"})
            if page["client_id"] == str(client_id) and page["campaign_id"] not in chosen
        ]
    for item in chosen:
        there.call(
            Request("PATCH", f"/v1/campaigns/{item}", build=lambda: {"json": {"mandate_id": mandate_id}})
        )
    return chosen


@mandate.command(short_help="Record that a mandate was taken back.")
@_CLIENT
@click.argument("mandate_id", metavar="MANDATE", type=click.UUID)
@options.json
@options.service
def revoke(client_id: UUID, mandate_id: UUID, as_json: bool, service: options.Service) -> int:
    """Record that MANDATE was taken back: nothing is sent by it from then on, retries included.

    \b
    Example:
      fakeprint takedown mandate revoke CLIENT MANDATE
    """
    place = f"/v1/clients/{client_id}/mandates/{mandate_id}/revocation"
    with told({"client_id": str(client_id)}, as_json=as_json), service.connect() as there:
        found = there.post(place, {}, again=True).body
    _print(found, as_json=as_json)
    return ending.DONE


def _print(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    name, depicted = _names(found)
    click.echo(f"{found['client_id']}  {printable(name)}")
    if found["erased_at"]:
        click.echo(f"  erased {here(found['erased_at'])}")
    else:
        click.echo(f"  depicted: {printable(depicted)}")
    for label in ("email", "address", "country"):
        if found[label]:
            click.echo(f"  {label}: {printable(found[label])}")
    for item in found["mandates"]:
        span = f"{here(item['valid_from'])} until {until(item['valid_until'])}"
        click.echo(f"  mandate {item['mandate_id']} of {item['granted_by']}, {span}: {_stands(item)}")
        click.echo(f"    document sha256 {item['document_sha256']}")
    if not found["mandates"]:
        click.echo("  no mandate: nothing can be sent")


def counted(number: int, what: str) -> str:
    """`1 notice`, `2 notices`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _stands(row: Mapping[str, Any]) -> str:
    if row["revoked_at"]:
        return f"taken back {here(row['revoked_at'])}"
    if row["holds"]:
        return "holds"
    return "is over" if datetime.fromisoformat(row["valid_until"]) <= datetime.now(UTC) else "not yet"


def _names(row: Mapping[str, Any]) -> tuple[str, str]:
    if row["erased_at"]:
        return "(erased)", "(erased)"
    return f"“{row['name']}”", str(row["depicted_name"])
