"""`fakeprint peer`: other registries whose feeds are read into banks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

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
  fakeprint admin bank add agence --visibility private
  fakeprint peer add https://registry.example --key NAME+1a2b3c4d+AQ… --feed BANK-ID --bank agence
  fakeprint peer list
  fakeprint peer show registry.example
  fakeprint peer suspend registry.example

\b
To publish a bank of your own:
  fakeprint admin bank set elections published=true licence=CC-BY-4.0
  fakeprint admin caller add agence --organization Agence --role peer
Readers keep what they read, and titles and claims are in it only with share_claims=true. See SECURITY.md,
"What registries tell each other".
"""
TIERS: Final = ("unreviewed", "reviewed", "court_order")
FROM_ENVIRONMENT: Final = "FAKEPRINT_PEER_CREDENTIAL"

_PEER = click.argument("name", metavar="PEER")


@click.group(epilog=EPILOG, short_help="Read other registries' feeds into banks.")
def peer() -> None:
    """Read other registries' feeds into banks. Needs a key with the role `admin`.

    All that a peer says is verified against its signed ledger; what it takes back answers no longer a minute
    later; what it has reviewed counts for what --tier-of says, for your own lookups alone.
    """


@peer.command("add")
@click.argument("address", metavar="URL")
@click.option(
    "--key",
    "keys",
    metavar="VERIFIER",
    multiple=True,
    required=True,
    help="Its verifier key, NAME+ID+BASE64, learned otherwise than from URL. Several: any of them signs.",
)
@click.option("--feed", metavar="ID", required=True, help="Id of the bank there.")
@click.option("--bank", metavar="NAME", required=True, help="A bank of your own that nothing else fills.")
@click.option("--name", metavar="NAME", help="What you call it; else the host in URL.")
@click.option(
    "--tier-of",
    "tiers",
    metavar="THERE=HERE",
    multiple=True,
    help="What its tiers count for, as reviewed=reviewed. Else: unreviewed.",
)
@click.option(
    "--credential",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help=f"File with its key for you (scope `peer`); else the environment's {FROM_ENVIRONMENT}.",
)
@click.option("--every", type=int, metavar="SECONDS", default=60, show_default=True)
@options.json
@options.service
def add(
    address: str,
    keys: tuple[str, ...],
    feed: str,
    bank: str,
    name: str | None,
    tiers: tuple[str, ...],
    credential: Path | None,
    every: int,
    as_json: bool,
    service: options.Service,
) -> int:
    """Add another registry; its feed is read soon, and then every minute.

    \b
    Examples:
      fakeprint peer add https://registry.example --key K --feed ID --bank agence --credential agence.key
      fakeprint peer add https://registry.example --key K --feed ID --bank agence --tier-of reviewed=reviewed
    """
    with told({"peer": name or address}, as_json=as_json):
        body = {
            "name": name or urlsplit(address).hostname or address,
            "address": address,
            "keys": list(keys),
            "feed": feed,
            "bank": bank,
            "tiers": dict(map(_tier, tiers)),
            "credential": _credential(credential),
            "every": every,
        }
        with service.connect() as client:
            made = client.post("/v1/peers", body).body
    _print(made, f"peer “{printable(made['name'])}” is read into bank “{printable(bank)}”", as_json=as_json)
    return ending.DONE


@peer.command("list")
@options.json
@options.service
def list_(as_json: bool, service: options.Service) -> int:
    """List the peers, and how far each was read.

    \b
    Example:
      fakeprint peer list --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/peers").body["peers"]
    if not found and not as_json:
        click.echo("No peer is read.\n  next: fakeprint peer add --help")
    for item in found:
        _print(item, _line(item), as_json=as_json)
    return ending.DONE


@peer.command("show")
@_PEER
@options.json
@options.service
def show(name: str, as_json: bool, service: options.Service) -> int:
    """Show a peer, its last checkpoint, and what proves that it has forked.

    \b
    Example:
      fakeprint peer show registry.example --json
    """
    with told({"peer": name}, as_json=as_json), service.connect() as client:
        found = client.get(_path(name)).body
    _print(found, _whole(found), as_json=as_json)
    return ending.DONE


@peer.command("pull")
@_PEER
@options.json
@options.service
def pull(name: str, as_json: bool, service: options.Service) -> int:
    """Read a peer now, and wait until it is done.

    \b
    Example:
      fakeprint peer pull registry.example --timeout 600
    """
    with told({"peer": name}, as_json=as_json), service.connect() as client:
        found = _until_read(client, client.post(f"{_path(name)}/pull", {}).body)
        if found["error"]:
            raise of_error(found["error"])
    _print(found, _line(found), as_json=as_json)
    return ending.DONE


@peer.command("suspend")
@_PEER
@options.json
@options.service
def suspend(name: str, as_json: bool, service: options.Service) -> int:
    """Read a peer no longer for now. Its entries answer on, and follow no withdrawal meanwhile.

    \b
    Example:
      fakeprint peer suspend registry.example
    """
    with told({"peer": name}, as_json=as_json), service.connect() as client:
        found = client.post(f"{_path(name)}/suspend", {}).body
    _print(found, f"peer “{printable(found['name'])}” is suspended", as_json=as_json)
    return ending.DONE


@peer.command("resume")
@_PEER
@click.option("--restart", is_flag=True, help="From the beginning, believing its ledger anew after a fork.")
@options.json
@options.service
def resume(name: str, restart: bool, as_json: bool, service: options.Service) -> int:
    """Read a suspended peer again.

    \b
    Examples:
      fakeprint peer resume registry.example
      fakeprint peer resume registry.example --restart
    """
    with told({"peer": name}, as_json=as_json), service.connect() as client:
        found = client.post(f"{_path(name)}/resume", {"restart": restart}).body
    _print(found, f"peer “{printable(found['name'])}” is read again", as_json=as_json)
    return ending.DONE


@peer.command("remove")
@_PEER
@options.json
@options.service
def remove(name: str, as_json: bool, service: options.Service) -> int:
    """Read a peer no longer. Its key for you is destroyed; its entries stay in their bank as they are.

    \b
    Example:
      fakeprint peer remove registry.example
    """
    with told({"peer": name}, as_json=as_json), service.connect() as client:
        gone = client.call(Request("DELETE", _path(name))).body
    text = (
        f"peer “{printable(gone['name'])}” is read no longer\n  next: to end its entries too, delete the bank"
    )
    _print(gone, text, as_json=as_json)
    return ending.DONE


def _path(name: str) -> str:
    return f"/v1/peers/{quote(name, safe='')}"


def _until_read(client: Client, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The peer, once no worker reads it. Raises `TimedOut`."""
    try:
        for _ in client.deadline.pauses():
            found = client.get(_path(str(asked["peer_id"]))).body
            if not found["fetching"]:
                return dict(found)
    except TimedOut:
        pass
    raise TimedOut("The peer is still being read; the work goes on.")


def _tier(said: str) -> tuple[str, str]:
    there, equals, here_ = said.partition("=")
    if not equals or there not in TIERS or here_ not in TIERS:
        raise BadInput(
            f"{said[:50]!r} is not THERE=HERE.",
            code="bad_tiers",
            next_step=f"As in --tier-of reviewed=reviewed; tiers are {', '.join(TIERS)}.",
        )
    return there, here_


def _credential(path: Path | None) -> str:
    if path is None:
        return os.environ.get(FROM_ENVIRONMENT, "").strip()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"The key in {printable(str(path))} cannot be read.",
            code="bad_credentials",
            next_step="Name a file that you may read.",
        ) from error


def _line(row: Mapping[str, Any]) -> str:
    read = f"read {here(row['fetched_at'])}" if row["fetched_at"] else "not read to its end yet"
    wrong = f"; {printable(row['error']['message'])} ({row['error']['code']})" if row["error"] else ""
    state = "" if row["state"] == "active" else f" {row['state'].upper()}"
    return (
        f"{printable(row['name'])}{state} ({printable(row['origin'])}, bank {printable(row['bank'])}):"
        f" {row['added']:,} added, {row['withdrawn']:,} withdrawn, {row['rejected']:,} not kept,"
        f" {row['pages']:,} pages; {read}{wrong}"
    )


def _whole(row: Mapping[str, Any]) -> str:
    lines = [_line(row), *(f"  key {printable(key)}" for key in row["keys"])]
    lines += [f"  its {there} counts as {here_}" for there, here_ in row["tiers"].items()]
    if row["checkpoint"]:
        lines.append(f"  last checkpoint verified: {row['ledger_size']:,} leaves")
    for fork in row["forks"]:
        told = f", told by “{printable(fork['told_by'])}”" if fork["told_by"] else ""
        found = f"found {here(fork['found_at'])}{told}"
        lines.append(f"  FORKED ({fork['reason']}), {found}; it signed both of these:")
        lines += [f"    {printable(line)}" for line in (fork["first"] + fork["second"]).splitlines() if line]
    return "\n".join(lines)


def _print(found: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        click.echo(text)
