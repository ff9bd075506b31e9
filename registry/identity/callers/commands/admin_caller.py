"""`fakeprint admin caller`: who may call, and what they may do."""

from __future__ import annotations

from typing import Any

import click

from registry.core.terminal import ending, lifetime, named, options
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.identity.callers.commands import shown_callers
from registry.identity.callers.model import ROLES, SCOPES
from registry.identity.quotas.commands import Limits, limits

_ROLE = click.Choice(sorted(ROLES | SCOPES))
_CALLER = click.argument("word", metavar="CALLER")
_EXPIRES = click.option(
    "--expires", type=lifetime.Expiry(), metavar="WHEN", help="90d, 12h, 2027-01-31 (its end, here), never."
)


@click.group()
def caller() -> None:
    """Who may call, and what they may do. CALLER is an id or a name.

    \b
    Examples:
      fakeprint admin caller add "upload pipeline" --role lookup --expires 365d
      fakeprint admin caller list
      fakeprint admin caller change "upload pipeline" --role lookup --role register
      fakeprint admin caller revoke "upload pipeline"
    """


@caller.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=_ROLE, help="May be repeated.")
@click.option("--organization", metavar="NAME", help="Made where it is new; else your own.")
@_EXPIRES
@options.json
@options.service
def add(
    name: str,
    roles: tuple[str, ...],
    organization: str | None,
    expires: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Make a caller and print its key, this once: the service keeps only its digest.

    \b
    Examples:
      fakeprint admin caller add newsroom --role lookup --role register --organization "Daily News"
      fakeprint admin caller add "audit" --role lookup --expires 2027-01-31
    """
    body: dict[str, object] = {"name": name, "roles": list(roles), **lifetime.sent(expires)}
    with told({}, as_json=as_json), service.connect() as client:
        made = client.post(
            "/v1/callers", body | ({"organization": organization} if organization else {})
        ).body
    if as_json:
        print_json(made)
    else:
        until = f", until {lifetime.until(made['expires_at'])}" if made["expires_at"] else ""
        click.echo(f"caller “{printable(name)}” may: {', '.join(made['roles'])}{until}", err=True)
        click.echo("Its key stands below, and nowhere else:", err=True)
        click.echo(made["key"])
    return ending.DONE


@caller.command("list")
@click.option("--all", "over", is_flag=True, help="Also those that have expired or were revoked.")
@options.json
@options.service
def list_all(over: bool, as_json: bool, service: options.Service) -> int:
    """List your organization's callers, with the first letters of their keys.

    \b
    Example:
      fakeprint admin caller list --all --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = list(named.pages(client, "callers", {"over": "true" if over else "false"}))
    if as_json:
        for page in found:
            print_json(page)
    else:
        shown_callers.callers(found)
    return ending.DONE


@caller.command("show")
@_CALLER
@options.json
@options.service
def show(word: str, as_json: bool, service: options.Service) -> int:
    """Show a caller with all its keys.

    \b
    Example:
      fakeprint admin caller show "upload pipeline"
    """
    with told({"caller": word}, as_json=as_json), service.connect() as client:
        found = client.get(f"/v1/callers/{named.caller(client, word)}").body
    return _print(found, as_json=as_json)


@caller.command("change")
@_CALLER
@click.option("--name", metavar="NAME", help="What it is called from now on.")
@click.option("--role", "roles", multiple=True, type=_ROLE, help="All that it may from now on; repeated.")
@_EXPIRES
@options.json
@options.service
def change(
    word: str,
    name: str | None,
    roles: tuple[str, ...],
    expires: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Change what a caller is called, may do, and until when. Its keys stay.

    \b
    Examples:
      fakeprint admin caller change newsroom --role lookup --role review
      fakeprint admin caller change newsroom --expires never
    """
    body: dict[str, Any] = {"name": name} if name is not None else {}
    body |= {"roles": list(roles)} if roles else {}
    body |= lifetime.sent(expires)
    if not body:
        raise click.UsageError("Give --name, --role or --expires.")
    with told({"caller": word}, as_json=as_json), service.connect() as client:
        place = f"/v1/callers/{named.caller(client, word)}"
        found = client.call(Request("PATCH", place, build=lambda: {"json": body})).body
    return _print(found, as_json=as_json)


@caller.command("revoke")
@_CALLER
@options.json
@options.service
def revoke(word: str, as_json: bool, service: options.Service) -> int:
    """Take a caller's keys away, for good. What it has registered stays.

    \b
    Example:
      fakeprint admin caller revoke newsroom
    """
    with told({"caller": word}, as_json=as_json), service.connect() as client:
        found = client.call(Request("DELETE", f"/v1/callers/{named.caller(client, word)}")).body
    return _print(found, as_json=as_json)


@caller.command("limit")
@click.argument("caller_id", metavar="ID", type=click.UUID)
@limits
@options.json
@options.service
def limit(caller_id: str, given: Limits, as_json: bool, service: options.Service) -> int:
    """Set how much a caller of any organization may ask, in all API processes together. For whoever runs the
    deployment. What is not given has no bound.

    \b
    Example:
      fakeprint admin caller limit 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed --rate 50 --daily 100000
    """
    with told({"caller_id": str(caller_id)}, as_json=as_json), service.connect() as client:
        place = f"/v1/callers/{caller_id}/limits"
        found = client.call(Request("PUT", place, build=lambda: {"json": given.body()})).body
    if as_json:
        print_json(found)
    else:
        click.echo(f"{found['caller_id']}: limits {shown_callers.limits(found['limits'])}")
    return ending.DONE


def _print(found: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        print_json(found)
    else:
        for line in shown_callers.caller(found):
            click.echo(line)
    return ending.DONE
