"""`fakeprint admin relink`: look for entries with the same footage again."""

from __future__ import annotations

import click

from registry.core.terminal.api_command import sends


@click.command("relink")
@click.argument("entries", metavar="[ENTRY]...", nargs=-1, type=click.UUID)
@sends(
    "POST /v1/entries/relink",
    "{entries} to be looked at again; see: fakeprint entries ID --related",
    example=("admin relink 01890a5d-…", "admin relink"),
)
def relink() -> None:
    """Look for entries with the same footage again.

    For those named, or for all of your organization, a few at a time. The workers do it; what was found
    stands meanwhile. It happens by itself after registration and after an upgrade that looks otherwise.
    """
