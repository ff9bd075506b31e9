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
    retire_version,
    show_version,
    versions,
)
from registry.catalogue.fingerprints.store.refingerprinting import Version
from registry.core.service import Service, open_service
from registry.core.settings import settings
from registry.core.terminal import exit_status, options
from registry.core.terminal.report import error_report, print_json

_LOOKS: Final = 2.0
"""Seconds between two looks with --wait."""


@click.command()
@click.argument("algorithm", metavar="[NAME.VERSION]", required=False)
@click.option("--wait", is_flag=True, help="Say how far it is, until no job is left.")
@click.option("--end", "over", is_flag=True, help="Have no more media read for it; what is there stays.")
@click.option("--retire", is_flag=True, help="Delete what this old version said, of all media.")
@options.json
def refingerprint(algorithm: str | None, *, wait: bool, over: bool, retire: bool, as_json: bool) -> int:
    """Read kept media again for another version of the model.

    The workers do it as bulk work, behind whatever anybody waits for. Both versions stand side by side
    meanwhile: whoever asks by the old one is answered by it, whoever asks by the new one by the new. What is
    registered meanwhile is read for both. Media that was not kept has its first version only; it is counted
    as `gone`. Run it with the workers' settings; without an algorithm it shows all versions.

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
                    _show(show_version(service, name), as_json=as_json)
            elif retire:
                gone = retire_version(service, algorithm)
                click.echo(f"{gone} media have forgotten {algorithm}", err=as_json)
            elif over:
                end_refingerprinting(service, algorithm)
                _show(show_version(service, algorithm), as_json=as_json)
            else:
                return _ask(service, algorithm, wait=wait, as_json=as_json)
    finally:
        service.close()
    return exit_status.DONE


def _ask(service: Service, algorithm: str, *, wait: bool, as_json: bool) -> int:
    now = ask_refingerprinting(service, algorithm)
    while wait and now.lacking > now.failed:
        click.echo(f"{now.have} have it, {now.lacking} to go, {now.failed} failed", err=True)
        time.sleep(_LOOKS)
        now = show_version(service, algorithm)
    _show(now, as_json=as_json)
    return exit_status.NOT_ANSWERED if wait and now.failed else exit_status.DONE


def _show(version: Version, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(version))
        return
    used = " (lookups ask by it)" if version.algorithm == SSCD.name else ""
    asked = ", is asked for" if version.asked else ""
    click.echo(
        f"{version.algorithm}{used}{asked}: {version.have} media have it, {version.lacking} kept ones lack it"
    )
    if version.failed:
        click.echo(f"  {version.failed} failed: fakeprint admin job list")
    if version.gone:
        click.echo(f"  {version.gone} lack it and were not kept")
