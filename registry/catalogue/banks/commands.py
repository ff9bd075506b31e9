"""`fakeprint admin bank`: open, show, change, share and delete banks, and their policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn
from urllib.parse import quote

import click

from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows
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
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]*\Z")
_OF_BANK: Final = ("visibility", "name")
"""Settings of the bank itself, not of its policy."""
_BANK = click.argument("bank", metavar="BANK")
_ORGANIZATION = click.argument("organization", metavar="ORGANIZATION")
_CHANGES = click.argument("changes", metavar="SETTING=VALUE...", nargs=-1, required=True)


@click.group(epilog=EPILOG, short_help="Open, change, share and delete banks.")
def bank() -> None:
    """Collections of entries, each with an owner. BANK is a name or an id."""


def _opened(made: Row) -> str:
    kind = ", negative" if made["sent"]["kind"] == "negative" else ""
    return f"bank “{printable(made['sent']['name'])}” is open ({made['visibility']}{kind})"


@bank.command("add", short_help="Open a bank.")
@click.argument("name")
@click.option(
    "--visibility",
    type=click.Choice(["public", "shared", "private"]),
    help="public: answers everybody (default). shared: those it is shared with. private: yours only.",
)
@click.option("--negative", is_flag=True, help="For known harmless look-alikes; private.")
@sends(
    "POST /v1/banks",
    _opened,
    context=lambda given: {"bank": given["name"]},
    example=("admin bank add elections --visibility private", "admin bank add screens --negative"),
)
def add(negative: bool) -> Fields:
    """Open a bank."""
    return {"kind": "negative" if negative else "fakes"}


_BANKS: Final = Rows(
    "banks",
    "bank: name, organization, visibility, entries",
    lambda _found: None,
    {"entries": lambda row: row.get("entries")},
)


@bank.command("list", short_help="List the banks that answer you.")
@sends("GET /v1/banks", _BANKS, example="admin bank list --json")
def list_() -> None:
    """List the banks that answer you."""


def _lines(found: Row) -> Iterator[str]:
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
    for item in found["shared_with"] or ():
        yield f"  shared with {printable(item['organization'])} since {item['shared_at'][:10]}"


def _pair(name: str, value: object) -> str:
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return printable(f"{name}={said}")


@bank.command(short_help="Show a bank and its policy.")
@_BANK
@answers(_lines, context="bank", example="admin bank show elections")
def show(bank: str, service: Service) -> Row:
    """Show a bank: its policy, and of your own what it holds and with whom it is shared."""
    path = f"/v1/banks/{quote(bank, safe='')}"
    with service.connect() as client:
        found = client.send(f"GET {path}")
        shares = client.send(f"GET {path}/shares")["shares"] if found["own"] else None
        return {**found, "shared_with": shares}


def _shared(found: Row) -> str:
    bank = printable(found["sent"]["bank"])
    if found["shares"] and found["visibility"] == "private":
        click.echo("It is private, so none of them sees it.", err=True)
        click.echo(f"  next: fakeprint admin bank set {bank} visibility=shared", err=True)
    others = ", ".join(printable(item["organization"]) for item in found["shares"])
    return f"bank “{bank}” ({found['visibility']}) is shared with: {others or 'nobody'}"


@bank.command(short_help="Share a bank with an organization.")
@_BANK
@_ORGANIZATION
@sends(
    "PUT /v1/banks/{bank}/shares/{organization}", _shared, example='admin bank share elections "Daily News"'
)
def share() -> None:
    """Let ORGANIZATION (a name or an id) see what BANK answers."""


@bank.command(short_help="Share a bank with an organization no longer.")
@_BANK
@_ORGANIZATION
@sends(
    "DELETE /v1/banks/{bank}/shares/{organization}",
    _shared,
    example='admin bank unshare elections "Daily News"',
)
def unshare() -> None:
    """ORGANIZATION (a name or an id) sees nothing of BANK from now on."""


@bank.command(short_help="Take a bank away.")
@_BANK
@click.option("--withdraw", is_flag=True, help="Withdraw the entries that it holds with it.")
@sends(
    "DELETE /v1/banks/{bank}",
    "bank “{name}” is gone; entries withdrawn: {withdrawn}",
    example="admin bank delete elections --withdraw",
)
def delete() -> None:
    """Take BANK away, with its shares; its name is free. Entries that it holds are withdrawn, for good."""


def _limited(made: Row) -> str:
    said = ", ".join(f"{what} {most:,}" for what, most in made["limits"].items() if most is not None)
    return f"bank “{printable(made['sent']['bank'])}” may hold: {said or 'whatever there is room for'}"


@bank.command(short_help="Say how much a bank may hold.")
@_BANK
@click.argument("limits", metavar="[entries|media|bytes]=NUMBER...", nargs=-1, required=True)
@sends(
    "PUT /v1/banks/{bank}/limits",
    _limited,
    example=(
        "admin bank limit 8f2d7c60-6f6f-4f4e-a1d5-3c1b6d1c9e02 entries=10000 bytes=50000000000",
        "admin bank limit elections entries=default",
    ),
)
def limit(limits: tuple[str, ...]) -> Fields:
    """Say how much BANK may hold; what is not named is not limited. For whoever runs the deployment."""
    return settings(limits)


def _changed(made: Row) -> str:
    seen = f" ({made['visibility']})" if "visibility" in made["sent"] else ""
    return f"bank “{printable(made['name'])}”{seen}: {_policy(made['policy'])}"


@bank.command("set", short_help="Change a bank's policy, visibility or name.")
@_BANK
@_CHANGES
@sends(
    "PATCH /v1/banks/{bank}",
    _changed,
    example=(
        "admin bank set elections face_retention_days=30",
        "admin bank set elections single_frame=true min_confidence=default",
        "admin bank set elections known_fake_action=block known_tier=reviewed",
        "admin bank set elections visibility=private",
    ),
)
def set_(changes: tuple[str, ...]) -> Fields:
    """Change a bank's policy, its visibility or its name: true, false, a number or a word; `default` takes a
    setting back."""
    policy = settings(changes)
    body: dict[str, Any] = {item: policy.pop(item) for item in _OF_BANK if item in policy}
    return body | {"policy": policy}


@bank.command(short_help="Set rules of your own for another's bank.")
@_BANK
@click.argument("changes", metavar="[SETTING=VALUE]...", nargs=-1)
@click.option("--clear", is_flag=True, help="Go by the bank's own rules again.")
@sends(
    "PUT /v1/banks/{bank}/overlay",
    lambda made: f"bank “{printable(made['name'])}”, for you: {_policy(made['overlay'] or {})}",
    example=(
        "admin bank overlay elections min_confidence=0.95 known_fake_action=review",
        "admin bank overlay elections --clear",
    ),
)
def overlay(changes: tuple[str, ...], clear: bool) -> Fields:
    """Set rules of your own for another organization's BANK: they count for your lookups alone, and replace
    those set before."""
    if clear == bool(changes):
        raise click.UsageError("Give SETTING=VALUE, or --clear.")
    return {"policy": settings(changes)}


def settings(changes: tuple[str, ...]) -> dict[str, Any]:
    """Parse `SETTING=VALUE`; `default` becomes None. Raises `click.UsageError`."""
    return dict(map(_change, changes))


def _policy(policy: Mapping[str, Any]) -> str:
    said = ", ".join(f"{key}={json.dumps(value)}" for key, value in sorted(policy.items()))
    return printable(said) or "every setting at its default"


def _change(said: str) -> tuple[str, object]:
    setting, sign, value = said.partition("=")
    if setting == "name" and value:
        return setting, value
    if value == "default":
        return setting, None
    try:
        found = json.loads(value, parse_constant=_refuse)
    except ValueError:
        found = value if sign and _WORD.match(value) else None
    if not isinstance(found, bool | int | float | str):
        raise click.UsageError(f"{said!r} is no SETTING=VALUE, such as face_retention_days=30.")
    return setting, found


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
