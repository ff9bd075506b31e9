"""`fakeprint admin organization`: who takes part. For whoever runs the deployment."""

from __future__ import annotations

from typing import Any

import click

from registry.core.terminal import ending, named, options
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.identity.callers.commands import shown_callers
from registry.identity.quotas.commands import Limits, limits

_ORGANIZATION = click.argument("word", metavar="ORGANIZATION")


@click.group()
def organization() -> None:
    """Who takes part. For administrators of the first organization, which runs the deployment. ORGANIZATION
    is an id or a name.

    \b
    Examples:
      fakeprint admin organization add "Daily News" --rate 50 --monthly 1000000
      fakeprint admin caller add administrator --role admin --organization "Daily News"
      fakeprint admin organization list
      fakeprint admin organization close "Daily News" --entries keep
    """


@organization.command("add")
@click.argument("name")
@limits
@options.json
@options.service
def add(name: str, given: Limits, as_json: bool, service: options.Service) -> int:
    """Let an organization take part. It has a bank `default`, and no caller yet.

    \b
    Example:
      fakeprint admin organization add "Daily News" --rate 50
    """
    body: dict[str, Any] = {"name": name} | ({"limits": given.body()} if given.said else {})
    with told({}, as_json=as_json), service.connect() as client:
        made = client.post("/v1/organizations", body).body
    if as_json:
        print_json(made)
    else:
        click.echo(f"organization “{printable(name)}” takes part: {made['organization_id']}")
        click.echo("  next: fakeprint admin caller add NAME --role admin --organization NAME", err=True)
    return ending.DONE


@organization.command("list")
@click.option("--state", type=click.Choice(["active", "closed"]), help="Only these.")
@options.json
@options.service
def list_all(state: str | None, as_json: bool, service: options.Service) -> int:
    """List the organizations that take part, and those that did.

    \b
    Example:
      fakeprint admin organization list --state active --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = list(named.pages(client, "organizations", {"state": state} if state else {}))
    if as_json:
        for page in found:
            print_json(page)
    else:
        shown_callers.organizations(found)
    return ending.DONE


@organization.command("limit")
@_ORGANIZATION
@limits
@options.json
@options.service
def limit(word: str, given: Limits, as_json: bool, service: options.Service) -> int:
    """Set how much an organization may ask with all its callers, in all API processes together. What is not
    given has no bound.

    \b
    Examples:
      fakeprint admin organization limit "Daily News" --rate 100 --daily 200000
      fakeprint admin organization limit "Daily News"                            no bound any more
    """
    with told({"organization": word}, as_json=as_json), service.connect() as client:
        place = f"/v1/organizations/{named.organization(client, word)}"
        body = {"limits": given.body()}
        found = client.call(Request("PATCH", place, build=lambda: {"json": body})).body
    if as_json:
        print_json(found)
    else:
        click.echo(f"“{printable(found['name'])}”: limits {shown_callers.limits(found['limits'])}")
    return ending.DONE


@organization.command("close")
@_ORGANIZATION
@click.option(
    "--entries",
    type=click.Choice(["withdraw", "keep"]),
    default="withdraw",
    show_default=True,
    help="keep: they answer on.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.json
@options.service
def close(word: str, entries: str, yes: bool, as_json: bool, service: options.Service) -> int:
    """Close an organization, for good. Its keys stop at once, and whatever it has open ends.

    \b
    Examples:
      fakeprint admin organization close "Daily News"
      fakeprint admin organization close "Daily News" --entries keep --yes
    """
    if not (yes or as_json):
        gone = "its entries are withdrawn" if entries == "withdraw" else "its entries answer on"
        click.confirm(f"Close “{printable(word)}” for good: its keys stop, and {gone}?", abort=True, err=True)
    with told({"organization": word}, as_json=as_json), service.connect() as client:
        place = f"/v1/organizations/{named.organization(client, word)}"
        found = client.call(Request("DELETE", place, {"entries": entries})).body
    if as_json:
        print_json(found)
    else:
        click.echo(f"organization “{printable(found['name'])}” is closed")
    return ending.DONE
