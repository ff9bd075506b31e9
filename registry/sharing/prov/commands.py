"""`fakeprint entries provenance`: what an entry was made from, as W3C PROV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from registry.core.terminal import exit_status, files, options
from registry.core.terminal.output import print_answer
from registry.core.terminal.report import error_report
from registry.core.terminal.text import printable
from registry.sharing.prov.model.graph import TAKEN


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
    with error_report({"entry_id": str(entry_id)}, as_json=as_json):
        with service.connect() as client:
            raw = client.fetch(f"{path}?form=svg") if drawing else b""
            found = {} if drawing else client.send(f"GET {path}")
        if drawing:
            files.write(drawing, raw)
    if drawing:
        click.echo(f"drawn: {printable(str(drawing))}")
    else:
        print_answer(found, lines, as_json=as_json)
    return exit_status.DONE


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the derivations, a line each."""
    labels = {name: _label(name, entity) for name, entity in found.get("entity", {}).items()}
    agents = {
        name: printable(str(agent.get("prov:label", name))) for name, agent in found.get("agent", {}).items()
    }
    every = list(found.get("wasDerivedFrom", {}).values())
    derived = [item for item in every if item.get("fp:as") != TAKEN]
    for item in every:
        if item.get("fp:as") == TAKEN:
            licence = printable(str(item.get("fp:licence") or "none named"))
            yield f"{labels[item['prov:generatedEntity']]}\n  taken from {labels[item['prov:usedEntity']]}"
            yield f"    licence: {licence}"
            yield from _why(item, agents)
    for item in derived:
        yield f"{labels[item['prov:generatedEntity']]}\n  made from {labels[item['prov:usedEntity']]}"
        yield from _why(item, agents)
    for item in found.get("alternateOf", {}).values():
        yield f"{labels[item['prov:alternate1']]}\n  same footage as {labels[item['prov:alternate2']]}"
        yield from _why(item, agents)
    if not derived:
        yield "Nothing is known of what it was made from."
        yield "  next: fakeprint entries add ID REAL --original (when the original turns up)"


def _why(row: Mapping[str, Any], agents: Mapping[str, str]) -> Iterator[str]:
    if row.get("fp:assertedBy"):
        by, at = agents.get(row["fp:assertedBy"], ""), printable(str(row.get("fp:assertedAt", "")))
        yield f"    says {by}, {at}"
    for span in row.get("fp:span", ()):
        yield f"    proof: {printable(str(span))}"


def _label(name: str, row: Mapping[str, Any]) -> str:
    return f"{name} “{printable(str(row.get('prov:label', '')))}”"
