"""`fakeprint entries provenance`: the provenance of an entry, as W3C PROV."""

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


@click.command("provenance", short_help="Show what an entry was made from (W3C PROV).")
@click.argument("entry_id", metavar="ID", type=click.UUID)
@click.option(
    "--svg",
    "drawing",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a drawing (SVG) to this file instead.",
)
@options.json
@options.service
def provenance(entry_id: UUID, drawing: Path | None, as_json: bool, service: options.Service) -> int:
    """Show what an entry was made from, which entries show the same footage, and who stated it.

    --json prints the whole graph as PROV-JSON, the W3C format.

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
            document = {} if drawing else client.send(f"GET {path}")
        if drawing:
            files.write(drawing, raw)
    if drawing:
        click.echo(f"drawn: {printable(str(drawing))}")
    else:
        print_answer(document, lines, as_json=as_json)
    return exit_status.DONE


def lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield derivations and entries with the same footage, with their evidence."""
    labels = {name: _label(name, entity) for name, entity in document.get("entity", {}).items()}
    agents = {
        name: printable(str(agent.get("prov:label", name)))
        for name, agent in document.get("agent", {}).items()
    }
    derivations = list(document.get("wasDerivedFrom", {}).values())
    derived = [relation for relation in derivations if relation.get("fp:as") != TAKEN]
    for relation in derivations:
        if relation.get("fp:as") == TAKEN:
            generated, used = labels[relation["prov:generatedEntity"]], labels[relation["prov:usedEntity"]]
            yield f"{generated}\n  taken from {used}"
            yield f"    licence: {printable(str(relation.get('fp:licence') or 'none named'))}"
            yield from _evidence(relation, agents)
    for relation in derived:
        generated, used = labels[relation["prov:generatedEntity"]], labels[relation["prov:usedEntity"]]
        yield f"{generated}\n  made from {used}"
        yield from _evidence(relation, agents)
    for relation in document.get("alternateOf", {}).values():
        first, second = labels[relation["prov:alternate1"]], labels[relation["prov:alternate2"]]
        yield f"{first}\n  same footage as {second}"
        yield from _evidence(relation, agents)
    if not derived:
        yield "No original of this entry is known."
        yield "  next: fakeprint entries add ID REAL --original (once you have the original)"


def _evidence(row: Mapping[str, Any], agents: Mapping[str, str]) -> Iterator[str]:
    if row.get("fp:assertedBy"):
        by, at = agents.get(row["fp:assertedBy"], ""), printable(str(row.get("fp:assertedAt", "")))
        yield f"    stated by {by}, {at}"
    for span in row.get("fp:span", ()):
        yield f"    proof: {printable(str(span))}"


def _label(name: str, row: Mapping[str, Any]) -> str:
    return f"{name} “{printable(str(row.get('prov:label', '')))}”"
