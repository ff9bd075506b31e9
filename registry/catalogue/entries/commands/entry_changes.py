"""`fakeprint entries change | claim-review | erase-details`: what is said of an entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import click

from registry.catalogue.entries.commands import described, shown_entries
from registry.core.terminal import ending, options
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told

_ID = click.argument("entry_id", metavar="ID", type=click.UUID)


@click.command(short_help="Say something else of an entry.")
@_ID
@click.option("--title", metavar="TEXT", help="What a person calls it; strangers may read it.")
@click.option("--claim", metavar="TEXT", help="What the fake claims, or is said to show.")
@click.option(
    "--reference", "references", multiple=True, metavar="URL", help="Fact-checks, in place of those."
)
@described.options
@click.option("--alone", is_flag=True, help="It is no variant any more.")
@options.json
@options.service
def change(
    entry_id: UUID,
    title: str | None,
    claim: str | None,
    references: tuple[str, ...],
    described: Mapping[str, Any],
    alone: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Say something else of an entry of yours; what is not given stays.

    \b
    Examples:
      fakeprint entries change 01890a5d-… --variant-of 5a1e4bb2-…
      fakeprint entries change 01890a5d-… --language es --claim "La consejera dimite"
      fakeprint entries change 01890a5d-… --depicts "Dolores Ibáñez" --platform Telegram --channel messaging
    """
    said = {
        "title": title,
        "claim": claim,
        "references": [{"url": url} for url in references],
        **{name: value for name, value in described.items() if name != "claim_review"},
    }
    body = {name: value for name, value in said.items() if value} | ({"variant_of": None} if alone else {})
    if "claim_review" in described or not body:
        raise click.UsageError("Say what is to change; --claim-review serves registration alone.")
    with told({"entry_id": str(entry_id)}, as_json=as_json), service.connect() as client:
        found = client.call(Request("PATCH", f"/v1/entries/{entry_id}", build=lambda: {"json": body})).body
    if as_json:
        print_json(found)
    else:
        for line in shown_entries.entry(found):
            click.echo(line)
    return ending.DONE


@click.command("claim-review", short_help="An entry as ClaimReview and MediaReview.")
@_ID
@options.service
def claim_review(entry_id: UUID, service: options.Service) -> int:
    """Print an entry as JSON-LD of schema.org, for a page or another registry.

    \b
    Example:
      fakeprint entries claim-review 01890a5d-… > page.jsonld
    """
    with told({"entry_id": str(entry_id)}, as_json=False), service.connect() as client:
        found = client.get(f"/v1/entries/{entry_id}/claim-review").body
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    return ending.DONE


@click.command("erase-details", short_help="Erase people, places and evidence of an entry.")
@_ID
@options.json
@options.service
def erase_details(entry_id: UUID, as_json: bool, service: options.Service) -> int:
    """Erase whom an entry depicts, where it was seen and the evidence, in every copy: the key is destroyed.

    The entry goes on answering lookups.

    \b
    Example:
      fakeprint entries erase-details 01890a5d-…
    """
    with told({"entry_id": str(entry_id)}, as_json=as_json), service.connect() as client:
        found = client.call(Request("DELETE", f"/v1/entries/{entry_id}/details")).body
    if as_json:
        print_json(found)
    else:
        click.echo("erased" if found["erased"] else "nothing was said of it")
    return ending.DONE
