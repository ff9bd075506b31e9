"""`fakeprint admin relink`: look for entries with the same footage again."""

from __future__ import annotations

from uuid import UUID

import click

from registry.core.terminal import ending, options
from registry.core.terminal.report import print_json, told


@click.command("relink")
@click.argument("entry_ids", metavar="[ENTRY]...", nargs=-1, type=click.UUID)
@options.json
@options.service
def relink(entry_ids: tuple[UUID, ...], as_json: bool, service: options.Service) -> int:
    """Look for entries with the same footage again.

    For those named, or for all of your organization, a few at a time. The workers do it; what was found
    stands meanwhile. It happens by itself after registration and after an upgrade that looks otherwise.

    \b
    Examples:
      fakeprint admin relink 01890a5d-…
      fakeprint admin relink
    """
    body = {"entries": [str(id_) for id_ in entry_ids]} if entry_ids else {}
    with told({}, as_json=as_json), service.connect() as client:
        asked = client.post("/v1/entries/relink", body).body
    if as_json:
        print_json(asked)
    else:
        click.echo(f"{asked['entries']} to be looked at again; see: fakeprint entries ID --related")
    return ending.DONE
