"""`fakeprint cases`: private cases, which people open by the console's private page without an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from registry.core.terminal import ending, options, paging
from registry.core.terminal.client import Client, Request
from registry.core.terminal.report import print_json, told
from registry.core.terminal.shown import table
from registry.core.terminal.text import printable
from registry.review.queue.commands.shown_reviews import when

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


@cases.command(short_help="Say which bank takes private cases.")
@click.argument("bank")
@click.option("--new", is_flag=True, help="Open it first, as one that suits.")
@options.json
@options.service
def take(bank: str, new: bool, as_json: bool, service: options.Service) -> int:
    """Take private cases into BANK, by name or id, from now on. For administrators of the first
    organization, which runs the deployment. BANK is private or shared, its policy has
    known_tier=reviewed, and it has no public pages.

    \b
    Examples:
      fakeprint cases take "private cases" --new
      fakeprint cases take intimate
    """
    with told({}, as_json=as_json), service.connect() as client:
        if new:
            client.post("/v1/banks", {"name": bank, "visibility": "shared", "policy": POLICY})
        found = _change(client, bank)
    _print(found, as_json=as_json)
    if not as_json:
        click.echo("  next: fakeprint admin bank share BANK ORGANIZATION lets platforms find them", err=True)
    return ending.DONE


@cases.command(short_help="Take no new private cases.")
@options.json
@options.service
def stop(as_json: bool, service: options.Service) -> int:
    """Take no new private cases. Those that are there can be followed and withdrawn as before.

    \b
    Example:
      fakeprint cases stop
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = _change(client, None)
    _print(found, as_json=as_json)
    return ending.DONE


@cases.command(short_help="Whether private cases are taken, and by whom.")
@options.json
@options.service
def intake(as_json: bool, service: options.Service) -> int:
    """Whether private cases are taken, and by whom.

    \b
    Example:
      fakeprint cases intake --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/private-cases/intake").body
    _print(found, as_json=as_json)
    return ending.DONE


@cases.command("list", short_help="The private cases that have come.")
@paging.LIMIT
@options.json
@options.service
def list_all(limit: int, as_json: bool, service: options.Service) -> int:
    """The private cases of your organization, newest first. Needs a key with the role `review`: nobody else
    sees private cases. `fakeprint entries ENTRY` shows what was written with one, `fakeprint review` decides
    on it.

    \b
    Example:
      fakeprint cases list --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = paging.fetch(client, "/v1/private-cases", {}, "cases", limit)
    if as_json:
        for case in found["cases"]:
            print_json(case)
    elif not found["cases"]:
        click.echo("No private cases have come.\n  next: fakeprint cases intake says whether any are taken")
    else:
        table(
            ("number", "state", "came", "files", "says it shows", "bank", "entry"),
            (
                [
                    case["case_number"] or "forgotten",
                    case["state"],
                    when(case["opened_at"]),
                    str(case["files"]),
                    ("them" if case["standing"] == "depicted" else "whom they act for")
                    + (", intimate" if case["intimate"] else ""),
                    case["bank"],
                    case["entry_id"],
                ]
                for case in found["cases"]
            ),
        )
        if found["next"]:
            click.echo("  there are more: --limit", err=True)
    return ending.DONE


def _change(client: Client, bank: str | None) -> Mapping[str, Any]:
    asked = Request("PUT", "/v1/private-cases/intake", build=lambda: {"json": {"bank": bank}})
    found: Mapping[str, Any] = client.call(asked).body
    return found


def _print(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    elif found["open"]:
        click.echo(f"private cases are taken by “{printable(str(found['organization']))}”")
    else:
        click.echo("no private cases are taken\n  next: fakeprint cases take BANK --new")
