"""`fakeprint exchange`: hash exchanges that are read into banks."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click

from registry.core.errors.terminal import TimedOut
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.client import Client
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.problems import of_error
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time
from registry.sharing.errors import BadCredentials
from registry.sharing.sources.errors import NoExchange

EPILOG = """\b
Examples:
  fakeprint admin bank add stopncii --visibility private
  fakeprint exchange add StopNCII --kind stopncii --bank stopncii --credentials keys.json
  fakeprint exchange list
  fakeprint exchange fetch StopNCII
  fakeprint exchange remove StopNCII
"""
KINDS: Final = ("file", "stopncii", "ncmec", "threatexchange")
SECRETS: Final = "FAKEPRINT_EXCHANGE_CREDENTIALS"


@click.group(epilog=EPILOG, short_help="Read hash exchanges into banks.")
def exchange() -> None:
    """Read hash exchanges into banks. Needs a key with the role `admin`.

    Each fills a private bank of its own, and is read again and again; what it takes back is withdrawn.
    """


@exchange.command("add")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--bank", metavar="NAME", required=True, help="A private bank of your own.")
@click.option("--address", metavar="URL", default="", help="Else the exchange's own. Of a file: its name.")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="privacy_group=77 (threatexchange), only_esp_ids=[1,2] (ncmec), type=pdq (file).",
)
@click.option(
    "--credentials",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help=f"File with a JSON object of them; else the environment's {SECRETS}.",
)
@click.option("--every", type=int, metavar="SECONDS", default=3600, show_default=True)
@sends(
    "POST /v1/exchanges",
    lambda made: (
        f"exchange “{printable(made['sent']['name'])}” is read into bank “{printable(made['bank'])}”"
    ),
    context=lambda given: {"exchange": given["name"]},
    example=(
        "exchange add StopNCII --kind stopncii --bank stopncii --credentials keys.json",
        "exchange add TX --kind threatexchange --bank tx --option privacy_group=77 --credentials t.json",
        "exchange add partner --kind file --bank partner --address partner.txt --every 86400",
    ),
)
def add(options: tuple[str, ...], credentials: Path | None) -> Fields:
    """Add an exchange; it is read soon, and then every so often.

    Credentials are a JSON object: {"token"} for threatexchange, {"user", "password"} for ncmec,
    {"function_key", "subscription_key"} for stopncii. The service stores them encrypted and never shows them.
    """
    return {"options": dict(map(_option, options)), "credentials": _credentials(credentials)}


def _line(row: Row) -> str:
    read = f"read {local_time(row['fetched_at'])}" if row["fetched_at"] else "not read to its end yet"
    wrong = f"; {printable(row['error']['message'])} ({row['error']['code']})" if row["error"] else ""
    return (
        f"{printable(row['name'])} ({row['kind']}, bank {printable(row['bank'])}): {row['added']:,} added,"
        f" {row['withdrawn']:,} withdrawn, {row['rejected']:,} not kept; {read}{wrong}"
    )


_EXCHANGES: Final = Rows("exchanges", _line, "No exchange is read.\n  next: fakeprint exchange add --help")


@exchange.command("list")
@sends("GET /v1/exchanges", _EXCHANGES, example="exchange list --json")
def list_() -> None:
    """List the exchanges, and how far each was read."""


@exchange.command("fetch")
@click.argument("exchange", metavar="NAME")
@answers(_line, context="exchange", example="exchange fetch StopNCII --timeout 600")
def fetch(exchange: str, service: Service) -> Row:
    """Read an exchange now, and wait until it is done."""
    with service.connect() as client:
        asked = client.send(f"POST /v1/exchanges/{quote(exchange, safe='')}/fetch")
        found = _until_read(client, asked["exchange_id"])
        if found["error"]:
            raise of_error(found["error"])
        return found


@exchange.command("remove")
@click.argument("exchange", metavar="NAME")
@sends(
    "DELETE /v1/exchanges/{exchange}",
    lambda gone: f"exchange “{printable(gone['sent']['exchange'])}” is read no longer",
    example="exchange remove StopNCII",
)
def remove() -> None:
    """Read an exchange no longer. Its credentials are destroyed; its entries stay in its bank."""


def _until_read(client: Client, exchange_id: str) -> Row:
    """Wait until no worker reads the exchange, and return it. Raises `TimedOut`."""
    try:
        for _ in client.deadline.pauses():
            listed = client.send("GET /v1/exchanges")["exchanges"]
            found: Row | None = next((row for row in listed if row["exchange_id"] == exchange_id), None)
            if found is None:
                raise NoExchange("The exchange was removed meanwhile.")
            if not found["fetching"]:
                return found
    except TimedOut:
        pass
    raise TimedOut("The exchange is still being read; the work goes on.")


def _option(said: str) -> tuple[str, Any]:
    name, equals, value = said.partition("=")
    if not equals:
        raise click.BadParameter(f"{said!r} is not NAME=VALUE.", param_hint="--option")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _credentials(path: Path | None) -> dict[str, str]:
    if path is None:
        text = os.environ.get(SECRETS, "")
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadCredentials(
                f"The credentials in {printable(str(path))} cannot be read.",
                next_step="Name a file that you may read.",
            ) from error
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise BadCredentials(
            "The credentials are no JSON object of texts.", next_step="See `fakeprint exchange add --help`."
        )
    return found
