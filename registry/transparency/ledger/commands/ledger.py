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


@click.group(epilog=EPILOG, short_help="Show and export the signed record.")
def ledger() -> None:
    """Show the record of every change and, by policy, every lookup. `fakeprint verify` checks it."""


def _lines(state: Row) -> Iterator[str]:
    signed = (
        f"{state['signed_size']} of them signed at {local_time(state['signed_at'])}"
        if state["signed_at"]
        else "unsigned"
    )
    yield f"{printable(state['origin'])}: {state['size']} leaves, {signed}"
    if state["stamped_at"]:
        yield f"  {state['stamped_size']} of them have a time stamp of {local_time(state['stamped_at'])}"
    if state["timestamp_error"]:
        yield f"  the last attempt to get a time stamp failed [{printable(state['timestamp_error'])}]"
    for key in state["keys"]:
        yield f"  key {key['key']} (since {local_time(key['first_used'])}, leaf {key['first_size']})"
    yield f"  recorded lookups of your organization: {state['lookups']}"


@ledger.command(short_help="Show the ledger's size and public keys.")
@sends("GET /v1/ledger", _lines, example="ledger show")
def show() -> None:
    """Show the ledger's name, size, time stamp and public keys."""


@ledger.command(short_help="Print the newest signed checkpoint.")
@click.option(
    "--stamp",
    "stamp_file",
    metavar="FILE",
    type=click.Path(path_type=str),
    help="Print the newest time-stamped checkpoint and write its stamp (RFC 3161) to FILE.",
)
@options.service
def checkpoint(stamp_file: str | None, service: options.Service) -> int:
    """Print the newest signed checkpoint. Store it outside the registry: `fakeprint verify` then finds later
    alterations of the ledger.

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
            stamped = client.send("GET /v1/ledger/stamp")
            note = stamped["checkpoint"].encode()
            with files.writing(str(Path(stamp_file).absolute())) as file:
                file.write(base64.b64decode(stamped["stamp"]))
    click.echo(note, nl=False)
    return exit_status.DONE


@ledger.command(short_help="Export the whole ledger.")
@click.argument("path", metavar="FILE", type=files.PATH)
@click.option(
    "--texts", is_flag=True, help="Include the salts and texts that open commitments. Protect the file."
)
@options.service
def export(path: str, texts: bool, service: options.Service) -> int:
    """Write every leaf to FILE (`-`: standard output), for auditors. Only administrators of the organization
    that runs the deployment may export.

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


def _history(answer: Row) -> Iterator[str]:
    for event in answer["events"]:
        yield from _event(event)
    if not answer["events"]:
        yield "No event of this entry is recorded that your organization may see."


@ledger.command(short_help="Show the history of an entry.")
@click.argument("entry_id", metavar="ID", type=click.UUID)
@sends(
    "GET /v1/entries/{entry_id}/history",
    _history,
    example="ledger history 3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10",
)
def history() -> None:
    """List the events of an entry, oldest first. --json adds the proofs that `fakeprint verify` checks."""


def _recorded(setting: Row) -> str:
    scope = f"that concern {printable(str(setting['bank']))}" if setting["bank"] else "of your organization"
    return f"recorded lookups {scope}: {setting['lookups'] or 'by default'}"


@ledger.command(short_help="Set which lookups are recorded.")
@click.argument("lookups", metavar="WHICH", type=click.Choice([*RECORDINGS, "default"]))
@click.option(
    "--bank", metavar="NAME", help="Apply to lookups that search this bank of yours, or match in it."
)
@sends("PUT /v1/ledger/recording", _recorded, context="", example="ledger record all --bank default")
def record(lookups: str) -> Fields:
    """Set which lookups are recorded from now on: none, matches (those with a result), all, or default (the
    deployment's setting)."""
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
