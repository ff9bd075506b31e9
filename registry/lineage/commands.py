"""`fakeprint admin relink`: search entries with the same footage again."""

from __future__ import annotations

import click

from registry.core.terminal.api_command import sends


@click.command("relink")
@click.argument("entries", metavar="[ENTRY]...", nargs=-1, type=click.UUID)
@sends(
    "POST /v1/entries/relink",
    "{entries} entries will be searched again; see: fakeprint entries ID --related",
    example=("admin relink 01890a5d-…", "admin relink"),
)
def relink() -> None:
    """Search entries with the same footage again, for these entries or for all of your organization.

    Workers search a few entries at a time; present links stay meanwhile. A search also runs after each
    registration, and after an upgrade that searches differently.
    """
