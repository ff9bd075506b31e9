"""`fakeprint entries add`, `retry`: the files of an entry."""

from __future__ import annotations

from uuid import UUID

import click

from registry.catalogue.entries.commands import addition, registration, shown_entries
from registry.catalogue.entries.commands.shown_entries import print_entry
from registry.catalogue.fingerprints.commands import local
from registry.core.errors import FakeprintError
from registry.core.terminal import ending, options, waiting
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import Report, told


@click.command(short_help="Add a file to an entry.")
@click.argument("entry_id", metavar="ID", type=click.UUID)
@click.argument("path", type=click.Path(path_type=str, readable=False))
@click.option("--original", is_flag=True, help="It is the genuine footage; else a further fake.")
@click.option("--hash-only", is_flag=True, help="Fingerprint here and send no media.")
@options.json
@options.service
@click.pass_obj
def add(
    outer_json: bool | None,
    entry_id: UUID,
    path: str,
    original: bool,
    hash_only: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Add a file to an entry of yours, and wait until it matches.

    Watched lookups that it matches are answered again: see `fakeprint watches`.

    \b
    Examples:
      fakeprint entries add 01890a5d-… real.mp4 --original
      fakeprint entries add 01890a5d-… longer-cut.mp4
    """
    with Bars() as bars:
        report = Report(bars, as_json=as_json or bool(outer_json))
        try:
            make = local.fingerprinter(otherwise="Leave --hash-only out") if hash_only else None
            with service.connect() as client:
                role = "original" if original else "fake"
                entry = addition.add(client, str(entry_id), path, role, make, bars)
        except FakeprintError as error:
            report.failed(path, error, entry_id=str(entry_id))
        else:
            again = "  watched lookups that it matches are answered again"
            report.answered({"path": path, **entry}, [*shown_entries.entry(entry), again])
    return report.status


@click.command(short_help="Fingerprint an entry's failed files again.")
@click.argument("entry_id", metavar="ID", type=click.UUID)
@options.json
@options.service
@click.pass_obj
def retry(outer_json: bool | None, entry_id: UUID, as_json: bool, service: options.Service) -> int:
    """Fingerprint an entry's failed files again, and wait.

    \b
    Example:
      fakeprint entries retry 01890a5d-…
    """
    as_json = as_json or bool(outer_json)
    with told({"entry_id": str(entry_id)}, as_json=as_json):
        with service.connect() as client, Bars() as bars, bars.task(str(entry_id)) as advance:
            begun = client.post(f"/v1/entries/{entry_id}/retry", {}).body
            ids = [str(asset["asset_id"]) for asset in begun["assets"]]
            entry = waiting.until_matchable(client, str(entry_id), ids, advance)
        for asset_id in ids:
            if failure := registration.failed(entry, asset_id):
                raise failure
    print_entry(entry, shown_entries.entry(entry), as_json=as_json)
    return ending.DONE
