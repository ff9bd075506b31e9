"""`fakeprint exchange`: hash exchanges that are read into banks."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click

from registry.core.errors import BadInput
from registry.core.terminal import ending, options
from registry.core.terminal.client import Client, Request
from registry.core.terminal.deadline import TimedOut
from registry.core.terminal.lifetime import here
from registry.core.terminal.problems import of_error
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable

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
    "said",
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
@options.json
@options.service
def add(
    name: str,
    kind: str,
    bank: str,
    address: str,
    said: tuple[str, ...],
    credentials: Path | None,
    every: int,
    as_json: bool,
    service: options.Service,
) -> int:
    """Add an exchange; it is read soon, and then every so often.

    Credentials are a JSON object: {"token"} for threatexchange, {"user", "password"} for ncmec,
    {"function_key", "subscription_key"} for stopncii. The service keeps them sealed and shows them to nobody.

    \b
    Examples:
      fakeprint exchange add StopNCII --kind stopncii --bank stopncii --credentials keys.json
      fakeprint exchange add TX --kind threatexchange --bank tx --option privacy_group=77 --credentials t.json
      fakeprint exchange add partner --kind file --bank partner --address partner.txt --every 86400
    """
    with told({"exchange": name}, as_json=as_json):
        body = {
            "name": name,
            "kind": kind,
            "bank": bank,
            "address": address,
            "options": dict(map(_option, said)),
            "credentials": _credentials(credentials),
            "every": every,
        }
        with service.connect() as client:
            made = client.post("/v1/exchanges", body).body
    _print(
        made, f"exchange “{printable(name)}” is read into bank “{printable(made['bank'])}”", as_json=as_json
    )
    return ending.DONE


@exchange.command("list")
@options.json
@options.service
def list_(as_json: bool, service: options.Service) -> int:
    """List the exchanges, and how far each was read.

    \b
    Example:
      fakeprint exchange list --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/exchanges").body["exchanges"]
    if not found and not as_json:
        click.echo("No exchange is read.\n  next: fakeprint exchange add --help")
    for item in found:
        _print(item, _line(item), as_json=as_json)
    return ending.DONE


@exchange.command("fetch")
@click.argument("name")
@options.json
@options.service
def fetch(name: str, as_json: bool, service: options.Service) -> int:
    """Read an exchange now, and wait until it is done.

    \b
    Example:
      fakeprint exchange fetch StopNCII --timeout 600
    """
    with told({"exchange": name}, as_json=as_json), service.connect() as client:
        found = client.post(f"/v1/exchanges/{quote(name, safe='')}/fetch", {}).body
        found = _until_read(client, str(found["exchange_id"]))
        if found["error"]:
            raise of_error(found["error"])
    _print(found, _line(found), as_json=as_json)
    return ending.DONE


@exchange.command("remove")
@click.argument("name")
@options.json
@options.service
def remove(name: str, as_json: bool, service: options.Service) -> int:
    """Read an exchange no longer. Its credentials are destroyed; its entries stay in its bank.

    \b
    Example:
      fakeprint exchange remove StopNCII
    """
    with told({"exchange": name}, as_json=as_json), service.connect() as client:
        gone = client.call(Request("DELETE", f"/v1/exchanges/{quote(name, safe='')}")).body
    _print(gone, f"exchange “{printable(name)}” is read no longer", as_json=as_json)
    return ending.DONE


def _until_read(client: Client, exchange_id: str) -> dict[str, Any]:
    """The exchange, once no worker reads it. Raises `TimedOut`."""
    try:
        for _ in client.deadline.pauses():
            listed = {item["exchange_id"]: item for item in client.get("/v1/exchanges").body["exchanges"]}
            if exchange_id not in listed:
                raise BadInput("The exchange was removed meanwhile.", code="no_exchange")
            if not listed[exchange_id]["fetching"]:
                return dict(listed[exchange_id])
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
            raise BadInput(
                f"The credentials in {printable(str(path))} cannot be read.",
                code="bad_credentials",
                next_step="Name a file that you may read.",
            ) from error
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise BadInput(
            "The credentials are no JSON object of texts.",
            code="bad_credentials",
            next_step="See `fakeprint exchange add --help`.",
        )
    return found


def _line(row: Mapping[str, Any]) -> str:
    read = f"read {here(row['fetched_at'])}" if row["fetched_at"] else "not read to its end yet"
    wrong = f"; {printable(row['error']['message'])} ({row['error']['code']})" if row["error"] else ""
    return (
        f"{printable(row['name'])} ({row['kind']}, bank {printable(row['bank'])}): {row['added']:,} added,"
        f" {row['withdrawn']:,} withdrawn, {row['rejected']:,} not kept; {read}{wrong}"
    )


def _print(found: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        click.echo(text)
