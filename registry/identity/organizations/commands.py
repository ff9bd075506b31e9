"""`fakeprint admin organization`: organizations, for administrators of the operating organization."""

from __future__ import annotations

from typing import Final

import click

from registry.core.terminal import named
from registry.core.terminal.api_command import Fields, sends
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.identity.quotas.commands import in_words, limits

_ORGANIZATION = click.argument("organization", metavar="ORGANIZATION", type=named.ORGANIZATION)


@click.group()
def organization() -> None:
    """Organizations. Needs an administrator of the first organization, which runs the deployment.
    ORGANIZATION is an id or a name.

    \b
    Examples:
      fakeprint admin organization add "Daily News" --rate 50 --monthly 1000000
      fakeprint admin caller add administrator --role admin --organization "Daily News"
      fakeprint admin organization list
      fakeprint admin organization close "Daily News" --entries keep
    """


def _added(created: Row) -> None:
    click.echo(
        f"organization “{printable(created['sent']['name'])}” was created: {created['organization_id']}"
    )
    click.echo("  next: fakeprint admin caller add NAME --role admin --organization NAME", err=True)


@organization.command("add")
@click.argument("name")
@limits
@sends("POST /v1/organizations", _added, example='admin organization add "Daily News" --rate 50')
def add(rate: float | None, daily: int | None, monthly: int | None) -> Fields:
    """Create an organization. It has a bank `default` and no caller yet."""
    new_limits = {"rate": rate, "daily": daily, "monthly": monthly}
    return {"limits": new_limits} if any(limit is not None for limit in new_limits.values()) else {}


_ORGANIZATIONS: Final = Rows(
    "organizations",
    "organization: organization_id, name, state, callers, limits",
    "No organizations.\n  next: fakeprint admin organization add NAME",
    {"limits": lambda row: in_words(row["limits"])},
    pages=True,
)


@organization.command("list")
@click.option("--state", type=click.Choice(["active", "closed"]), help="Only organizations in this state.")
@sends("GET /v1/organizations", _ORGANIZATIONS, example="admin organization list --state active --json")
def list_all() -> None:
    """List the organizations, active and closed."""


@organization.command("limit")
@_ORGANIZATION
@limits
@sends(
    "PATCH /v1/organizations/{organization}",
    lambda found: f"“{printable(found['name'])}”: limits {in_words(found['limits'])}",
    example=(
        'admin organization limit "Daily News" --rate 100 --daily 200000',
        'admin organization limit "Daily News"                            removes all limits',
    ),
)
def limit(rate: float | None, daily: int | None, monthly: int | None) -> Fields:
    """Set the limits of an organization, for all its callers and all API processes together. A limit that is
    not given is removed."""
    return {"limits": {"rate": rate, "daily": daily, "monthly": monthly}}


@organization.command("close")
@_ORGANIZATION
@click.option(
    "--entries",
    type=click.Choice(["withdraw", "keep"]),
    default="withdraw",
    show_default=True,
    help="Whether its entries are withdrawn, or stay and answer lookups.",
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@sends(
    "DELETE /v1/organizations/{organization}",
    "organization “{name}” is closed",
    example=(
        'admin organization close "Daily News"',
        'admin organization close "Daily News" --entries keep --yes',
    ),
)
def close(organization: named.Named, entries: str, yes: bool, as_json: bool) -> Fields:
    """Close an organization for good. Its keys stop working at once, and its open work ends."""
    if not (yes or as_json):
        consequence = "its entries are withdrawn" if entries == "withdraw" else "its entries stay"
        word = printable(organization.word)
        click.confirm(f"Close “{word}” for good: its keys stop, and {consequence}?", abort=True, err=True)
    return {"organization": organization, "entries": entries}
