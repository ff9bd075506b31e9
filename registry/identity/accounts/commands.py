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
    """People who sign in to the console. ACCOUNT is an id or a sign-in name.

    \b
    Examples:
      fakeprint admin account add ana@example.org --name "Ana Ruiz" --role review
      fakeprint admin account list
      fakeprint admin account invite ana@example.org       after a lost password or passkey
      fakeprint admin account remove ana@example.org
    """


def _invitation(invited: Row) -> str:
    until = times.local_time(invited["invited_until"])
    click.echo(f"{printable(invited['sign_in_name'])} may: {', '.join(invited['roles'])}", err=True)
    click.echo(f"Invitation, shown only here. It works once, until {until}:", err=True)
    return str(invited["invitation"])


@account.command("add")
@click.argument("sign_in_name", metavar="SIGN-IN-NAME")
@click.option("--name", metavar="NAME", help="Name shown to others. [default: SIGN-IN-NAME]")
@click.option("--role", "roles", multiple=True, required=True, type=_ROLE, help="May be repeated.")
@answers(
    _invitation,
    example=(
        'admin account add ana@example.org --name "Ana Ruiz" --role review --role lookup',
        "admin account add lawyer --role takedown --json",
    ),
)
def add(sign_in_name: str, name: str | None, roles: tuple[str, ...], service: Service) -> Row:
    """Create an account and print the address of its invitation. It is shown only here and works for a week.

    Send the address to that person only: the person who opens it chooses the password or passkey."""
    body = {"sign_in_name": sign_in_name, "name": name or sign_in_name, "roles": roles}
    return _invited(service, None, body)


def _line(row: Row) -> str:
    last = times.local_time(row["last_sign_in_at"]) or "never"
    roles = ", ".join(row["roles"])
    details = f"{printable(row['sign_in_name'])}  {row['state']}  {roles}  last signed in: {last}"
    return f"{row['account_id']}  {details}"


def _nobody(_answer: Row) -> None:
    click.echo("There are no accounts yet: fakeprint admin account add NAME --role ROLE", err=True)


_ACCOUNTS: Final = Rows("accounts", _line, _nobody, pages=True)


@account.command("list")
@sends("GET /v1/accounts", _ACCOUNTS, example="admin account list --json")
def list_all() -> None:
    """List the accounts of your organization."""


@account.command("invite")
@click.argument("account", metavar="ACCOUNT")
@answers(_invitation, context="account", example="admin account invite ana@example.org")
def invite(account: str, service: Service) -> Row:
    """Create a new invitation and print its address, which is shown only here. The previous invitation stops
    working."""
    return _invited(service, account, {})


@account.command("remove")
@click.argument("account", metavar="ACCOUNT", type=named.ACCOUNT)
@sends(
    "DELETE /v1/accounts/{account}",
    "{sign_in_name} can no longer sign in",
    example="admin account remove ana@example.org",
)
def remove() -> None:
    """Remove an account. Its sessions end at once. Its actions stay on record."""


def _invited(service: Service, account: str | None, body: Fields) -> Row:
    """Request an invitation, for a new account or again. Return the answer with its address made absolute."""
    with service.connect() as client:
        again = f"/{named.account(client, account)}/invitation" if account is not None else ""
        invited = client.send(f"POST /v1/accounts{again}", body)
        return {**invited, "invitation": urljoin(client.endpoint.url, invited["invitation"])}
