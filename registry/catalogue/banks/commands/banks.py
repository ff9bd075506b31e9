"""`fakeprint admin bank`: open, show, change, share and delete banks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import click

from registry.catalogue.banks.commands.bank_policy import overlay, set_bank, settings
from registry.core.terminal import ending, options, shown
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable

EPILOG = """\b
Examples:
  fakeprint admin bank add elections --visibility private
  fakeprint admin bank add screens --negative            known harmless look-alikes
  fakeprint admin bank set elections known_fake_action=block rollout=0.1
  fakeprint admin bank share elections "Daily News"
  fakeprint admin bank show elections
  fakeprint admin bank overlay elections min_confidence=0.95     another's bank, for you alone
  fakeprint admin bank delete elections --withdraw
"""

_NAME = click.argument("name", metavar="BANK")
_ORGANIZATION = click.argument("organization", metavar="ORGANIZATION")


@click.group(epilog=EPILOG, short_help="Open, change, share and delete banks.")
def bank() -> None:
    """Collections of entries, each with an owner. BANK is a name or an id."""


@bank.command("add", short_help="Open a bank.")
@click.argument("name")
@click.option(
    "--visibility",
    type=click.Choice(["public", "shared", "private"]),
    help="public: answers everybody (default). shared: those it is shared with. private: yours only.",
)
@click.option("--negative", is_flag=True, help="For known harmless look-alikes; private.")
@options.json
@options.service
def add(name: str, visibility: str | None, negative: bool, as_json: bool, service: options.Service) -> int:
    """Open a bank.

    \b
    Examples:
      fakeprint admin bank add elections --visibility private
      fakeprint admin bank add screens --negative
    """
    body = {"name": name, "kind": "negative" if negative else "fakes"}
    with told({"bank": name}, as_json=as_json), service.connect() as client:
        made = client.post("/v1/banks", body | ({"visibility": visibility} if visibility else {})).body
    if as_json:
        print_json(made)
    else:
        kind = ", negative" if negative else ""
        click.echo(f"bank “{printable(name)}” is open ({made['visibility']}{kind})")
    return ending.DONE


@bank.command("list", short_help="List the banks that answer you.")
@options.json
@options.service
def list_(as_json: bool, service: options.Service) -> int:
    """List the banks that answer you.

    \b
    Example:
      fakeprint admin bank list --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/banks").body["banks"]
    if as_json:
        for item in found:
            print_json(item)
    else:
        _print(found)
    return ending.DONE


@bank.command(short_help="Show a bank and its policy.")
@_NAME
@options.json
@options.service
def show(name: str, as_json: bool, service: options.Service) -> int:
    """Show a bank: its policy, and of your own what it holds and with whom it is shared.

    \b
    Example:
      fakeprint admin bank show elections
    """
    with told({"bank": name}, as_json=as_json), service.connect() as client:
        found = client.get(_path(name)).body
        shares = client.get(f"{_path(name)}/shares").body["shares"] if found["own"] else None
    if as_json:
        print_json({**found, "shared_with": shares})
    else:
        for line in _lines(found, shares):
            click.echo(line)
    return ending.DONE


@bank.command(short_help="Share a bank with an organization.")
@_NAME
@_ORGANIZATION
@options.json
@options.service
def share(name: str, organization: str, as_json: bool, service: options.Service) -> int:
    """Let ORGANIZATION (a name or an id) see what BANK answers.

    \b
    Example:
      fakeprint admin bank share elections "Daily News"
    """
    return _shared("PUT", name, organization, as_json=as_json, service=service)


@bank.command(short_help="Share a bank with an organization no longer.")
@_NAME
@_ORGANIZATION
@options.json
@options.service
def unshare(name: str, organization: str, as_json: bool, service: options.Service) -> int:
    """ORGANIZATION (a name or an id) sees nothing of BANK from now on.

    \b
    Example:
      fakeprint admin bank unshare elections "Daily News"
    """
    return _shared("DELETE", name, organization, as_json=as_json, service=service)


@bank.command(short_help="Take a bank away.")
@_NAME
@click.option("--withdraw", is_flag=True, help="Withdraw the entries that it holds with it.")
@options.json
@options.service
def delete(name: str, withdraw: bool, as_json: bool, service: options.Service) -> int:
    """Take BANK away, with its shares; its name is free. Entries that it holds are withdrawn, for good.

    \b
    Example:
      fakeprint admin bank delete elections --withdraw
    """
    asked = Request("DELETE", _path(name), {"withdraw": "true"} if withdraw else None)
    with told({"bank": name}, as_json=as_json), service.connect() as client:
        gone = client.call(asked).body
    if as_json:
        print_json(gone)
    else:
        click.echo(f"bank “{printable(gone['name'])}” is gone; entries withdrawn: {gone['withdrawn']}")
    return ending.DONE


@bank.command(short_help="Say how much a bank may hold.")
@_NAME
@click.argument("limits", metavar="[entries|media|bytes]=NUMBER...", nargs=-1, required=True)
@options.json
@options.service
def limit(name: str, limits: tuple[str, ...], as_json: bool, service: options.Service) -> int:
    """Say how much BANK may hold; what is not named is not limited. For whoever runs the deployment.

    \b
    Examples:
      fakeprint admin bank limit 8f2d7c60-6f6f-4f4e-a1d5-3c1b6d1c9e02 entries=10000 bytes=50000000000
      fakeprint admin bank limit elections entries=default
    """
    body = settings(limits)
    with told({"bank": name}, as_json=as_json), service.connect() as client:
        made = client.call(Request("PUT", f"{_path(name)}/limits", build=lambda: {"json": body})).body
    if as_json:
        print_json(made)
    else:
        said = ", ".join(f"{what} {most:,}" for what, most in made["limits"].items() if most is not None)
        click.echo(f"bank “{printable(name)}” may hold: {said or 'whatever there is room for'}")
    return ending.DONE


bank.add_command(set_bank)
bank.add_command(overlay)


def _path(name: str) -> str:
    return f"/v1/banks/{quote(name, safe='')}"


def _shared(method: str, name: str, organization: str, *, as_json: bool, service: options.Service) -> int:
    path = f"{_path(name)}/shares/{quote(organization, safe='')}"
    known = {"bank": name, "organization": organization}
    with told(known, as_json=as_json), service.connect() as client:
        found = client.call(Request(method, path)).body
    if as_json:
        print_json(found)
        return ending.DONE
    others = ", ".join(printable(item["organization"]) for item in found["shares"])
    click.echo(f"bank “{printable(name)}” ({found['visibility']}) is shared with: {others or 'nobody'}")
    if found["shares"] and found["visibility"] == "private":
        click.echo("It is private, so none of them sees it.", err=True)
        click.echo(f"  next: fakeprint admin bank set {printable(name)} visibility=shared", err=True)
    return ending.DONE


def _lines(found: Mapping[str, Any], shares: list[dict[str, Any]] | None) -> Iterator[str]:
    yield f"{found['bank_id']}  “{printable(found['name'])}”"
    kind = "known harmless look-alikes, " if found["kind"] == "negative" else ""
    yield f"  {kind}{found['visibility']}, of {printable(found['organization'])}"
    policy = ", ".join(_pair(*item) for item in sorted((found["policy"] or {}).items()))
    yield f"  policy: {policy or 'every setting at its default'}"
    if found["overlay"]:
        yield f"  for you: {', '.join(_pair(*item) for item in sorted(found['overlay'].items()))}"
    if found["holds"]:
        held, most = found["holds"], found["limits"]
        yield "  holds: " + ", ".join(
            f"{what} {held[what]:,}" + (f" of {most[what]:,}" if most[what] is not None else "")
            for what in ("entries", "media", "bytes")
        )
    for item in shares or ():
        yield f"  shared with {printable(item['organization'])} since {item['shared_at'][:10]}"


def _pair(name: str, value: object) -> str:
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return printable(f"{name}={said}")


def _print(found: Sequence[shown.Row]) -> None:
    """The banks that answer the caller."""
    shown.table(
        ("bank", "organization", "visibility", "entries"),
        ([row["name"], row["organization"], row["visibility"], _count(row)] for row in found),
    )


def _count(row: shown.Row) -> str:
    return "" if row.get("entries") is None else str(row["entries"])
