"""`fakeprint admin`: organizations, callers, keys and banks."""

from __future__ import annotations

import click

from registry.cli import ending, options, shown
from registry.cli.admin_caller import caller
from registry.cli.admin_key import key
from registry.cli.admin_organization import organization
from registry.cli.assessment import assessment
from registry.cli.bank_policy import set_policy
from registry.cli.opinion import opinions
from registry.cli.relink import relink
from registry.cli.report import print_json
from registry.cli.text import printable
from registry.cli.webhooks import webhook

EPILOG = """\b
Examples:
  fakeprint admin bank add elections --visibility private
  fakeprint admin bank list
  fakeprint admin bank set elections face_retention_days=30
  fakeprint admin opinions --json              what was said of matches, for calibration
  fakeprint admin relink                       look for entries with the same footage again
  fakeprint admin caller add "upload pipeline" --role lookup
  fakeprint admin caller add newsroom --role lookup --role register --organization "Daily News"
  fakeprint admin key rotate "upload pipeline" --overlap 24
  fakeprint admin organization list            who takes part, for whoever runs the deployment
"""


@click.group(epilog=EPILOG, short_help="Manage organizations, callers, keys and banks.")
def admin() -> None:
    """Manage organizations, callers, keys and banks. Needs a key with the role `admin`."""


admin.add_command(organization)
admin.add_command(caller)
admin.add_command(key)
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
