"""`fakeprint refingerprint`: fingerprint stored media again with another version of the model."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Final

import click

from registry.catalogue.fingerprints.model.algorithms import SSCD
from registry.catalogue.fingerprints.service import (
    ask_refingerprinting,
    end_refingerprinting,
    get_version,
    retire_version,
    versions,
)
from registry.catalogue.fingerprints.store.refingerprinting import Version
from registry.core.service import Service, open_service
from registry.core.settings import settings
from registry.core.terminal import exit_status, options
from registry.core.terminal.report import error_report, print_json

_LOOKS: Final = 2.0
"""Seconds between two checks of the progress with --wait."""


@click.command()
@click.argument("algorithm", metavar="[NAME.VERSION]", required=False)
@click.option("--wait", is_flag=True, help="Print the progress until no job is left.")
@click.option(
    "--end", "over", is_flag=True, help="Stop fingerprinting for this version. Existing values stay."
)
@click.option("--retire", is_flag=True, help="Delete the values of this old version for all media.")
@options.json
def refingerprint(algorithm: str | None, *, wait: bool, over: bool, retire: bool, as_json: bool) -> int:
    """Fingerprint stored media again with another version of the model.

    Workers do this as bulk work, after everything that somebody waits for. Both versions are stored
    meanwhile, and a lookup is answered with the version of its document. Media registered meanwhile gets both
    versions. Media that is not kept has only its first version; it is counted as `gone`. Run this with the
    workers' settings. Without an algorithm it shows all versions.

    \b
    Examples:
      fakeprint refingerprint
      fakeprint refingerprint sscd.2 --wait
      fakeprint refingerprint sscd.2 --end
      fakeprint refingerprint sscd.1 --retire
    """
    if over + retire + wait > 1 or (algorithm is None and over + retire + wait):
        raise click.UsageError("Give NAME.VERSION and one of --wait, --end, --retire.")
    service = open_service(settings())
    try:
        with error_report({"algorithm": algorithm} if algorithm else {}, as_json=as_json):
            if algorithm is None:
                for name in versions():
                    _show(get_version(service, name), as_json=as_json)
            elif retire:
                count = retire_version(service, algorithm)
                click.echo(f"deleted {algorithm} of {count} media", err=as_json)
            elif over:
                end_refingerprinting(service, algorithm)
                _show(get_version(service, algorithm), as_json=as_json)
            else:
                return _ask(service, algorithm, wait=wait, as_json=as_json)
    finally:
        service.close()
    return exit_status.DONE


def _ask(service: Service, algorithm: str, *, wait: bool, as_json: bool) -> int:
    progress = ask_refingerprinting(service, algorithm)
    while wait and progress.lacking > progress.failed:
        click.echo(f"{progress.have} have it, {progress.lacking} to go, {progress.failed} failed", err=True)
        time.sleep(_LOOKS)
        progress = get_version(service, algorithm)
    _show(progress, as_json=as_json)
    return exit_status.NOT_ANSWERED if wait and progress.failed else exit_status.DONE


def _show(version: Version, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(version))
        return
    used = " (used by lookups)" if version.algorithm == SSCD.name else ""
    requested = ", requested" if version.asked else ""
    have, lacking = version.have, version.lacking
    click.echo(f"{version.algorithm}{used}{requested}: {have} media have it, {lacking} kept ones lack it")
    if version.failed:
        click.echo(f"  {version.failed} failed: fakeprint admin job list")
    if version.gone:
        click.echo(f"  {version.gone} lack it and were not kept")
