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


@click.command(epilog=EPILOG, short_help="Register known fakes, and wait until they match.")
@options.paths
@click.option("--bank", metavar="NAME", help="The bank to register in; else your organization's first.")
@click.option("--title", metavar="TEXT", help="What a person calls it; strangers may read it.")
@click.option("--manipulation", type=click.Choice(MANIPULATIONS), help="How it was made.")
@click.option("--claim", metavar="TEXT", help="What the fake claims, or is said to show.")
@click.option(
    "--reference", "references", multiple=True, metavar="URL", help="A fact-check; may be repeated."
)
@click.option(
    "--original",
    "originals",
    multiple=True,
    type=click.Path(path_type=str, readable=False),
    help="The genuine footage, of every entry of this call; may be repeated.",
)
@described.options
@click.option("--one-entry", is_flag=True, help="All PATHs are one entry; else each is its own.")
@click.option("--hash-only", is_flag=True, help="Fingerprint here and send no media.")
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
    """Register each PATH as a known fake, and wait until it matches.

    Its originals become matchable with it. Registering a file again changes nothing and says so.
    """
    named = files.named(paths, recursive=recursive)
    said = submission.Said(bank, title, manipulation, claim, references, described)
    entries = submission.entries(named, [files.check(path) for path in originals], one_entry=one_entry)
    with Bars() as bars:
        report = Report(bars, as_json=as_json)
        try:
            make = local.fingerprinter(otherwise="Leave --hash-only out") if hash_only else None
            client = service.connect()
        except FakeprintError as error:
            report.all_failed(named, error)
            return report.status
        with client:
            submit = submission.submitter(client, said, bars, make)
            # One file is fingerprinted at a time: it takes all the cores it can use.
            at_once, patience = (UPLOADS, 0.0) if make is None else (1, ahead.PATIENCE)
            with ahead.running(
                submit, entries, at_once=at_once, deadline=client.deadline, patience=patience
            ) as futures:
                for entry, future in zip(entries, futures, strict=True):
                    waiting.finish(client, entry, future, report, bars)
    return report.status
