"""`fakeprint ledger`: the signed ledger."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from registry.core.audit.model.ledger import RECORDINGS
from registry.core.errors.terminal import Unwritable
from registry.core.terminal import exit_status, files, options, stream
from registry.core.terminal.api_command import Fields, sends
from registry.core.terminal.output import Row
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time

EPILOG = """\b
Examples:
  fakeprint ledger show
  fakeprint ledger checkpoint > kept.checkpoint
  fakeprint ledger history ID --json > history.json
  fakeprint ledger export ledger.ndjson
  fakeprint verify ledger.ndjson --checkpoint kept.checkpoint --key fakes.example/ledger+5a1f03c2+AT...
"""


@click.group(epilog=EPILOG, short_help="Show the signed record of what was done.")
def ledger() -> None:
    """The record of every change and, by policy, every lookup; `fakeprint verify` checks it."""


def _lines(found: Row) -> Iterator[str]:
    signed = (
        f"{found['signed_size']} of them signed at {local_time(found['signed_at'])}"
        if found["signed_at"]
        else "unsigned"
    )
    yield f"{printable(found['origin'])}: {found['size']} leaves, {signed}"
    if found["stamped_at"]:
        yield f"  {found['stamped_size']} of them bear a time stamp of {local_time(found['stamped_at'])}"
    if found["timestamp_error"]:
        yield f"  the last attempt to get a time stamp failed [{printable(found['timestamp_error'])}]"
    for key in found["keys"]:
        yield f"  key {key['key']} (since {local_time(key['first_used'])}, leaf {key['first_size']})"
    yield f"  lookups of your organization on record: {found['lookups']}"


@ledger.command(short_help="What the ledger is, and its public keys.")
@sends("GET /v1/ledger", _lines, example="ledger show")
def show() -> None:
    """Its name, its size, and the keys that have signed it."""


@ledger.command(short_help="Print the newest signed checkpoint.")
@click.option(
    "--stamp",
    "stamp_file",
    metavar="FILE",
    type=click.Path(path_type=str),
    help="Of the newest that bears a time stamp: write that (RFC 3161) into FILE.",
)
@options.service
def checkpoint(stamp_file: str | None, service: options.Service) -> int:
    """Keep what this prints, away from the registry: with it `fakeprint verify` finds what is altered later.

    \b
    Examples:
      fakeprint ledger checkpoint > kept.checkpoint
      fakeprint ledger checkpoint --stamp kept.tsr > kept.checkpoint
      openssl ts -verify -data kept.checkpoint -in kept.tsr -CAfile authority.pem
    """
    with service.connect() as client:
        if stamp_file is None:
            note = client.fetch("/v1/ledger/checkpoint")
        else:
            found = client.send("GET /v1/ledger/stamp")
            note = found["checkpoint"].encode()
            with files.writing(str(Path(stamp_file).absolute())) as file:
                file.write(base64.b64decode(found["stamp"]))
    click.echo(note, nl=False)
    return exit_status.DONE


@ledger.command(short_help="Write the whole ledger into a file.")
@click.argument("path", metavar="FILE", type=files.PATH)
@click.option("--texts", is_flag=True, help="With the salts and texts that open commitments; keep it safe.")
@options.service
def export(path: str, texts: bool, service: options.Service) -> int:
    """Every leaf, for auditors, into FILE (`-`: standard output). For administrators of the organization that
    runs the deployment.

    \b
    Example:
      fakeprint ledger export ledger.ndjson --texts
    """
    with service.connect() as client:
        lines = stream.lines(client, "/v1/ledger/export", {"texts": "true" if texts else "false"})
        with _opened(path) as file:
            for line in lines:
                file.write(line)
    return exit_status.DONE


def _history(found: Row) -> Iterator[str]:
    for event in found["events"]:
        yield from _event(event)
    if not found["events"]:
        yield "Nothing is on record that your organization did to it, or was told of it."


@ledger.command(short_help="What happened to an entry.")
@click.argument("entry_id", metavar="ID", type=click.UUID)
@sends(
    "GET /v1/entries/{entry_id}/history",
    _history,
    example="ledger history 3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10",
)
def history() -> None:
    """Its events, oldest first; with --json also their proofs, as a file that `fakeprint verify` checks."""


def _recorded(made: Row) -> str:
    where = f"that concern {printable(str(made['bank']))}" if made["bank"] else "of your organization"
    return f"lookups {where} on record: {made['lookups'] or 'by default'}"


@ledger.command(short_help="Say which lookups are put on record.")
@click.argument("lookups", metavar="WHICH", type=click.Choice([*RECORDINGS, "default"]))
@click.option("--bank", metavar="NAME", help="Of lookups that ask this bank of yours, or match in it.")
@sends("PUT /v1/ledger/recording", _recorded, context="", example="ledger record all --bank default")
def record(lookups: str) -> Fields:
    """From now on: none, matches (those that found something), all, or default, as the deployment does."""
    return {"lookups": None if lookups == "default" else lookups}


def _event(event: Row) -> Iterator[str]:
    place = "not in the ledger yet" if event["index"] is None else f"leaf {event['index']}"
    signed = "" if event["proof"] is not None or event["index"] is None else ", not signed yet"
    who = f"caller {event['caller_id']}" if event["caller_id"] else "the service"
    yield f"{local_time(event['at'])}  {printable(event['kind'])}  ({place}{signed})"
    request = f", request {printable(event['request_id'])}" if event["request_id"] else ""
    yield f"  by {who}{request}"
    for name, value in {**event["subject"], **event["said"]}.items():
        plain = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield f"  {printable(name)}: {printable(plain)}"


def _opened(path: str) -> BinaryIO:
    if path == "-":
        return sys.stdout.buffer
    try:
        return Path(path).open("wb")
    except OSError as error:
        raise Unwritable(f"{printable(path)} cannot be written: {error.strerror}.") from None
