"""`fakeprint admin bank set` and `overlay`: a bank's policy, and what others change of it for themselves."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn
from urllib.parse import quote

import click

from registry.core.terminal import ending, options
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]*\Z")
_OF_BANK: Final[tuple[str, ...]] = ("visibility", "name")
"""What is set of the bank itself, and not of its policy."""

_CHANGES = click.argument("changes", metavar="SETTING=VALUE...", nargs=-1, required=True)


@click.command("set", short_help="Change a bank's policy, visibility or name.")
@click.argument("name", metavar="BANK")
@_CHANGES
@options.json
@options.service
def set_bank(name: str, changes: tuple[str, ...], as_json: bool, service: options.Service) -> int:
    """Change a bank's policy, its visibility or its name: true, false, a number or a word; `default` takes a
    setting back.

    \b
    Examples:
      fakeprint admin bank set elections face_retention_days=30
      fakeprint admin bank set elections stills=true min_confidence=default
      fakeprint admin bank set elections known_fake_action=block known_tier=reviewed
      fakeprint admin bank set elections visibility=private
    """
    said = settings(changes)
    body: dict[str, Any] = {item: said.pop(item) for item in _OF_BANK if item in said}
    body["policy"] = said
    with told({"bank": name}, as_json=as_json), service.connect() as client:
        path = f"/v1/banks/{quote(name, safe='')}"
        made = client.call(Request("PATCH", path, build=lambda: {"json": body})).body
    if as_json:
        print_json(made)
    else:
        seen = f" ({made['visibility']})" if "visibility" in body else ""
        click.echo(f"bank “{printable(made['name'])}”{seen}: {_said(made['policy'])}")
    return ending.DONE


@click.command("overlay", short_help="Set rules of your own for another's bank.")
@click.argument("name", metavar="BANK")
@click.argument("changes", metavar="[SETTING=VALUE]...", nargs=-1)
@click.option("--clear", is_flag=True, help="Go by the bank's own rules again.")
@options.json
@options.service
def overlay(name: str, changes: tuple[str, ...], clear: bool, as_json: bool, service: options.Service) -> int:
    """Set rules of your own for another organization's BANK: they count for your lookups alone, and replace
    those set before.

    \b
    Examples:
      fakeprint admin bank overlay elections min_confidence=0.95 known_fake_action=review
      fakeprint admin bank overlay elections --clear
    """
    if clear == bool(changes):
        raise click.UsageError("Give SETTING=VALUE, or --clear.")
    body = {"policy": settings(changes)}
    with told({"bank": name}, as_json=as_json), service.connect() as client:
        path = f"/v1/banks/{quote(name, safe='')}/overlay"
        made = client.call(Request("PUT", path, build=lambda: {"json": body})).body
    if as_json:
        print_json(made)
    else:
        click.echo(f"bank “{printable(made['name'])}”, for you: {_said(made['overlay'] or {})}")
    return ending.DONE


def settings(changes: tuple[str, ...]) -> dict[str, Any]:
    """What `SETTING=VALUE` says, `default` as None. Raises `click.UsageError`."""
    return dict(map(_change, changes))


def _said(policy: dict[str, Any]) -> str:
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
