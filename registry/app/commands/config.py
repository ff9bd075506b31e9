"""`fakeprint config`: the settings in force, and where each comes from."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click

from registry.core.settings import PREFIX, SECRET, Settings, secrets_folder, settings
from registry.core.terminal.text import printable

DEFAULT: Final = "default"
_PASSWORD: Final = re.compile(r"(://[^:/@\s]*):[^@\s]*@")
HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True)
class InForce:
    """A setting. `value`: as text, without keys and passwords. `source`: `environment`, the path of a file,
    or `default`."""

    variable: str
    value: str
    source: str
    meaning: str


@click.command()
@click.option("--all", "also_defaults", is_flag=True, help="Also print settings that have their default.")
@click.option("--json", "as_json", is_flag=True, help="Print all settings as one JSON object.")
def config(*, also_defaults: bool, as_json: bool) -> None:
    """Print the settings in force on this machine, and where each comes from.

    A setting is an environment variable, or a file in the folder FAKEPRINT_SECRETS. The environment wins.
    Keys and passwords are printed as ***. `fakeprint up` sets what is empty to its own database.

    \b
    Examples:
      fakeprint config
      fakeprint config --all | grep -i wait
    """
    found = in_force(settings(), os.environ, secrets_folder())
    if as_json:
        click.echo(json.dumps({"settings": [asdict(setting) for setting in found]}))
        return
    shown = [setting for setting in found if also_defaults or setting.source != DEFAULT]
    width = max((len(setting.variable) for setting in shown), default=0)
    for setting in shown:
        source = "" if setting.source == DEFAULT else f"   ({setting.source})"
        click.echo(printable(f"{setting.variable:<{width}}  {setting.value}{source}"))
    if others := len(found) - len(shown):
        click.echo(f"{others} settings have their defaults: fakeprint config --all", err=True)


def in_force(chosen: Settings, environment: Mapping[str, str], folder: Path | None) -> list[InForce]:
    """Return all settings, in the order of their declaration."""
    names = {variable.upper() for variable in environment}
    files = {path.name.lower(): path for path in folder.iterdir()} if folder else {}
    found = []
    for name, field in Settings.model_fields.items():
        variable = PREFIX + name.upper()
        file = files.get(variable.lower())
        source = "environment" if variable in names else str(file) if file else DEFAULT
        found.append(InForce(variable, _shown(name, getattr(chosen, name)), source, field.description or ""))
    return found


def _shown(name: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if name not in SECRET or not text:
        return text
    url = name.endswith(("url", "urls")) and "password" not in text and "token" not in text
    return _PASSWORD.sub(rf"\1:{HIDDEN}@", text) if url else HIDDEN
