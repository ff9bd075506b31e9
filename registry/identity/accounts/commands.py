"""`fakeprint admin account`: people who sign in to the console."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin

import click

from registry.core.terminal import named, times
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.identity.callers.model import ROLES, SCOPES

_ROLE = click.Choice(sorted(ROLES | SCOPES))


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


def _invitation(made: Row) -> str:
    until = times.local_time(made["invited_until"])
    click.echo(f"{printable(made['sign_in_name'])} may: {', '.join(made['roles'])}", err=True)
    click.echo(f"The invitation stands below, and nowhere else. It is open until {until}, once:", err=True)
    return str(made["invitation"])


@account.command("add")
@click.argument("sign_in_name", metavar="SIGN-IN-NAME")
@click.option("--name", metavar="NAME", help="What others call them. [default: SIGN-IN-NAME]")
@click.option("--role", "roles", multiple=True, required=True, type=_ROLE, help="May be repeated.")
@answers(
    _invitation,
    example=(
        'admin account add ana@example.org --name "Ana Ruiz" --role review --role lookup',
        "admin account add lawyer --role takedown --json",
    ),
)
def add(sign_in_name: str, name: str | None, roles: tuple[str, ...], service: Service) -> Row:
    """Let a person in, and print the address of their invitation, this once. It is open for a week.

    Whoever opens it chooses the password or passkey, so send it to that person alone. No password is ever
    given on a command line."""
    body = {"sign_in_name": sign_in_name, "name": name or sign_in_name, "roles": roles}
    return _invited(service, None, body)


def _line(row: Row) -> str:
    last = times.local_time(row["last_sign_in_at"]) or "never"
    roles = ", ".join(row["roles"])
    said = f"{printable(row['sign_in_name'])}  {row['state']}  {roles}  last signed in: {last}"
    return f"{row['account_id']}  {said}"


def _nobody(_found: Row) -> None:
    click.echo("Nobody signs in yet: fakeprint admin account add NAME --role ROLE", err=True)


_ACCOUNTS: Final = Rows("accounts", _line, _nobody, pages=True)


@account.command("list")
@sends("GET /v1/accounts", _ACCOUNTS, example="admin account list --json")
def list_all() -> None:
    """List who signs in for your organization."""


@account.command("invite")
@click.argument("account", metavar="ACCOUNT")
@answers(_invitation, context="account", example="admin account invite ana@example.org")
def invite(account: str, service: Service) -> Row:
    """Invite somebody again, and print the address, this once. The invitation before no longer works."""
    return _invited(service, account, {})


@account.command("remove")
@click.argument("account", metavar="ACCOUNT", type=named.ACCOUNT)
@sends(
    "DELETE /v1/accounts/{account}",
    "{sign_in_name} signs in no more",
    example="admin account remove ana@example.org",
)
def remove() -> None:
    """Let somebody in no longer: their sessions end now. What they did stays on record."""


def _invited(service: Service, account: str | None, body: Fields) -> Row:
    """Request an invitation, of a new account or again; its address is absolute in what is returned."""
    with service.connect() as client:
        again = f"/{named.account(client, account)}/invitation" if account is not None else ""
        made = client.send(f"POST /v1/accounts{again}", body)
        return {**made, "invitation": urljoin(client.endpoint.url, made["invitation"])}
