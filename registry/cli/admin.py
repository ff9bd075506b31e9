"""`fakeprint admin`: banks, and keys for those who call."""

from __future__ import annotations

import click

from registry.cli import ending, options, shown
from registry.cli.assessment import assessment
from registry.cli.bank_policy import set_policy
from registry.cli.opinion import opinions
from registry.cli.relink import relink
from registry.cli.report import print_json
from registry.cli.text import printable
from registry.cli.webhooks import webhook
from registry.domain.caller import ROLES, SCOPES

EPILOG = """\b
Examples:
  fakeprint admin bank add elections --visibility private
  fakeprint admin bank list
  fakeprint admin bank set elections face_retention_days=30
  fakeprint admin opinions --json              what was said of matches, for calibration
  fakeprint admin relink                       look for entries with the same footage again
  fakeprint admin caller add "upload pipeline" --role lookup
  fakeprint admin caller add newsroom --role lookup --role register --organization "Daily News"
"""


@click.group(epilog=EPILOG, short_help="Make banks and callers.")
def admin() -> None:
    """Make banks and callers. Needs a key with the role `admin`."""


admin.add_command(assessment)
admin.add_command(opinions)
admin.add_command(relink)
admin.add_command(webhook)


@admin.group()
def bank() -> None:
    """Collections of entries, each with an owner.

    \b
    Examples:
      fakeprint admin bank add elections --visibility private
      fakeprint admin bank list
    """


@bank.command("add")
@click.argument("name")
@click.option(
    "--visibility",
    type=click.Choice(["public", "private"]),
    default="public",
    show_default=True,
    help="private: answers your organization only.",
)
@options.json
@options.service
def add_bank(name: str, visibility: str, as_json: bool, service: options.Service) -> int:
    """Open a bank.

    \b
    Example:
      fakeprint admin bank add elections --visibility private
    """
    with service.connect() as client:
        made = client.post("/v1/banks", {"name": name, "visibility": visibility}).body
    if as_json:
        print_json(made)
    else:
        click.echo(f"bank “{printable(name)}” is open ({visibility})")
    return ending.DONE


@bank.command("list")
@options.json
@options.service
def list_banks(as_json: bool, service: options.Service) -> int:
    """List the banks that answer you.

    \b
    Example:
      fakeprint admin bank list --json
    """
    with service.connect() as client:
        found = client.get("/v1/banks").body["banks"]
    if as_json:
        for one in found:
            print_json(one)
    else:
        shown.banks(found)
    return ending.DONE


bank.add_command(set_policy)


@admin.group()
def caller() -> None:
    """Who may call, and what they may do.

    \b
    Example:
      fakeprint admin caller add "upload pipeline" --role lookup
    """


@caller.command("add")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(sorted(ROLES | SCOPES)),
    help="May be repeated.",
)
@click.option("--organization", metavar="NAME", help="Made where it is new; else your own.")
@options.json
@options.service
def add_caller(
    name: str, roles: tuple[str, ...], organization: str | None, as_json: bool, service: options.Service
) -> int:
    """Make a caller and print its key, this once: the service keeps only its digest.

    \b
    Example:
      fakeprint admin caller add newsroom --role lookup --role register --organization "Daily News"
    """
    body: dict[str, object] = {"name": name, "roles": list(roles)}
    with service.connect() as client:
        made = client.post(
            "/v1/callers", body | ({"organization": organization} if organization else {})
        ).body
    if as_json:
        print_json(made)
    else:
        click.echo(f"caller “{printable(name)}” may: {', '.join(made['roles'])}", err=True)
        click.echo("Its key stands below, and nowhere else:", err=True)
        click.echo(made["key"])
    return ending.DONE
