"""`fakeprint admin bank`: create, show, change, share and delete banks, and their policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn, override
from urllib.parse import quote

import click

from registry.catalogue.banks.model import DEFAULTS, EFFECTS
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
  fakeprint admin bank overlay elections min_confidence=0.95     adapt another's bank for yourself
  fakeprint admin bank delete elections --withdraw
"""
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]*\Z")
_OF_BANK: Final = ("visibility", "name")
"""Settings of the bank itself, not of its policy."""
_BANK = click.argument("bank", metavar="BANK")
_ORGANIZATION = click.argument("organization", metavar="ORGANIZATION")
_CHANGES = click.argument("changes", metavar="SETTING=VALUE...", nargs=-1, required=True)


@click.group(epilog=EPILOG, short_help="Create, change, share and delete banks.")
def bank() -> None:
    """Banks are collections of entries, each with an owner. BANK is a name or an id."""


def _opened(row: Row) -> str:
    kind = ", negative" if row["sent"]["kind"] == "negative" else ""
    return f"bank “{printable(row['sent']['name'])}” is created ({row['visibility']}{kind})"


@bank.command("add", short_help="Create a bank.")
@click.argument("name")
@click.option(
    "--visibility",
    type=click.Choice(["public", "shared", "private"]),
    help="Whose lookups it answers. public: everybody's (default). shared: those of organizations that it is "
    "shared with. private: only yours.",
)
@click.option("--negative", is_flag=True, help="The bank holds known harmless look-alikes. It is private.")
@sends(
    "POST /v1/banks",
    _opened,
    context=lambda given: {"bank": given["name"]},
    example=("admin bank add elections --visibility private", "admin bank add screens --negative"),
)
def add(negative: bool) -> Fields:
    """Create a bank."""
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


def _lines(row: Row) -> Iterator[str]:
    yield f"{row['bank_id']}  “{printable(row['name'])}”"
    kind = "known harmless look-alikes, " if row["kind"] == "negative" else ""
    yield f"  {kind}{row['visibility']}, of {printable(row['organization'])}"
    policy = ", ".join(_pair(*setting) for setting in sorted((row["policy"] or {}).items()))
    yield f"  policy: {policy or 'every setting at its default'}"
    if row["overlay"]:
        yield f"  for you: {', '.join(_pair(*setting) for setting in sorted(row['overlay'].items()))}"
    if row["holds"]:
        holdings, limits = row["holds"], row["limits"]
        yield "  holds: " + ", ".join(
            f"{unit} {holdings[unit]:,}" + (f" of {limits[unit]:,}" if limits[unit] is not None else "")
            for unit in ("entries", "media", "bytes")
        )
    for share in row["shared_with"] or ():
        yield f"  shared with {printable(share['organization'])} since {share['shared_at'][:10]}"


def _pair(name: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return printable(f"{name}={text}")


@bank.command(short_help="Show a bank and its policy.")
@_BANK
@answers(_lines, context="bank", example="admin bank show elections")
def show(bank: str, service: Service) -> Row:
    """Show a bank and its policy. For your own bank, also show its contents, limits and shares."""
    path = f"/v1/banks/{quote(bank, safe='')}"
    with service.connect() as client:
        row = client.send(f"GET {path}")
        shares = client.send(f"GET {path}/shares")["shares"] if row["own"] else None
        return {**row, "shared_with": shares}


def _shared(row: Row) -> str:
    bank = printable(row["sent"]["bank"])
    if row["shares"] and row["visibility"] == "private":
        click.echo("It is private, so none of them can use it.", err=True)
        click.echo(f"  next: fakeprint admin bank set {bank} visibility=shared", err=True)
    organizations = ", ".join(printable(share["organization"]) for share in row["shares"])
    return f"bank “{bank}” ({row['visibility']}) is shared with: {organizations or 'nobody'}"


@bank.command(short_help="Share a bank with an organization.")
@_BANK
@_ORGANIZATION
@sends(
    "PUT /v1/banks/{bank}/shares/{organization}", _shared, example='admin bank share elections "Daily News"'
)
def share() -> None:
    """Let lookups of ORGANIZATION (a name or an id) search BANK."""


@bank.command(short_help="Stop sharing a bank with an organization.")
@_BANK
@_ORGANIZATION
@sends(
    "DELETE /v1/banks/{bank}/shares/{organization}",
    _shared,
    example='admin bank unshare elections "Daily News"',
)
def unshare() -> None:
    """Stop sharing BANK with ORGANIZATION (a name or an id). Its lookups no longer search BANK."""


@bank.command(short_help="Delete a bank.")
@_BANK
@click.option("--withdraw", is_flag=True, help="Also withdraw the entries that it holds.")
@sends(
    "DELETE /v1/banks/{bank}",
    "bank “{name}” is deleted; entries withdrawn: {withdrawn}",
    example="admin bank delete elections --withdraw",
)
def delete() -> None:
    """Delete BANK with its shares, and free its name. With --withdraw its entries are withdrawn for good."""


def _limited(row: Row) -> str:
    limits = ", ".join(f"{unit} {most:,}" for unit, most in row["limits"].items() if most is not None)
    return f"bank “{printable(row['sent']['bank'])}” may hold: {limits or 'any amount'}"


@bank.command(short_help="Set how much a bank may hold.")
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
    """Set how much BANK may hold. Quantities that are not named become unlimited. For the operator of the
    deployment."""
    return settings(limits)


def _changed(row: Row) -> str:
    visibility = f" ({row['visibility']})" if "visibility" in row["sent"] else ""
    return f"bank “{printable(row['name'])}”{visibility}: {_policy(row['policy'])}"


class _Changing(click.Command):
    """A command whose `--help` lists the settings of a bank."""

    @override
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Settings, with their defaults"):
            rows = [(f"{name}={_word(DEFAULTS[name])}", effect) for name, effect in EFFECTS.items()]
            formatter.write_dl(rows)
        super().format_epilog(ctx, formatter)


def _word(value: object) -> str:
    return "none" if value is None else str(value).lower()


@bank.command("set", cls=_Changing, short_help="Change a bank's policy, visibility or name.")
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
    """Change a bank's policy, visibility or name.

    VALUE is true, false, a number or a word. `default` resets a setting.
    """
    policy = settings(changes)
    body: dict[str, Any] = {name: policy.pop(name) for name in _OF_BANK if name in policy}
    return body | {"policy": policy}


@bank.command(short_help="Adapt another organization's bank for your lookups.")
@_BANK
@click.argument("changes", metavar="[SETTING=VALUE]...", nargs=-1)
@click.option("--clear", is_flag=True, help="Remove your settings: use the bank's own rules again.")
@sends(
    "PUT /v1/banks/{bank}/overlay",
    lambda made: f"bank “{printable(made['name'])}”, for you: {_policy(made['overlay'] or {})}",
    example=(
        "admin bank overlay elections min_confidence=0.95 known_fake_action=review",
        "admin bank overlay elections --clear",
    ),
)
def overlay(changes: tuple[str, ...], clear: bool) -> Fields:
    """Set your own rules for another organization's BANK. They apply to your lookups only, and replace your
    earlier rules."""
    if clear == bool(changes):
        raise click.UsageError("Give SETTING=VALUE, or --clear.")
    return {"policy": settings(changes)}


def settings(changes: tuple[str, ...]) -> dict[str, Any]:
    """Parse `SETTING=VALUE`; `default` becomes None. Raises `click.UsageError`."""
    return dict(map(_change, changes))


def _policy(policy: Mapping[str, Any]) -> str:
    settings_text = ", ".join(f"{key}={json.dumps(value)}" for key, value in sorted(policy.items()))
    return printable(settings_text) or "every setting at its default"


def _change(text: str) -> tuple[str, object]:
    setting, sign, value = text.partition("=")
    if setting == "name" and value:
        return setting, value
    if value == "default":
        return setting, None
    try:
        parsed = json.loads(value, parse_constant=_refuse)
    except ValueError:
        parsed = value if sign and _WORD.match(value) else None
    if not isinstance(parsed, bool | int | float | str):
        raise click.UsageError(f"{text!r} is not SETTING=VALUE, as in face_retention_days=30.")
    return setting, parsed


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
