"""`fakeprint entries provenance`: what an entry was made from, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import click

from registry.core.errors import BadInput
from registry.core.terminal import ending, options
from registry.core.terminal.client import Client
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.lineage.model.lineage import TAKEN
from registry.transparency.credentials import commands as verify_assertion


@click.command("provenance", short_help="What an entry was made from, as W3C PROV.")
@click.argument("entry_id", metavar="ID", type=click.UUID)
@click.option(
    "--svg",
    "drawing",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw it into this file instead.",
)
@options.json
@options.service
def provenance(entry_id: UUID, drawing: Path | None, as_json: bool, service: options.Service) -> int:
    """Show what an entry was made from, which entries show the same footage, and who says so.

    With --json the whole graph as PROV-JSON, which readers of W3C PROV take.

    \b
    Examples:
      fakeprint entries provenance 01890a5d-…
      fakeprint entries provenance 01890a5d-… --svg lineage.svg
      fakeprint entries provenance 01890a5d-… --json > lineage.json
    """
    path = f"/v1/entries/{entry_id}/provenance"
    with told({"entry_id": str(entry_id)}, as_json=as_json):
        with service.connect() as client:
            raw = client.fetch(f"{path}?form=svg") if drawing else b""
            found = {} if drawing else client.get(path).body
        if drawing:
            _write(drawing, raw)
    if drawing:
        click.echo(f"drawn: {printable(str(drawing))}")
    elif as_json:
        print_json(found)
    else:
        for line in lines(found):
            click.echo(line)
    return ending.DONE


@click.command("assertion", short_help="What the registry says of a fake, signed.")
@click.argument("entry_id", metavar="ID", type=click.UUID)
@click.option(
    "--status",
    "status_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the lists of what was taken back since, as they are now, into this file.",
)
@options.service
def assertion(entry_id: UUID, status_file: Path | None, service: options.Service) -> int:
    """Print what the registry says of a reviewed entry as a signed credential (JWT, `vc+jwt`), for a platform
    to show and to check offline. It holds 7 days. It names two lists, at addresses that anybody may fetch
    later, which say whether it was taken back; they hold a day.

    \b
    Examples:
      fakeprint entries assertion 01890a5d-… > fake.jwt
      fakeprint verify fake.jwt --key ledger.vkey
      fakeprint entries assertion 01890a5d-… --status fake.status > fake.jwt
      fakeprint verify fake.jwt --key ledger.vkey --status fake.status
    """
    with told({"entry_id": str(entry_id)}, as_json=False), service.connect() as client:
        found = client.fetch(f"/v1/entries/{entry_id}/assertion").decode()
        if status_file:
            _write(status_file, _lists(client, found))
    click.echo(found)
    return ending.DONE


def _lists(client: Client, raw: str) -> bytes:
    """The status lists that an assertion names, one a line, from the service that was asked for it. Raises
    `BadInput` (`no_status_list`)."""
    paths = [urlsplit(one).path for one in verify_assertion.addresses(raw)]
    if not paths:
        raise BadInput(
            "The service names no lists of what was taken back.",
            code="no_status_list",
            next_step="Its operator sets FAKEPRINT_PUBLIC_URL; until then ask for a new assertion.",
        )
    # What stands before it is the way to the service, which the client has.
    found = [client.fetch(one[one.index("/v1/") :]) for one in paths]
    return b"".join(one + b"\n" for one in found)


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """What was made from what, a line each."""
    labels = {name: _label(name, one) for name, one in found.get("entity", {}).items()}
    agents = {
        name: printable(str(one.get("prov:label", name))) for name, one in found.get("agent", {}).items()
    }
    every = list(found.get("wasDerivedFrom", {}).values())
    derived = [one for one in every if one.get("fp:as") != TAKEN]
    for one in every:
        if one.get("fp:as") == TAKEN:
            licence = printable(str(one.get("fp:licence") or "none named"))
            yield f"{labels[one['prov:generatedEntity']]}\n  taken from {labels[one['prov:usedEntity']]}"
            yield f"    licence: {licence}"
            yield from _why(one, agents)
    for one in derived:
        yield f"{labels[one['prov:generatedEntity']]}\n  made from {labels[one['prov:usedEntity']]}"
        yield from _why(one, agents)
    for one in found.get("alternateOf", {}).values():
        yield f"{labels[one['prov:alternate1']]}\n  same footage as {labels[one['prov:alternate2']]}"
        yield from _why(one, agents)
    if not derived:
        yield "Nothing is known of what it was made from."
        yield "  next: fakeprint entries add ID REAL --original (when the original turns up)"


def _why(one: Mapping[str, Any], agents: Mapping[str, str]) -> Iterator[str]:
    if one.get("fp:assertedBy"):
        by, at = agents.get(one["fp:assertedBy"], ""), printable(str(one.get("fp:assertedAt", "")))
        yield f"    says {by}, {at}"
    for span in one.get("fp:span", ()):
        yield f"    proof: {printable(str(span))}"


def _label(name: str, one: Mapping[str, Any]) -> str:
    return f"{name} “{printable(str(one.get('prov:label', '')))}”"


def _write(path: Path, raw: bytes) -> None:
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise BadInput(
            f"{printable(str(path))} cannot be written: {error.strerror}.", code="unwritable"
        ) from None
