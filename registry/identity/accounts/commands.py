"""`fakeprint admin account`: people who sign in to the console."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import click

from registry.core.terminal import ending, lifetime, named, options
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.identity.callers.model import ROLES, SCOPES

_ROLE = click.Choice(sorted(ROLES | SCOPES))
_ACCOUNT = click.argument("word", metavar="ACCOUNT")


@click.group()
def account() -> None:
    """People who sign in to the console. ACCOUNT is an id, or the name that is typed to sign in.

    \b
    Examples:
      fakeprint admin account add ana@example.org --name "Ana Ruiz" --role review
      fakeprint admin account list
      fakeprint admin account invite ana@example.org       after a lost password or passkey
      fakeprint admin account remove ana@example.org
    """


@account.command("add")
@click.argument("sign_in_name", metavar="SIGN-IN-NAME")
@click.option("--name", metavar="NAME", help="What others call them. [default: SIGN-IN-NAME]")
@click.option("--role", "roles", multiple=True, required=True, type=_ROLE, help="May be repeated.")
@options.json
@options.service
def add(
    sign_in_name: str, name: str | None, roles: tuple[str, ...], as_json: bool, service: options.Service
) -> int:
    """Let a person in, and print the address of their invitation, this once. It is open for a week.

    Whoever opens it chooses the password or passkey, so send it to that person alone. No password is ever
    given on a command line.

    \b
    Examples:
      fakeprint admin account add ana@example.org --name "Ana Ruiz" --role review --role lookup
      fakeprint admin account add lawyer --role takedown --json
    """
    body = {"sign_in_name": sign_in_name, "name": name or sign_in_name, "roles": list(roles)}
    with told({}, as_json=as_json), service.connect() as client:
        made = client.post("/v1/accounts", body).body
        return _print(made, client.endpoint.url, as_json=as_json)


@account.command("list")
@options.json
@options.service
def list_all(as_json: bool, service: options.Service) -> int:
    """List who signs in for your organization.

    \b
    Example:
      fakeprint admin account list --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = list(named.pages(client, "accounts", {}))
    for page in found:
        if as_json:
            print_json(dict(page))
        else:
            last = lifetime.here(page["last_sign_in_at"]) if page["last_sign_in_at"] else "never"
            roles = ", ".join(page["roles"])
            said = f"{printable(page['sign_in_name'])}  {page['state']}  {roles}  last signed in: {last}"
            click.echo(f"{page['account_id']}  {said}")
    if not found and not as_json:
        click.echo("Nobody signs in yet: fakeprint admin account add NAME --role ROLE", err=True)
    return ending.DONE


@account.command("invite")
@_ACCOUNT
@options.json
@options.service
def invite(word: str, as_json: bool, service: options.Service) -> int:
    """Invite somebody again, and print the address, this once. The invitation before no longer works.

    \b
    Example:
      fakeprint admin account invite ana@example.org
    """
    with told({"account": word}, as_json=as_json), service.connect() as client:
        made = client.post(f"/v1/accounts/{named.account(client, word)}/invitation", {}).body
        return _print(made, client.endpoint.url, as_json=as_json)


@account.command("remove")
@_ACCOUNT
@options.json
@options.service
def remove(word: str, as_json: bool, service: options.Service) -> int:
    """Let somebody in no longer: their sessions end now. What they did stays on record.

    \b
    Example:
      fakeprint admin account remove ana@example.org
    """
    with told({"account": word}, as_json=as_json), service.connect() as client:
        found = client.call(Request("DELETE", f"/v1/accounts/{named.account(client, word)}")).body
    if as_json:
        print_json(found)
    else:
        click.echo(f"{printable(found['sign_in_name'])} signs in no more")
    return ending.DONE


def _print(made: dict[str, Any], url: str, *, as_json: bool) -> int:
    address = urljoin(url, made["invitation"])
    if as_json:
        print_json({**made, "invitation": address})
        return ending.DONE
    until = lifetime.here(made["invited_until"])
    click.echo(f"{printable(made['sign_in_name'])} may: {', '.join(made['roles'])}", err=True)
    click.echo(f"The invitation stands below, and nowhere else. It is open until {until}, once:", err=True)
    click.echo(address)
    return ending.DONE
