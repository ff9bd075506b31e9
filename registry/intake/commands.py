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
  fakeprint cases take "private cases" --new   open a bank for them, and take them from now on
  fakeprint admin bank share "private cases" "A platform"    who asks it
  fakeprint cases list                         what has come
  fakeprint cases intake                       whether any are taken, and by whom
  fakeprint cases stop                         take no new ones
"""
POLICY: Final = {"known_tier": "reviewed"}
"""Of a bank that is opened for them: nothing is a known fake to anybody before it is reviewed."""


@click.group(epilog=EPILOG, short_help="Take private cases, and list them.")
def cases() -> None:
    """Take private cases, and list them. A person opens one at the console's page /console/private,
    without an account: the file stays on their device, its fingerprints wait for reviewers, and they
    follow or withdraw it by a number and a PIN."""


def _intake(found: Row) -> str:
    if found["open"]:
        return f"private cases are taken by “{printable(str(found['organization']))}”"
    return "no private cases are taken\n  next: fakeprint cases take BANK --new"


def _taken(found: Row) -> str:
    click.echo("  next: fakeprint admin bank share BANK ORGANIZATION lets platforms find them", err=True)
    return _intake(found)


@cases.command(short_help="Say which bank takes private cases.")
@click.argument("bank")
@click.option("--new", is_flag=True, help="Open it first, as one that suits.")
@answers(_taken, example=('cases take "private cases" --new', "cases take intimate"))
def take(bank: str, new: bool, service: Service) -> Row:
    """Take private cases into BANK, by name or id, from now on. For administrators of the first
    organization, which runs the deployment. BANK is private or shared, its policy has
    known_tier=reviewed, and it has no public pages."""
    with service.connect() as client:
        if new:
            client.send("POST /v1/banks", {"name": bank, "visibility": "shared", "policy": POLICY})
        return client.send("PUT /v1/private-cases/intake", {"bank": bank})


@cases.command(short_help="Take no new private cases.")
@sends("PUT /v1/private-cases/intake", _intake, example="cases stop")
def stop() -> Fields:
    """Take no new private cases. Those that are there can be followed and withdrawn as before."""
    return {"bank": None}


@cases.command(short_help="Whether private cases are taken, and by whom.")
@sends("GET /v1/private-cases/intake", _intake, example="cases intake --json")
def intake() -> None:
    """Whether private cases are taken, and by whom."""


def _shows(case: Row) -> str:
    whom = "them" if case["standing"] == "depicted" else "whom they act for"
    return f"{whom}{', intimate' if case['intimate'] else ''}"


_CASES: Final = Rows(
    "cases",
    "number, state, came: opened_at, files, says it shows: shows, bank, entry: entry_id",
    "No private cases have come.\n  next: fakeprint cases intake says whether any are taken",
    {"number": lambda case: case["case_number"] or "forgotten", "shows": _shows},
    pages=True,
    more="  there are more: --limit",
)


@cases.command("list", short_help="The private cases that have come.")
@options.limit
@sends("GET /v1/private-cases", _CASES, example="cases list --json")
def list_all() -> None:
    """The private cases of your organization, newest first. Needs a key with the role `review`: nobody else
    sees private cases. `fakeprint entries ENTRY` shows what was written with one, `fakeprint review` decides
    on it."""
