"""`fakeprint admin bank set`: change a bank's policy."""

from __future__ import annotations

import json
from typing import NoReturn
from urllib.parse import quote

import click

from registry.cli import ending, options
from registry.cli.client import Request
from registry.cli.report import print_json
from registry.cli.text import printable


@click.command("set")
@click.argument("name")
@click.argument("changes", metavar="SETTING=VALUE...", nargs=-1, required=True)
@options.json
@options.service
def set_policy(name: str, changes: tuple[str, ...], as_json: bool, service: options.Service) -> int:
    """Change a bank's policy: true, false or a number; `default` takes a setting back.

    \b
    Examples:
      fakeprint admin bank set elections face_retention_days=30
      fakeprint admin bank set elections stills=true min_confidence=default
    """
    policy = dict(map(_change, changes))
    with service.connect() as client:
        path = f"/v1/banks/{quote(name, safe='')}"
        made = client.call(Request("PATCH", path, build=lambda: {"json": {"policy": policy}})).body
    if as_json:
        print_json(made)
    else:
        said = ", ".join(f"{key}={json.dumps(value)}" for key, value in sorted(made["policy"].items()))
        click.echo(f"bank “{printable(name)}”: {printable(said) or 'every setting at its default'}")
    return ending.DONE


def _change(said: str) -> tuple[str, object]:
    setting, _, value = said.partition("=")
    if value == "default":
        return setting, None
    try:
        found = json.loads(value, parse_constant=_refuse)
    except ValueError:
        found = None
    if not isinstance(found, bool | int | float):
        raise click.UsageError(f"{said!r} is no SETTING=VALUE, such as face_retention_days=30.")
    return setting, found


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
