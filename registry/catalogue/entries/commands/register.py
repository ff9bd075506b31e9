"""`fakeprint register`: register known fakes in a bank, with their originals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from registry.catalogue.entries.commands import described, submission, waiting
from registry.catalogue.entries.model.entry import MANIPULATIONS
from registry.catalogue.fingerprints.commands import local
from registry.core.errors import FakeprintError
from registry.core.terminal import ahead, files, options
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import Report

EPILOG = """\b
Examples:
  fakeprint register fake.mp4 --original real.mp4 --manipulation face_swap
  fakeprint register --recursive fakes/ --bank elections --json
  fakeprint register part1.mp4 part2.mp4 --one-entry --title "The speech"
  fakeprint register fake.mp4 --hash-only       send fingerprints, no media
  fakeprint register fake.mp4 --claim-review page.jsonld --depicts "Dolores Ibáñez=https://…"
  fakeprint register fake.mp4 --platform Telegram --channel messaging --seen-at 2026-01-30T22:10+01:00
"""
UPLOADS = 3


@click.command(epilog=EPILOG, short_help="Register known fakes, and wait until they are matchable.")
@options.paths
@click.option("--bank", metavar="NAME", help="Bank to register in. Default: `default`.")
@click.option("--title", metavar="TEXT", help="Title. Other organizations may read it.")
@click.option("--manipulation", type=click.Choice(MANIPULATIONS), help="How it was made.")
@click.option("--claim", metavar="TEXT", help="What the fake claims to show.")
@click.option(
    "--reference", "references", multiple=True, metavar="URL", help="A fact-check; may be repeated."
)
@click.option(
    "--original",
    "originals",
    multiple=True,
    type=click.Path(path_type=str, readable=False),
    help="Genuine footage of all entries of this call; may be repeated.",
)
@described.options
@click.option("--one-entry", is_flag=True, help="Register all PATHs as one entry. Default: one entry each.")
@click.option("--hash-only", is_flag=True, help="Fingerprint on this machine and send no media.")
@options.json
@options.service
def register(
    paths: tuple[str, ...],
    recursive: bool,
    bank: str | None,
    title: str | None,
    manipulation: str | None,
    claim: str | None,
    references: tuple[str, ...],
    originals: tuple[str, ...],
    described: Mapping[str, Any],
    one_entry: bool,
    hash_only: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Register each PATH as a known fake, and wait until it is matchable.

    Its originals become matchable with it. Registering a file again changes nothing, and the output says so.
    """
    named_files = files.named(paths, recursive=recursive)
    description = submission.Description(bank, title, manipulation, claim, references, described)
    entries = submission.entries(named_files, [files.check(path) for path in originals], one_entry=one_entry)
    with Bars() as bars:
        report = Report(bars, as_json=as_json)
        try:
            make = local.fingerprinter(otherwise="Leave --hash-only out") if hash_only else None
            client = service.connect()
        except FakeprintError as error:
            report.all_failed(named_files, error)
            return report.status
        with client:
            searches = waiting.Searches()
            submit = submission.submitter(client, description, bars, make)
            # Fingerprint one file at a time: it uses all cores.
            at_once, patience = (UPLOADS, 0.0) if make is None else (1, ahead.PATIENCE)
            with ahead.running(
                submit, entries, at_once=at_once, deadline=client.deadline, patience=patience
            ) as futures:
                for entry, future in zip(entries, futures, strict=True):
                    waiting.finish(client, entry, future, report, bars, searches)
    return report.status
