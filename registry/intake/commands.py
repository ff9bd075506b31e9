"""`fakeprint cases`: private cases, which people open by the console's private page without an account."""

from __future__ import annotations

from typing import Final

import click

from registry.core.terminal import options
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable

EPILOG = """\b
Examples:
  fakeprint cases take "private cases" --new   create a bank for them and accept them from now on
  fakeprint admin bank share "private cases" "A platform"    let a platform find them
  fakeprint cases list                         list the cases
  fakeprint cases intake                       show whether they are accepted
  fakeprint cases stop                         accept no new ones
"""
POLICY: Final = {"known_tier": "reviewed"}
"""Policy of a new bank for private cases: unreviewed entries are known fakes to nobody."""


@click.group(epilog=EPILOG, short_help="Accept and list private cases.")
def cases() -> None:
    """Accept private cases, and list them. A person opens one at the console's page /console/private,
    without an account. The file stays on their device, and its fingerprints wait for reviewers. The
    person follows or withdraws the case with a number and a PIN."""


def _intake(intake_: Row) -> str:
    if intake_["open"]:
        return f"private cases are accepted by “{printable(str(intake_['organization']))}”"
    return "no private cases are accepted\n  next: fakeprint cases take BANK --new"


def _taken(intake_: Row) -> str:
    click.echo("  next: fakeprint admin bank share BANK ORGANIZATION lets platforms find them", err=True)
    return _intake(intake_)


@cases.command(short_help="Set the bank for private cases.")
@click.argument("bank")
@click.option("--new", is_flag=True, help="Create the bank first, with suitable settings.")
@answers(_taken, example=('cases take "private cases" --new', "cases take intimate"))
def take(bank: str, new: bool, service: Service) -> Row:
    """Accept private cases into BANK (name or id) from now on. For administrators of the organization that
    runs the deployment. BANK must be private or shared, have known_tier=reviewed in its policy, and have
    no public pages."""
    with service.connect() as client:
        if new:
            client.send("POST /v1/banks", {"name": bank, "visibility": "shared", "policy": POLICY})
        return client.send("PUT /v1/private-cases/intake", {"bank": bank})


@cases.command(short_help="Accept no new private cases.")
@sends("PUT /v1/private-cases/intake", _intake, example="cases stop")
def stop() -> Fields:
    """Accept no new private cases. Existing ones can still be followed and withdrawn."""
    return {"bank": None}


@cases.command(short_help="Show whether private cases are accepted.")
@sends("GET /v1/private-cases/intake", _intake, example="cases intake --json")
def intake() -> None:
    """Show whether private cases are accepted, and by which organization."""


def _shown(case: Row) -> str:
    whom = "them" if case["standing"] == "depicted" else "whom they act for"
    return f"{whom}{', intimate' if case['intimate'] else ''}"


_CASES: Final = Rows(
    "cases",
    "number, state, came: opened_at, files, says it shows: shows, bank, entry: entry_id",
    "No private cases.\n  next: fakeprint cases intake shows whether they are accepted",
    {"number": lambda case: case["case_number"] or "forgotten", "shows": _shown},
    pages=True,
    more="  there are more: --limit",
)


@cases.command("list", short_help="List the private cases.")
@options.limit
@sends("GET /v1/private-cases", _CASES, example="cases list --json")
def list_all() -> None:
    """List the private cases of your organization, newest first. Needs a key with the role `review`; nobody
    else sees private cases. `fakeprint entries ENTRY` shows the text of a case, `fakeprint review` decides
    on it."""
