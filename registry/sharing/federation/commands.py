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
Readers keep their copies. Titles and claims are included only with share_claims=true. See SECURITY.md,
"What registries tell each other".
"""
TIERS: Final = ("unreviewed", "reviewed", "court_order")
FROM_ENVIRONMENT: Final = "FAKEPRINT_PEER_CREDENTIAL"

_PEER = click.argument("peer", metavar="PEER")


@click.group(epilog=EPILOG, short_help="Read other registries' feeds into banks.")
def peer() -> None:
    """Read other registries' feeds into banks. Needs a key with the role `admin`.

    Everything that a peer publishes is verified against its signed ledger. Entries that it withdraws stop
    matching within a minute. --tier-of sets how its reviews count, for your own lookups only.
    """


@peer.command("add")
@click.argument("address", metavar="URL")
@click.option(
    "--key",
    "keys",
    metavar="VERIFIER",
    multiple=True,
    required=True,
    help="Its verifier key, NAME+ID+BASE64, from a source other than URL. May be repeated.",
)
@click.option("--feed", metavar="ID", required=True, help="Id of the bank at the peer.")
@click.option("--bank", metavar="NAME", required=True, help="The bank to fill. It has no other source.")
@click.option("--name", metavar="NAME", help="Local name of the peer. Default: the host in URL.")
@click.option(
    "--tier-of",
    "tiers",
    metavar="THERE=HERE",
    multiple=True,
    help="How its tiers count here, for example reviewed=reviewed. Default: unreviewed.",
)
@click.option(
    "--credential",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help=f"File with its API key for you (scope `peer`). Default: environment variable {FROM_ENVIRONMENT}.",
)
@click.option("--every", type=int, metavar="SECONDS", default=60, show_default=True)
@sends(
    "POST /v1/peers",
    lambda answer: (
        f"peer “{printable(answer['name'])}” is read into bank “{printable(answer['sent']['bank'])}”"
    ),
    context=lambda fields: {"peer": fields["name"] or fields["address"]},
    example=(
        "peer add https://registry.example --key K --feed ID --bank agence --credential agence.key",
        "peer add https://registry.example --key K --feed ID --bank agence --tier-of reviewed=reviewed",
    ),
)
def add(address: str, name: str | None, tiers: tuple[str, ...], credential: Path | None) -> Fields:
    """Add another registry. A worker reads its feed soon, and then every --every seconds."""
    return {
        "name": name or urlsplit(address).hostname or address,
        "address": address,
        "tiers": dict(map(_tier, tiers)),
        "credential": _credential(credential),
    }


def _line(row: Row) -> str:
    last_read = f"read {local_time(row['fetched_at'])}" if row["fetched_at"] else "never read completely"
    failure = f"; {printable(row['error']['message'])} ({row['error']['code']})" if row["error"] else ""
    state = "" if row["state"] == "active" else f" {row['state'].upper()}"
    return (
        f"{printable(row['name'])}{state} ({printable(row['origin'])}, bank {printable(row['bank'])}):"
        f" {row['added']:,} added, {row['withdrawn']:,} withdrawn, {row['rejected']:,} rejected,"
        f" {row['pages']:,} pages; {last_read}{failure}"
    )


def _whole(row: Row) -> str:
    lines = [_line(row), *(f"  key {printable(key)}" for key in row["keys"])]
    lines += [f"  its {foreign} counts as {local}" for foreign, local in row["tiers"].items()]
    if row["checkpoint"]:
        lines.append(f"  last checkpoint verified: {row['ledger_size']:,} leaves")
    for fork in row["forks"]:
        reporter = f", reported by “{printable(fork['told_by'])}”" if fork["told_by"] else ""
        details = f"found {local_time(fork['found_at'])}{reporter}"
        lines.append(f"  FORKED ({fork['reason']}), {details}; it signed both of these:")
        lines += [f"    {printable(line)}" for line in (fork["first"] + fork["second"]).splitlines() if line]
    return "\n".join(lines)


_PEERS: Final = Rows("peers", _line, "No peer is read.\n  next: fakeprint peer add --help")


@peer.command("list")
@sends("GET /v1/peers", _PEERS, example="peer list --json")
def list_() -> None:
    """List the peers, with their counts and the time of the last reading."""


@peer.command("show")
@_PEER
@sends("GET /v1/peers/{peer}", _whole, example="peer show registry.example --json")
def show() -> None:
    """Show a peer, its last checkpoint, and the proofs of its forks."""


@peer.command("pull")
@_PEER
@answers(_line, context="peer", example="peer pull registry.example --timeout 600")
def pull(peer: str, service: Service) -> Row:
    """Read a peer now and wait for the end."""
    with service.connect() as client:
        queued = client.send(f"POST /v1/peers/{quote(peer, safe='')}/pull")
        row = _until_read(client, queued["peer_id"])
        if row["error"]:
            raise of_error(row["error"])
        return row


@peer.command("suspend")
@_PEER
@sends("POST /v1/peers/{peer}/suspend", "peer “{name}” is suspended", example="peer suspend registry.example")
def suspend() -> None:
    """Suspend reading a peer. Its entries still match, and follow no withdrawal until it is resumed."""


@peer.command("resume")
@_PEER
@click.option(
    "--restart", is_flag=True, help="Read from the beginning and accept its new ledger after a fork."
)
@sends(
    "POST /v1/peers/{peer}/resume",
    "peer “{name}” is read again",
    example=("peer resume registry.example", "peer resume registry.example --restart"),
)
def resume() -> None:
    """Read a suspended peer again."""


@peer.command("credential")
@_PEER
@click.option(
    "--credential",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help=f"File with its new API key for you. Default: environment variable {FROM_ENVIRONMENT}.",
)
@sends(
    "PUT /v1/peers/{peer}/credential",
    "peer “{name}” is read with the new key",
    example="peer credential registry.example --credential new.key",
)
def credential_(credential: Path | None) -> Fields:
    """Replace your API key at a peer. Its entries, and what was read of its ledger, stay."""
    return {"credential": _credential(credential)}


@peer.command("remove")
@_PEER
@sends(
    "DELETE /v1/peers/{peer}",
    "peer “{name}” is no longer read\n  next: delete the bank to end its entries too",
    example="peer remove registry.example",
)
def remove() -> None:
    """Stop reading a peer. Its API key for you is destroyed. Its entries stay in the bank."""


def _until_read(client: Client, peer_id: str) -> Row:
    """Wait until no worker reads the peer, and return it. Raises `TimedOut`."""
    try:
        for _ in client.deadline.pauses():
            row = client.send(f"GET /v1/peers/{peer_id}")
            if not row["fetching"]:
                return row
    except TimedOut:
        pass
    raise TimedOut("The peer is still being read. The worker continues.")


def _tier(text: str) -> tuple[str, str]:
    foreign, equals, local = text.partition("=")
    if not equals or foreign not in TIERS or local not in TIERS:
        raise BadTiers(
            f"{text[:50]!r} is not THERE=HERE.",
            next_step=f"Example: --tier-of reviewed=reviewed. Tiers are {', '.join(TIERS)}.",
        )
    return foreign, local


def _credential(path: Path | None) -> str:
    if path is None:
        return os.environ.get(FROM_ENVIRONMENT, "").strip()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadCredentials(
            f"The key in {printable(str(path))} cannot be read.",
            next_step="Check the path and its permissions.",
        ) from error
