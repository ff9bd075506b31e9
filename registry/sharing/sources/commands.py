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
KINDS: Final = ("file", "sample", "stopncii", "ncmec", "threatexchange")
SECRETS: Final = "FAKEPRINT_EXCHANGE_CREDENTIALS"


@click.group(epilog=EPILOG, short_help="Read hash exchanges into banks.")
def exchange() -> None:
    """Read hash exchanges into banks. Needs a key with the role `admin`.

    Each exchange fills a private bank of its own and is read at its interval. Records that it removes are
    withdrawn.
    """


@exchange.command("add")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--bank", metavar="NAME", required=True, help="The private bank to fill.")
@click.option(
    "--address",
    metavar="URL",
    default="",
    help="Base URL, or the file's name. Default: the exchange's own URL.",
)
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
    help=f"File with a JSON object of credentials. Default: the environment variable {SECRETS}.",
)
@click.option("--every", type=int, metavar="SECONDS", default=3600, show_default=True)
@sends(
    "POST /v1/exchanges",
    lambda answer: (
        f"exchange “{printable(answer['sent']['name'])}” is read into bank “{printable(answer['bank'])}”"
    ),
    context=lambda fields: {"exchange": fields["name"]},
    example=(
        "exchange add StopNCII --kind stopncii --bank stopncii --credentials keys.json",
        "exchange add TX --kind threatexchange --bank tx --option privacy_group=77 --credentials t.json",
        "exchange add partner --kind file --bank partner --address partner.txt --every 86400",
    ),
)
def add(options: tuple[str, ...], credentials: Path | None) -> Fields:
    """Add an exchange. A worker reads it soon, and then every --every seconds.

    Credentials are a JSON object: {"token"} for threatexchange, {"user", "password"} for ncmec,
    {"function_key", "subscription_key"} for stopncii. The service stores them encrypted and never shows them.
    """
    return {"options": dict(map(_option, options)), "credentials": _credentials(credentials)}


def _line(row: Row) -> str:
    last_read = f"read {local_time(row['fetched_at'])}" if row["fetched_at"] else "never read completely"
    failure = f"; {printable(row['error']['message'])} ({row['error']['code']})" if row["error"] else ""
    return (
        f"{printable(row['name'])} ({row['kind']}, bank {printable(row['bank'])}): {row['added']:,} added,"
        f" {row['withdrawn']:,} withdrawn, {row['rejected']:,} rejected; {last_read}{failure}"
    )


_EXCHANGES: Final = Rows("exchanges", _line, "No exchange is read.\n  next: fakeprint exchange add --help")


@exchange.command("list")
@sends("GET /v1/exchanges", _EXCHANGES, example="exchange list --json")
def list_() -> None:
    """List the exchanges, with their counts and the time of the last reading."""


@exchange.command("fetch")
@click.argument("exchange", metavar="NAME")
@answers(_line, context="exchange", example="exchange fetch StopNCII --timeout 600")
def fetch(exchange: str, service: Service) -> Row:
    """Read an exchange now and wait for the end."""
    with service.connect() as client:
        queued = client.send(f"POST /v1/exchanges/{quote(exchange, safe='')}/fetch")
        row = _until_read(client, queued["exchange_id"])
        if row["error"]:
            raise of_error(row["error"])
        return row


@exchange.command("credentials")
@click.argument("exchange", metavar="NAME")
@click.option(
    "--credentials",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help=f"File with a JSON object of credentials. Default: the environment variable {SECRETS}.",
)
@sends(
    "PUT /v1/exchanges/{exchange}/credentials",
    lambda answer: f"exchange “{printable(answer['name'])}” is read with the new credentials",
    example="exchange credentials StopNCII --credentials new.json",
)
def credentials_(credentials: Path | None) -> Fields:
    """Replace the credentials of an exchange. Its entries and its position stay."""
    return {"credentials": _credentials(credentials)}


@exchange.command("remove")
@click.argument("exchange", metavar="NAME")
@sends(
    "DELETE /v1/exchanges/{exchange}",
    lambda answer: f"exchange “{printable(answer['sent']['exchange'])}” is no longer read",
    example="exchange remove StopNCII",
)
def remove() -> None:
    """Stop reading an exchange. Its credentials are destroyed. Its entries stay in the bank."""


def _until_read(client: Client, exchange_id: str) -> Row:
    """Wait until no worker reads the exchange, and return it. Raises `TimedOut`."""
    try:
        for _ in client.deadline.pauses():
            rows = client.send("GET /v1/exchanges")["exchanges"]
            row: Row | None = next(
                (candidate for candidate in rows if candidate["exchange_id"] == exchange_id), None
            )
            if row is None:
                raise NoExchange("The exchange was removed in the meantime.")
            if not row["fetching"]:
                return row
    except TimedOut:
        pass
    raise TimedOut("The exchange is still being read. The worker continues.")


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint="--option")
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
                next_step="Check the path and its permissions.",
            ) from error
    if not text.strip():
        return {}
    try:
        credentials = json.loads(text)
    except ValueError:
        credentials = None
    if not isinstance(credentials, dict) or not all(isinstance(value, str) for value in credentials.values()):
        raise BadCredentials(
            "The credentials are not a JSON object of strings.",
            next_step="See `fakeprint exchange add --help`.",
        )
    return credentials
