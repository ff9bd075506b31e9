"""`fakeprint entries withdraw`: take an entry back."""

from __future__ import annotations

from uuid import UUID

import click

from registry.catalogue.entries.commands import shown_entries
from registry.core.terminal import ending, options
from registry.core.terminal.report import print_json, told
from registry.persons.commands import consent
from registry.review.queue.model import WITHDRAWALS


@click.command(short_help="Take an entry of yours back.")
@click.argument("entry_id", metavar="ID", type=click.UUID)
@click.option("--code", type=click.Choice(WITHDRAWALS), required=True, help="Why.")
@click.option("--reason", metavar="TEXT", help="Why, in words; kept sealed. - reads stdin.")
@options.json
@options.service
@click.pass_obj
def withdraw(
    outer_json: bool | None,
    entry_id: UUID,
    code: str,
    reason: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Take an entry of yours back: it answers no lookup any more. Two reviewers restore it.

    \b
    Example:
      fakeprint entries withdraw 01890a5d-… --code mistaken --reason "It is another clip."
    """
    as_json = as_json or bool(outer_json)
    with told({"entry_id": str(entry_id)}, as_json=as_json):
        said = consent.read_text(reason) if reason == consent.STDIN else reason
        with service.connect() as client:
            body = {"reason_code": code, "reason": said}
            found = client.post(f"/v1/entries/{entry_id}/withdraw", body).body
    if as_json:
        print_json(found)
    else:
        for line in shown_entries.entry(found):
            click.echo(line)
    return ending.DONE
