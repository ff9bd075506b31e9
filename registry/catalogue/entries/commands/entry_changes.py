"""`fakeprint entries change`, `claim-review`, `erase-details`, `add`, `retry`: an entry and its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import click
import orjson

from registry.catalogue.entries.commands import described, shown_entries
from registry.catalogue.entries.commands.waiting import failed
from registry.catalogue.fingerprints.commands import local
from registry.catalogue.fingerprints.model.document import MEDIA_TYPE, to_document
from registry.core.errors import FakeprintError
from registry.core.terminal import exit_status, files, options, waiting
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.client import Client, Request
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import Report, error_report
from registry.core.terminal.upload import Part, send

_ID = click.argument("entry_id", metavar="ID", type=click.UUID)


@click.command(short_help="Change an entry's description.")
@_ID
@click.option("--title", metavar="TEXT", help="Title. Other organizations may read it.")
@click.option("--claim", metavar="TEXT", help="What the fake claims to show.")
@click.option(
    "--reference", "references", multiple=True, metavar="URL", help="Fact-checks; replace the present ones."
)
@described.options
@click.option("--alone", is_flag=True, help="The entry is no longer a variant.")
@sends(
    "PATCH /v1/entries/{entry_id}",
    shown_entries.entry,
    example=(
        "entries change 01890a5d-… --variant-of 5a1e4bb2-…",
        'entries change 01890a5d-… --language es --claim "La consejera dimite"',
        'entries change 01890a5d-… --depicts "Dolores Ibáñez" --platform Telegram --channel messaging',
    ),
)
def change(
    title: str | None,
    claim: str | None,
    references: tuple[str, ...],
    described: Mapping[str, Any],
    alone: bool,
) -> Fields:
    """Change the description of your entry. Fields that are not given stay."""
    fields = {"title": title, "claim": claim, "references": [{"url": url} for url in references], **described}
    body = {name: value for name, value in fields.items() if value} | ({"variant_of": None} if alone else {})
    if "claim_review" in body or not body:
        raise click.UsageError(
            "Give at least one change. --claim-review works only with `fakeprint register`."
        )
    return body


@click.command("claim-review", short_help="Print an entry as ClaimReview and MediaReview.")
@_ID
@options.service
def claim_review(entry_id: UUID, service: Service) -> int:
    """Print an entry as JSON-LD of schema.org, for a page or another registry.

    \b
    Example:
      fakeprint entries claim-review 01890a5d-… > page.jsonld
    """
    with error_report({"entry_id": str(entry_id)}, as_json=False), service.connect() as client:
        document = client.send(f"GET /v1/entries/{entry_id}/claim-review")
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    return exit_status.DONE


@click.command("erase-details", short_help="Erase people, places and evidence of an entry.")
@_ID
@sends(
    "DELETE /v1/entries/{entry_id}/details",
    lambda row: "erased" if row["erased"] else "the entry has no details",
    example="entries erase-details 01890a5d-…",
)
def erase_details() -> None:
    """Erase the people, places and evidence of an entry, in every copy, by destroying the key.

    The entry continues to answer lookups.
    """


@click.command(short_help="Add a file to an entry.")
@_ID
@click.argument("path", type=files.PATH)
@click.option("--original", is_flag=True, help="The file is the genuine footage. Default: another fake.")
@click.option("--hash-only", is_flag=True, help="Fingerprint on this machine and send no media.")
@options.json
@options.service
def add(entry_id: UUID, path: str, original: bool, hash_only: bool, as_json: bool, service: Service) -> int:
    """Add a file to an entry of yours, and wait until it matches.

    Watched lookups that it matches are answered again: see `fakeprint watches`.

    \b
    Examples:
      fakeprint entries add 01890a5d-… real.mp4 --original
      fakeprint entries add 01890a5d-… longer-cut.mp4
    """
    with Bars() as bars:
        report = Report(bars, as_json=as_json)
        try:
            make = local.fingerprinter(otherwise="Leave --hash-only out") if hash_only else None
            with service.connect() as client:
                entry = _added(client, str(entry_id), path, "original" if original else "fake", make, bars)
        except FakeprintError as error:
            report.failed(path, error, entry_id=str(entry_id))
        else:
            again = "  watched lookups that it matches are answered again"
            report.answered({"path": path, **entry}, [*shown_entries.entry(entry), again])
    return report.status


def _added(
    client: Client, entry_id: str, path: str, role: str, make: local.Fingerprinter | None, bars: Bars
) -> Row:
    """Return the entry once the file answers lookups. If `make` is None, the file itself is sent.

    Raises why the file failed, `TimedOut`, and what `Client.call` raises.
    """
    path_of_assets = f"/v1/entries/{entry_id}/assets"
    with bars.task(path) as advance:
        if make is None:
            reply = send(client, path_of_assets, [Part(role, path, client.deadline)], {}, advance)
        else:
            fingerprint = local.fingerprint(
                make, path, deadline=client.deadline, advance=advance, videohash=True
            )
            raw = orjson.dumps(to_document(fingerprint, faces=True))
            form = {"files": [(f"{role}_document", ("document.json", raw, MEDIA_TYPE))]}
            reply = client.call(Request("POST", path_of_assets, build=lambda: form))
        asset_id = str(reply.body["asset_id"])
        entry = waiting.until_matchable(client, entry_id, [asset_id], advance)
    if failure := failed(entry, asset_id):
        raise failure
    return entry


@click.command(short_help="Fingerprint an entry's failed files again.")
@_ID
@answers(shown_entries.entry, context="entry_id", example="entries retry 01890a5d-…")
def retry(entry_id: UUID, service: Service) -> Row:
    """Fingerprint an entry's failed files again, and wait."""
    with service.connect() as client, Bars() as bars, bars.task(str(entry_id)) as advance:
        begun = client.send(f"POST /v1/entries/{entry_id}/retry")
        ids = [str(asset["asset_id"]) for asset in begun["assets"]]
        entry = waiting.until_matchable(client, str(entry_id), ids, advance)
    for asset_id in ids:
        if failure := failed(entry, asset_id):
            raise failure
    return entry
