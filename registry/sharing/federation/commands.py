"""`fakeprint peer`: other registries whose feeds are read into banks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

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
from registry.sharing.federation.errors import BadTiers

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

_PEER = click.argument("peer", metavar="PEER")


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
@sends(
    "POST /v1/peers",
    lambda made: f"peer “{printable(made['name'])}” is read into bank “{printable(made['sent']['bank'])}”",
    context=lambda given: {"peer": given["name"] or given["address"]},
    example=(
        "peer add https://registry.example --key K --feed ID --bank agence --credential agence.key",
        "peer add https://registry.example --key K --feed ID --bank agence --tier-of reviewed=reviewed",
    ),
)
def add(address: str, name: str | None, tiers: tuple[str, ...], credential: Path | None) -> Fields:
    """Add another registry; its feed is read soon, and then every minute."""
    return {
        "name": name or urlsplit(address).hostname or address,
        "address": address,
        "tiers": dict(map(_tier, tiers)),
        "credential": _credential(credential),
    }


def _line(row: Row) -> str:
    read = f"read {local_time(row['fetched_at'])}" if row["fetched_at"] else "not read to its end yet"
    wrong = f"; {printable(row['error']['message'])} ({row['error']['code']})" if row["error"] else ""
    state = "" if row["state"] == "active" else f" {row['state'].upper()}"
    return (
        f"{printable(row['name'])}{state} ({printable(row['origin'])}, bank {printable(row['bank'])}):"
        f" {row['added']:,} added, {row['withdrawn']:,} withdrawn, {row['rejected']:,} not kept,"
        f" {row['pages']:,} pages; {read}{wrong}"
    )


def _whole(row: Row) -> str:
    lines = [_line(row), *(f"  key {printable(key)}" for key in row["keys"])]
    lines += [f"  its {there} counts as {here_}" for there, here_ in row["tiers"].items()]
    if row["checkpoint"]:
        lines.append(f"  last checkpoint verified: {row['ledger_size']:,} leaves")
    for fork in row["forks"]:
        told = f", told by “{printable(fork['told_by'])}”" if fork["told_by"] else ""
        found = f"found {local_time(fork['found_at'])}{told}"
        lines.append(f"  FORKED ({fork['reason']}), {found}; it signed both of these:")
        lines += [f"    {printable(line)}" for line in (fork["first"] + fork["second"]).splitlines() if line]
    return "\n".join(lines)


_PEERS: Final = Rows("peers", _line, "No peer is read.\n  next: fakeprint peer add --help")


@peer.command("list")
@sends("GET /v1/peers", _PEERS, example="peer list --json")
def list_() -> None:
    """List the peers, and how far each was read."""


@peer.command("show")
@_PEER
@sends("GET /v1/peers/{peer}", _whole, example="peer show registry.example --json")
def show() -> None:
    """Show a peer, its last checkpoint, and what proves that it has forked."""


@peer.command("pull")
@_PEER
@answers(_line, context="peer", example="peer pull registry.example --timeout 600")
def pull(peer: str, service: Service) -> Row:
    """Read a peer now, and wait until it is done."""
    with service.connect() as client:
        asked = client.send(f"POST /v1/peers/{quote(peer, safe='')}/pull")
        found = _until_read(client, asked["peer_id"])
        if found["error"]:
            raise of_error(found["error"])
        return found


@peer.command("suspend")
@_PEER
@sends("POST /v1/peers/{peer}/suspend", "peer “{name}” is suspended", example="peer suspend registry.example")
def suspend() -> None:
    """Read a peer no longer for now. Its entries answer on, and follow no withdrawal meanwhile."""


@peer.command("resume")
@_PEER
@click.option("--restart", is_flag=True, help="From the beginning, believing its ledger anew after a fork.")
@sends(
    "POST /v1/peers/{peer}/resume",
    "peer “{name}” is read again",
    example=("peer resume registry.example", "peer resume registry.example --restart"),
)
def resume() -> None:
    """Read a suspended peer again."""


@peer.command("remove")
@_PEER
@sends(
    "DELETE /v1/peers/{peer}",
    "peer “{name}” is read no longer\n  next: to end its entries too, delete the bank",
    example="peer remove registry.example",
)
def remove() -> None:
    """Read a peer no longer. Its key for you is destroyed; its entries stay in their bank as they are."""


def _until_read(client: Client, peer_id: str) -> Row:
    """Wait until no worker reads the peer, and return it. Raises `TimedOut`."""
    try:
        for _ in client.deadline.pauses():
            found = client.send(f"GET /v1/peers/{peer_id}")
            if not found["fetching"]:
                return found
    except TimedOut:
        pass
    raise TimedOut("The peer is still being read; the work goes on.")


def _tier(said: str) -> tuple[str, str]:
    there, equals, here_ = said.partition("=")
    if not equals or there not in TIERS or here_ not in TIERS:
        raise BadTiers(
            f"{said[:50]!r} is not THERE=HERE.",
            next_step=f"As in --tier-of reviewed=reviewed; tiers are {', '.join(TIERS)}.",
        )
    return there, here_


def _credential(path: Path | None) -> str:
    if path is None:
        return os.environ.get(FROM_ENVIRONMENT, "").strip()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadCredentials(
            f"The key in {printable(str(path))} cannot be read.", next_step="Name a file that you may read."
        ) from error
